"""Search that understands Lithuanian, in PostgreSQL itself.

The functions behind the expressions (`f_unaccent`, `member_query`, the configuration `lt_unaccent`) are made by the
first migrations of members.
"""

import re
from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.search import SearchQueryField
from django.db import connections, models
from django.db.models import Expression, F, FloatField, Func, TextField, Value
from django.db.models.functions import Cast
from django.utils.translation import ngettext

from cluster_portal.base.text import clean_line

# Of a longer query this much is looked for, and the page says so: the cost of a search stays bounded.
QUERY_LENGTH = 100
QUERY_WORDS = 8
# Legal forms and small words stand in some names and not in others; they decide nothing unless they are all there is.
SMALL_WORDS = frozenset(
    (
        "uab", "ab", "mb", "všį", "vsi", "vši", "iį", "ii", "vį", "bį", "žūb", "kb", "tūb", "kūb", "ltd", "llc",
        "ir", "bei", "arba", "su", "iš", "į", "prie", "the", "and", "of", "for", "in", "a",
        "www", "http", "https", "lt", "eu", "com",
    )
)  # fmt: skip
# A whole company code (nine digits, once seven) or VAT code.
CODE = re.compile(r"[0-9]{7}|[0-9]{9}|lt[0-9]{9}|lt[0-9]{12}")


def searched(text: str) -> tuple[str, str]:
    """What is searched for of a text as typed, on one line; and in words by how much it is too long, or nothing."""
    text = clean_line(text)
    excess = len(text) - QUERY_LENGTH
    if excess <= 0:
        return text, ""
    refusal = ngettext(
        "The search is %(excess)d character too long: only the first %(limit)d are looked for.",
        "The search is %(excess)d characters too long: only the first %(limit)d are looked for.",
        excess,
    )
    return text[:QUERY_LENGTH], refusal % {"excess": excess, "limit": QUERY_LENGTH}


def query_words(query: str) -> list[str]:
    """The words of what a visitor typed: at most QUERY_WORDS, in lower case, without small words; codes alone."""
    words = re.findall(r"[^\W_]+", query[:QUERY_LENGTH].lower())
    # A code is an organisation's identity: the words beside it ("įmonės kodas", "PVM") decide nothing.
    if codes := [word for word in words if CODE.fullmatch(word)]:
        return codes[:QUERY_WORDS]
    return ([word for word in words if word not in SMALL_WORDS] or words)[:QUERY_WORDS]


def search_name_field() -> models.GeneratedField:
    """A generated column: the names in the shape in which words are compared, for the order of what is found."""
    names = Func(F("name"), Value(" "), F("legal_name"), function="f_join", output_field=TextField())
    return models.GeneratedField(
        expression=Func(names, function="bare", output_field=TextField()),
        output_field=models.TextField(),
        db_persist=True,
    )


class Found(Func):
    """`search_vector @@ query`: whether a row has all the words."""

    template = "(%(expressions)s)"
    arg_joiner = " @@ "
    output_field = models.BooleanField()


class Precomputed(Func):
    """`(SELECT function(…))`: worked out once, before the rows are looked at, so that an index can answer for it."""

    template = "(SELECT %(function)s(%(expressions)s))"


class IsOneOf(Func):
    """`value = ANY (array)`."""

    template = "(%(expressions)s))"
    arg_joiner = " = ANY ("
    output_field = models.BooleanField()


def array(words: list[str]) -> Cast:
    return Cast(Value(words), ArrayField(TextField()))


class SearchQuerySet(models.QuerySet):
    """Rows with a `search_vector`; `corrections` names the SQL function that corrects a query's words."""

    corrections: str
    title_field: str

    def search(self, query: str) -> Self:
        """Those that `query` finds, the best first, names before descriptions; an empty query finds everyone.

        Words are found in any case, ending and with or without diacritics, while they are typed. Where no row has all
        of them, words that no row has are taken for typos (`corrected`).
        """
        if not clean_line(query):
            return self
        words = query_words(query)
        corrected = Func(array(words), function=self.corrections, output_field=ArrayField(TextField()))
        return self.matching(corrected) if words else self.none()

    def search_words(self, words: list[str]) -> Self:
        """Those that have all the `words`, the best first; no word finds no one."""
        return self.matching(array(words)) if words else self.none()

    def matching(self, words: Expression) -> Self:
        query = Precomputed(words, function="member_query", output_field=SearchQueryField())
        phrase = Func(words, Value(" "), function="array_to_string", output_field=TextField())
        typed = Precomputed(phrase, function="bare", output_field=TextField())
        rank = Func(
            F("search_vector"), F(self.title_field), typed, query, function="search_rank", output_field=FloatField()
        )
        found = Found(F("search_vector"), query)
        return self.filter(found).order_by(rank.desc(), *(self.model._meta.ordering or ()))

    def corrected(self, words: list[str]) -> list[str]:
        """`words` where some public row has them all, else with the nearest known words in place of unknown ones."""
        with connections[self.db].cursor() as cursor:
            cursor.execute(f"SELECT {self.corrections}(%s::text[])", [words])
            return cursor.fetchone()[0]
