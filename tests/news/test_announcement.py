"""The announcement of an admission: its gender, its quotation marks, its facts."""

import pytest
from django.db import transaction
from django.utils import translation

from cluster_portal.base.known import known
from members.models import Area, Member
from news.announcement import announce, titles
from news.models import Post
from tests import factories

pytestmark = pytest.mark.django_db

NAMES = [
    (
        "Marijampolės LEZ",
        "UAB „Marijampolės laisvosios ekonominės zonos valdymo bendrovė“",
        "company",
        "„Marijampolės LEZ“",
        "nare",
    ),
    ("Aedilis", "", "company", "„Aedilis“", "nare"),
    ("UAB „Baltled“", "", "company", "UAB „Baltled“", "nare"),
    ("UAB Proftools", "", "company", "UAB „Proftools“", "nare"),
    ("Proftools, UAB", "", "company", "UAB „Proftools“", "nare"),
    ("Saulės parkas", "UAB „Saulės parkas“", "company", "„Saulės parkas“", "nare"),
    ("Matavimo institutas", "AB „Matavimo institutas“", "other", "„Matavimo institutas“", "nare"),
    ("Dirbtuvė", "MB „Dirbtuvė“", "other", "„Dirbtuvė“", "nare"),
    ("Kauno technologijos universitetas", "", "institution", "Kauno technologijos universitetas", "nariu"),
    ("KTU", "Kauno technologijos universitetas", "institution", "„KTU“", "nariu"),
    ("Vilniaus universiteto Verslo mokykla", "", "institution", "Vilniaus universiteto Verslo mokykla", "nare"),
    ("Lietuvos energetikos institutas", "", "institution", "Lietuvos energetikos institutas", "nariu"),
    ("Fizinių ir technologijos mokslų centras", "", "institution", "Fizinių ir technologijos mokslų centras", "nariu"),
    ("Kauno kolegija", "", "institution", "Kauno kolegija", "nare"),
    ("Lietuvos mokslų akademija", "", "institution", "Lietuvos mokslų akademija", "nare"),
    (
        "Kauno mokslo ir technologijų parkas",
        "VšĮ „Kauno mokslo ir technologijų parkas“",
        "other",
        "Kauno mokslo ir technologijų parkas",
        "nariu",
    ),
    ("VšĮ Saulėtekio parkas", "", "other", "VšĮ Saulėtekio parkas", "nariu"),
    ("VšĮ „Inovacijų centras“", "", "other", "VšĮ „Inovacijų centras“", "nare"),
    ("Kauno laisvoji ekonominė zona", "", "other", "Kauno laisvoji ekonominė zona", "nare"),
    ("Pramonės plėtros fondas", "", "other", "Pramonės plėtros fondas", "nariu"),
    ("Lazerių klasteris", "", "other", "Lazerių klasteris", "nariu"),
    ("Inžinerijos tinklas", "", "other", "Inžinerijos tinklas", "nariu"),
    ("Asociacija „Žinių forumas“", "", "other", "Asociacija „Žinių forumas“", "nare"),
    ("Gamintojų asociacija", "", "other", "Gamintojų asociacija", "nare"),
    ("LINPRA", "Lietuvos inžinerinės pramonės asociacija", "other", "„LINPRA“", "nare"),
    ("Sunrise", "", "other", "„Sunrise“", "nariu"),
    ("Baltic Science Park", "", "other", "„Baltic Science Park“", "nariu"),
]


@pytest.mark.parametrize(("name", "legal_name", "kind", "subject", "noun"), NAMES, ids=[row[0] for row in NAMES])
def test_the_lithuanian_title_has_the_gender_and_quotation_marks_of_the_name(name, legal_name, kind, subject, noun):
    title, _english = titles(Member(name=name, legal_name=legal_name, kind=kind))
    assert title == f"{subject} tapo Gamybos inovacijų slėnio klasterio {noun}"


def test_the_english_title_gives_the_bare_name():
    title = titles(Member(name="Marijampolės LEZ"))[1]
    assert title == "Marijampolės LEZ joins the Production Innovation Valley cluster"


def test_announce_publishes_the_facts_in_both_languages(db):
    area = known(Area.objects.order_by("pk").first())
    member = factories.member(
        "Marijampolės LEZ",
        joined_on="2021-03-05",
        summary_lt="Kviečia gamintojus.",
        offers=["sklypai"],
        seeks=["gamintojai"],
    )
    member.areas.add(area)
    member.refresh_from_db()
    post = announce(member)
    assert list(Post.objects.published()) == [post]
    assert (post.slug, post.member) == ("marijampoles-lez-tapo-nare", member)
    with translation.override("lt"):
        html = post.html
    assert "2021&nbsp;m. kovo&nbsp;5&nbsp;d. „Marijampolės LEZ“ tapo Gamybos inovacijų slėnio klasterio nare." in html
    for fact in ("Kviečia gamintojus.", area.name_lt[1:], "sklypai", "gamintojai", f'href="/nariai/{member.slug}/"'):
        assert fact in html
    with translation.override("en"):
        html = post.html
    assert "On 5 March 2021 Marijampolės LEZ became a member of the Production" in html
    for fact in ('<span lang="lt">Kviečia gamintojus.</span>', area.name_en[1:], f'href="/en/members/{member.slug}/"'):
        assert fact in html


def test_a_name_is_shown_letter_for_letter(db):
    name = "A*b*_c_ [x](http://e.lt) <b>&amp; #1"
    post = announce(factories.member(name, legal_name="1. `UAB`\n\n# X"))
    for language in ("lt", "en"):
        with translation.override(language):
            html = post.html
        assert "A*b*_c_ [x](http://e.lt) &lt;b&gt;&amp;amp; #1" in html
        assert "1. `UAB` # X" in html
        assert ("<em>" in html, "<code>" in html, html.count("<a ")) == (False, False, 1)


def test_announcements_of_namesakes_get_addresses_of_their_own(db):
    member = factories.member("Aedilis")
    assert [announce(member).slug, announce(member).slug] == ["aedilis-tapo-nare", "aedilis-tapo-nare-2"]


def test_an_announcement_goes_with_the_transaction_that_made_it(db):
    with transaction.atomic():
        announce(factories.member("Aedilis"))
        transaction.set_rollback(True)
    assert Post.objects.count() == 0
