"""The post that announces an admission: facts only, in both languages, with the Lithuanian gender right."""

import re
from datetime import date

from django.template.loader import render_to_string
from django.utils import formats, timezone, translation

from cluster_portal.base.database import lock_table
from cluster_portal.identity.current import identity
from members.models import Kind, Member, Organisation
from news.models import Post

FEMININE, MASCULINE = "nare", "nariu"

# Legal forms that make any name a company's (bendrovė, įmonė, bendrija: feminine).
COMPANY_FORMS = {"uab", "ab", "mb", "iį", "vį", "sį", "tūb", "kūb", "žūb", "oü", "sia", "gmbh", "ltd"}
# Legal forms of other bodies (įstaiga: feminine); a describing noun beside them decides first.
OTHER_FORMS = {"všį", "bį"}
# The noun at the head of a describing name. Nominatives only: "universiteto" belongs to another's name.
HEAD_NOUNS = {
    **dict.fromkeys(
        (
            "bendrovė",
            "įmonė",
            "zona",
            "lez",
            "bendrija",
            "įstaiga",
            "asociacija",
            "kolegija",
            "akademija",
            "mokykla",
            "institucija",
            "organizacija",
            "sąjunga",
            "konfederacija",
            "federacija",
            "agentūra",
            "laboratorija",
            "draugija",
            "taryba",
            "savivaldybė",
            "ligoninė",
            "klinika",
            "grupė",
            "gamykla",
            "gimnazija",
            "biblioteka",
            "platforma",
        ),
        FEMININE,
    ),
    **dict.fromkeys(
        (
            "universitetas",
            "institutas",
            "parkas",
            "fondas",
            "centras",
            "klasteris",
            "tinklas",
            "fakultetas",
            "bankas",
            "susivienijimas",
            "slėnis",
            "inkubatorius",
            "forumas",
            "aljansas",
            "konsorciumas",
            "muziejus",
            "kooperatyvas",
            "biuras",
            "departamentas",
            "rūmai",
        ),
        MASCULINE,
    ),
}
# English names are read by the Lithuanian noun that they stand for.
ENGLISH_NOUNS = {
    **dict.fromkeys(
        (
            "company",
            "zone",
            "fez",
            "association",
            "academy",
            "college",
            "school",
            "group",
            "agency",
            "laboratory",
        ),
        FEMININE,
    ),
    **dict.fromkeys(
        (
            "university",
            "institute",
            "park",
            "fund",
            "centre",
            "center",
            "cluster",
            "network",
            "hub",
            "valley",
        ),
        MASCULINE,
    ),
}
QUOTED = re.compile(r"[„“”\"«](.*?)[“”\"»]")
QUOTATION_MARKS = re.compile(r"[„“”\"«»]")
WORD = re.compile(r"[^\W\d_]+")
# Python-Markdown's escapable characters; "<" and "&" have no backslash form and become entities.
MARKDOWN = re.compile(r"([\\`*_{}\[\]()>#+\-.!|])")


def announce(member: Member) -> Post:
    """Publishes the post on `member`'s admission and returns it; the caller's transaction holds it too."""
    lock_table(Post)
    post = announcement(member)
    joined = member.joined_on or timezone.localdate()
    post.body_lt, post.body_en = (body(member, joined, language) for language in ("lt", "en"))
    post.save()
    return post


def announcement(member: Member) -> Post:
    """The post without its text, neither published nor saved yet; nor need `member` be."""
    title_lt, title_en = titles(member)
    return Post(
        slug=Post.free_slug(f"{member.slug}-tapo-{membership_noun(member)}"),
        title_lt=title_lt,
        title_en=title_en,
        summary_lt=member.summary_lt,
        summary_en=member.summary_en,
        status=Post.Status.PUBLISHED,
        member=member,
    )


def titles(organisation: Organisation) -> tuple[str, str]:
    """The Lithuanian and the English title of the announcement on a member, or on an application."""
    noun, cluster = membership_noun(organisation), identity()
    return (
        f"{quoted_name(organisation)} tapo {cluster.name_genitive_lt} {noun}",
        f"{one_line(organisation.name)} joins the {cluster.name_en}",
    )


def membership_noun(organisation: Organisation) -> str:
    """What the organisation became, „nare“ or „nariu“, in the gender of the noun that names it.

    The rule, from the glossary (a company or zone „tapo nare“, a university, institute, park or fund
    „tapo nariu“); the first match decides:
    1. a company's legal form in either name: bendrovė, įmonė, bendrija → nare (UAB „Saulės parkas“ too);
    2. the last describing noun outside quotation marks in the name, then VšĮ or BĮ (įstaiga → nare)
       outside them, then a noun inside them; the same for the full legal name;
    3. a company → nare; any other body → nariu, the unmarked form.
    """
    names = [organisation.name, organisation.legal_name]
    if any(COMPANY_FORMS & set(words(QUOTED.sub(" ", name))) for name in names):
        return FEMININE
    for name in names:
        outside = words(QUOTED.sub(" ", name))
        if gender := head_gender(outside):
            return gender
        if OTHER_FORMS & set(outside):
            return FEMININE
        if gender := head_gender(words(name)):
            return gender
    return FEMININE if organisation.kind == Kind.COMPANY else MASCULINE


def quoted_name(organisation: Organisation) -> str:
    """The name as a Lithuanian sentence writes it: „Alfa“, UAB „Alfa“, Kauno universitetas.

    Lithuanian quotes symbolic names, not those that describe (they end in a noun such as universitetas);
    a company's name is always taken for a symbolic one. Marks already there stay.
    """
    name = one_line(organisation.name)
    if QUOTATION_MARKS.search(name):
        return name
    first, _, rest = name.partition(" ")
    if rest and first.lower() in COMPANY_FORMS | OTHER_FORMS:
        is_description = first.lower() in OTHER_FORMS and describes(rest)
        return name if is_description else f"{first} „{rest}“"
    before, comma, last = name.rpartition(", ")
    if comma and last.lower() in COMPANY_FORMS | OTHER_FORMS:
        return f"{last} „{before}“"
    legal_form = COMPANY_FORMS & set(words(QUOTED.sub(" ", organisation.legal_name)))
    if organisation.kind != Kind.COMPANY and not legal_form and describes(name):
        return name
    return f"„{name}“"


def describes(name: str) -> bool:
    """Whether the name ends in a Lithuanian noun that says what the organisation is."""
    return any(word in HEAD_NOUNS for word in words(name)[-1:])


def head_gender(names_words: list[str]) -> str | None:
    """The gender of the last known noun among the words, or None."""
    nouns = HEAD_NOUNS | ENGLISH_NOUNS
    return next((nouns[word] for word in reversed(names_words) if word in nouns), None)


def words(text: str) -> list[str]:
    return WORD.findall(text.lower())


def one_line(text: str) -> str:
    return " ".join(text.split())


def escape_markdown(text: str) -> str:
    """`text` on one line, to be shown letter for letter where Markdown is rendered."""
    return MARKDOWN.sub(r"\\\1", one_line(text).replace("&", "&amp;").replace("<", "&lt;"))


def body(member: Member, joined: date, language: str) -> str:
    """The announcement's text as Markdown in `language` ("lt" or "en")."""
    with translation.override(language):
        context = {
            "name": escape_markdown(quoted_name(member) if language == "lt" else member.name),
            "noun": membership_noun(member),
            "cluster": escape_markdown(identity().genitive),
            "legal_name": escape_markdown(member.legal_name) if member.legal_name != member.name else "",
            "date": formats.date_format(joined, "DATE_FORMAT"),
            "municipality": escape_markdown(member.municipality.name) if member.municipality else "",
            "summary": escape_markdown(member.summary_lt if language == "lt" else member.summary_en),
            "summary_lt": escape_markdown(member.summary_lt),
            "areas": ", ".join(escape_markdown(area.name[:1].lower() + area.name[1:]) for area in member.areas.all()),
            "offers": ", ".join(escape_markdown(tag) for tag in member.offers),
            "seeks": ", ".join(escape_markdown(tag) for tag in member.seeks),
            "is_example": member.is_example,
            "url": member.get_absolute_url(),
        }
        text = render_to_string(f"news/announcement_{language}.md", context)
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"
