"""Text on the way in: what people type, paste, import and search for, brought to one form.

Two places see to it, so that no form has to: `CleanTextMiddleware` for all that a request brings, and the model fields
below for all that is kept, whoever writes it (an import, a command, a data file).

What is done: letters are composed (NFC: a Mac types "Š" as two characters), characters that nobody sees go, and a text of
one line has single blanks. A text with nothing to see in it is an empty one.
"""

import re
import unicodedata
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.db import models
from django.http import HttpRequest, QueryDict, UnreadablePostError
from django.http.response import HttpResponseBase
from django.utils.encoding import punycode
from django.utils.translation import gettext_lazy as _

LINE_BREAK = re.compile("\r\n|[\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
# Symbols that a variation selector or a joiner may turn into another picture.
EMOJI = "\u00a9\u00ae\u203c\u2049\u2122\u2139\u2190-\u21ff\u2300-\u27bf\u2900-\u297f\u2b00-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff"
# Controls, soft hyphen, zero-width characters, marks and overrides of direction (which make a headline run backwards),
# fillers, blanks of Braille and of hieroglyphs with what arranges these, a note without its head, what stands for a lost
# object, halves of characters, tags, and selectors that select nothing.
INVISIBLE = re.compile(
    "[\0-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200c\u200e\u200f"
    "\u202a-\u202e\u2060-\u206f\u2800\u3164\ufe00-\ufe0d\ufeff\uffa0\ufff0-\ufffc\ufffe\uffff\ud800-\udfff"
    "\U00013430-\U0001343f\U00013441\U00013442\U00016fe4\U0001bca0-\U0001bca3\U0001d159\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
    f"|(?<![{EMOJI}])[\ufe0e\ufe0f](?!\u20e3)"
)
# Blanks but a no-break space by itself.
BLANKS = re.compile(r"(?!(?<!\s)\xa0(?!\s))\s+")
# The joiner of emoji ("a family" is three of them joined); elsewhere nobody sees it.
LOOSE_JOINER = re.compile(f"(?<![{EMOJI}\ufe0f])\u200d|\u200d(?![{EMOJI}])")


def clean_text(text: str) -> str:
    """`text` in the form in which it is kept.

    Of several lines, blanks and indents stay as they are; of one, the no-break spaces between words, as in a date.
    """
    text = without_invisible(LINE_BREAK.sub("\n", text))
    if "\n" not in text.strip():
        text = BLANKS.sub(" ", text.strip())
    return text if is_visible(text) else ""


def clean_line(text: str) -> str:
    """`text` on one line: single blanks, and empty where there is nothing to see. For names, words that are searched for."""
    text = " ".join(without_invisible(LINE_BREAK.sub("\n", text)).split())
    return text if is_visible(text) else ""


def without_invisible(text: str) -> str:
    """`text` in NFC without the characters that nobody sees."""
    text = unicodedata.normalize("NFC", text)
    # Again, for what was dropped may have stood between a letter and its accent.
    return unicodedata.normalize("NFC", LOOSE_JOINER.sub("", INVISIBLE.sub("", text)))


def is_visible(text: str) -> bool:
    """Whether a text without invisible characters has a letter, figure, sign or picture: an accent by itself is none."""
    return any(unicodedata.category(character)[0] in "LNPS" for character in text)


def clean_address(address: str) -> str:
    """An email address in the form in which it is kept and shown, so that one mailbox is one: see `clean_domain`.

    The part before the "@" stays as typed. What is no address comes back cleaned, for the validators to refuse.
    """
    local, at, domain = clean_line(address).rpartition("@")
    return f"{local}{at}{clean_domain(domain)}" if at else domain


def clean_website(address: str) -> str:
    """The address of a website with its domain as domains are kept."""
    address = clean_line(address)
    with suppress(ValueError):
        if domain := urlsplit(address).netloc:
            return address.replace(domain, clean_domain(domain), 1)
    return address


def clean_domain(domain: str) -> str:
    """A domain as people read it, in lower case: "žalgiris.lt", also for its other form, "xn--algiris-cxb.lt".

    What is no domain stays as typed.
    """
    try:
        return domain.encode("idna").lower().decode("idna")
    except UnicodeError:
        return domain


def ascii_address(address: str) -> str:
    """A clean address as mail servers write it; Django does the same for recipients."""
    local, at, domain = address.rpartition("@")
    return f"{local}{at}{punycode(domain)}"


class CleanTextMiddleware:
    """Cleans what a request brings in its address and its form, for forms, the desk, searches and the API alike.

    Passwords stay as typed, and email addresses (`login`, `…email`) get the one form of their domain.
    """

    PASSWORD = re.compile("password")
    ADDRESS = re.compile(r"login$|(.*[-_])?email2?$")

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        for name in [name for name, value in request.COOKIES.items() if "\0" in value]:
            del request.COOKIES[name]  # none of ours, and the database of sessions could not be asked for it
        if request.META.get("QUERY_STRING"):
            request.GET = self.cleaned(request.GET, clean_line)
        if request.method == "POST":
            with suppress(UnreadablePostError):  # the visitor is gone; the form is empty from here on
                request.POST = self.cleaned(request.POST, clean_text)
        return self.get_response(request)

    def cleaned(self, fields: QueryDict, clean: Callable[[str], str]) -> Any:
        """The same fields with their values cleaned."""
        result = QueryDict(mutable=True, encoding=fields.encoding)
        for name, values in fields.lists():
            result.setlist(name, [self.clean_value(name, value, clean) for value in values])
        result._mutable = False
        return result

    def clean_value(self, name: str, value: str, clean: Callable[[str], str]) -> str:
        if self.PASSWORD.search(name):
            return value
        return clean_address(value) if self.ADDRESS.match(name) else clean(value)


class CleanField(models.Field):
    """What the fields of cleaned text share. For migrations they are Django's own: how text is cleaned is no matter of
    the table.
    """

    clean_value: Callable[[str], str]

    def to_python(self, value: Any) -> Any:
        value = super().to_python(value)
        return type(self).clean_value(value) if isinstance(value, str) else value

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        """The record itself shows what was written, as after a form."""
        value = super().pre_save(model_instance, add)
        if isinstance(value, str):
            value = self.to_python(value)
            setattr(model_instance, self.attname, value)
        return value

    def deconstruct(self) -> Any:
        name, _path, args, kwargs = super().deconstruct()
        base = next(base for base in type(self).__mro__ if base.__module__.startswith("django.db.models"))
        return name, f"django.db.models.{base.__name__}", args, kwargs


class LineField(CleanField, models.CharField):
    """A text of one line: a name, a title, a summary."""

    clean_value = staticmethod(clean_line)


class LongTextField(CleanField, models.TextField):
    """A text of paragraphs. Its length is the model's matter as well: Django leaves it to forms."""

    clean_value = staticmethod(clean_text)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.max_length is not None:
            self.validators.append(MaxLengthValidator(self.max_length))


class AddressField(CleanField, models.EmailField):
    """An email address."""

    clean_value = staticmethod(clean_address)


def refuse_mailbox(address: str) -> None:
    """Raises ValidationError for an email address in the place of a website's: a browser would go to its domain."""
    try:
        host = urlsplit(address).netloc
    except ValueError:
        return  # no address at all, which Django's own check says
    if "@" in host:
        raise ValidationError(_("This is an email address. Enter the address of the website."), "mailbox")


class WebsiteField(CleanField, models.URLField):
    """An address typed without its scheme is taken for https, as Django itself will from version 6 on."""

    clean_value = staticmethod(clean_website)
    default_validators = [*models.URLField.default_validators, refuse_mailbox]

    def formfield(self, **kwargs: Any) -> Any:
        return super().formfield(**{"assume_scheme": "https", **kwargs})
