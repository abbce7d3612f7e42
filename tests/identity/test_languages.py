"""A text of the cluster that is there in one language only is marked as being in it, on the pages of the other."""

from html.parser import HTMLParser

import pytest

from cluster_portal.base.bilingual import Bilingual
from cluster_portal.identity.models import Identity

pytestmark = pytest.mark.django_db

TEXTS = {name for name, attribute in vars(Identity).items() if isinstance(attribute, Bilingual)}
# The name is there in both languages; where these two are shown no language can be marked (meta, titles).
NOT_IN_A_PAGE = {"name", "short_name", "description"}
PAGES = {
    "lt": ["/", "/apie/", "/kaip-prisijungti/"],
    "en": ["/en/", "/en/about/", "/en/how-to-join/"],
}
VOID = {"meta", "link", "img", "br", "hr", "input", "source", "path", "circle", "rect", "line", "polyline", "use"}


class LanguageReader(HTMLParser):
    """Notes the language of each text that begins with `word-of-`, as the elements around it say."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[tuple[str, str]] = []
        self.languages: dict[str, set[str]] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            around = self.open[-1][1] if self.open else ""
            self.open.append((tag, dict(attrs).get("lang") or around))

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        for word in data.split():
            if word.startswith("word-of-") and self.open[-1][0] not in ("title", "script"):
                self.languages.setdefault(word.strip(".").removeprefix("word-of-"), set()).add(self.open[-1][1])


@pytest.mark.parametrize(("language", "other"), [("lt", "en"), ("en", "lt")])
def test_a_text_in_the_other_language_says_so(client, founders, language, other):
    texts = {f"{name}_{other}": f"word-of-{name}" for name in TEXTS - {"name"}}
    Identity.objects.update(**texts, **{f"{name}_{language}": "" for name in TEXTS - {"name"}})
    reader = LanguageReader()
    for page in PAGES[language]:
        reader.feed(client.get(page).content.decode())
    assert reader.languages == {name: {other} for name in TEXTS - NOT_IN_A_PAGE}
