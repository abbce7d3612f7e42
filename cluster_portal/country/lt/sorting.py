"""The order of the Lithuanian alphabet, in PostgreSQL itself."""

from django.db import models
from django.db.models import F, Func, TextField, Value
from django.db.models.functions import Lower, Replace

# Quotation marks and legal forms are not part of a name when names are compared or sorted.
QUOTATION_MARKS = "„“”\"'‘’«»"
# ą, ę, ė, į, y, ų, ū sort with a, e, e, i, i, u, u; č, š, ž are letters of their own after c, s, z (glossary).
SAME_LETTER = ("ąęėįyųū", "aeeiiuu")
OWN_LETTER = {"č": "c~", "š": "s~", "ž": "z~"}


class TranslatedLetters(Func):
    function = "translate"
    output_field = TextField()


class Joined(Func):
    """`a || b || c`: null where one of them is null."""

    template = "(%(expressions)s)"
    arg_joiner = " || "
    output_field = TextField()


def sort_key_field(source: str) -> models.GeneratedField:
    """A generated column that sorts `source` in the Lithuanian alphabet under the "C" collation.

    It equals ICU's lt-x-icu order, which the embedded server lacks: letters first; diacritics only break ties (the
    lower-cased name follows after a separator that sorts before every letter). Letters of other alphabets
    sort as their plain ones.
    """
    marked, plain_letters = SAME_LETTER
    # translate() drops the characters that have no counterpart: the quotation marks
    plain: Func = TranslatedLetters(Lower(F(source)), Value(marked + QUOTATION_MARKS), Value(plain_letters))
    for letter, key in OWN_LETTER.items():
        plain = Replace(plain, Value(letter), Value(key), output_field=TextField())
    return models.GeneratedField(
        expression=Joined(Func(plain, function="f_unaccent"), Value("\x01"), Lower(F(source))),
        output_field=models.TextField(db_collation="C"),
        db_persist=True,
    )
