"""Names of organisations in Lithuanian sentences: their gender, and their quotation marks."""

import re

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
IN_QUOTES = re.compile(r"[„“”\"«»]")
WORD = re.compile(r"[^\W\d_]+")


def membership_noun(name: str, legal_name: str, is_company: bool) -> str:
    """What an organisation became, „nare“ or „nariu“, in the gender of the noun that names it.

    The rule, from the glossary (a company or zone „tapo nare“, a university, institute, park or fund
    „tapo nariu“); the first match decides:
    1. a company's legal form in either name: bendrovė, įmonė, bendrija → nare (UAB „Saulės parkas“ too);
    2. the last describing noun outside quotation marks in the name, then VšĮ or BĮ (įstaiga → nare)
       outside them, then a noun inside them; the same for the full legal name;
    3. a company → nare; any other body → nariu, the unmarked form.
    """
    names = [name, legal_name]
    if any(COMPANY_FORMS & set(words(QUOTED.sub(" ", each))) for each in names):
        return FEMININE
    for each in names:
        outside = words(QUOTED.sub(" ", each))
        if gender := head_gender(outside):
            return gender
        if OTHER_FORMS & set(outside):
            return FEMININE
        if gender := head_gender(words(each)):
            return gender
    return FEMININE if is_company else MASCULINE


def quoted_name(name: str, legal_name: str, is_company: bool) -> str:
    """An organisation's name as a Lithuanian sentence writes it: „Alfa“, UAB „Alfa“, Kauno universitetas.

    Lithuanian quotes symbolic names, not those that describe (they end in a noun such as universitetas);
    a company's name is always taken for a symbolic one. Marks already there stay.
    """
    name = one_line(name)
    if IN_QUOTES.search(name):
        return name
    first, _, rest = name.partition(" ")
    if rest and first.lower() in COMPANY_FORMS | OTHER_FORMS:
        is_description = first.lower() in OTHER_FORMS and describes(rest)
        return name if is_description else f"{first} „{rest}“"
    before, comma, last = name.rpartition(", ")
    if comma and last.lower() in COMPANY_FORMS | OTHER_FORMS:
        return f"{last} „{before}“"
    legal_form = COMPANY_FORMS & set(words(QUOTED.sub(" ", legal_name)))
    if not is_company and not legal_form and describes(name):
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
