"""Which words of a text the search has matched: by the same rules as in the database (`member_word_query`)."""

import re
import unicodedata
from functools import lru_cache

import snowballstemmer
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

WORD = re.compile(r"[^\W_]+")
WITHOUT_DOT = re.compile("e([js]e)$")
ADJECTIVE = re.compile("(?<=.{5})in$")
STEMMERS = {language: snowballstemmer.stemmer(language) for language in ("lithuanian", "english")}


@lru_cache(maxsize=4096)
def bare(word: str) -> str:
    """The word in lower case without diacritics."""
    return "".join(
        letter for letter in unicodedata.normalize("NFKD", word.lower()) if not unicodedata.combining(letter)
    )


@lru_cache(maxsize=4096)
def shapes(word: str) -> frozenset[str]:
    """The bare word and its stems; two words with a shape in common are forms of one word."""
    plain = bare(word)
    lithuanian, english = STEMMERS["lithuanian"], STEMMERS["english"]
    stem = bare(lithuanian.stemWord(WITHOUT_DOT.sub(r"ė\1", word.lower())))
    return frozenset({plain, stem, ADJECTIVE.sub("", stem), lithuanian.stemWord(plain), english.stemWord(plain)})


def matches(word: str, wanted: list[str]) -> bool:
    """Whether `word` is a form of one of the `wanted` words, or begins with it."""
    plain = bare(word)
    for each in wanted:
        typed = bare(each)
        # A cheap look first: forms of one word share its beginning.
        if plain[:2] == typed[:2] and ((len(typed) > 1 and plain.startswith(typed)) or shapes(word) & shapes(each)):
            return True
    return False


def matches_any(text: str, wanted: list[str]) -> bool:
    return any(matches(word, wanted) for word in WORD.findall(text))


def highlight(text: str, wanted: list[str]) -> SafeString:
    """`text` as HTML, escaped, with the matched words in <mark>."""
    parts, end = [], 0
    for found in WORD.finditer(text):
        if matches(found[0], wanted):
            parts += [conditional_escape(text[end : found.start()]), "<mark>", conditional_escape(found[0]), "</mark>"]
            end = found.end()
    parts.append(conditional_escape(text[end:]))
    return mark_safe("".join(parts))
