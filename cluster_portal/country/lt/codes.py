"""Codes of Lithuanian organisations: the company code and the VAT code."""

import re
from typing import Any

from django import forms
from django.db import models
from stdnum.exceptions import ValidationError as NumberError
from stdnum.lt import pvm

from cluster_portal.base.text import CleanField, clean_line

# Blanks, full stops, and every kind of hyphen and dash
BETWEEN_DIGITS = re.compile("[\\s.\\-\u2010-\u2015\u2212]")


def check_digit(first_eight: str) -> str:
    """The ninth digit of a company code from its first eight (the rule is in the glossary)."""
    digits = [int(digit) for digit in first_eight]
    check = sum(weight * digit for weight, digit in zip(range(1, 9), digits, strict=True)) % 11
    if check == 10:
        check = sum(weight * digit for weight, digit in zip((3, 4, 5, 6, 7, 8, 9, 1), digits, strict=True)) % 11
    return str(check % 10)


def clean_code(text: str) -> str:
    """`text` as codes are kept: capitals without spaces, dots and dashes ("110 053-842" → "110053842")."""
    return BETWEEN_DIGITS.sub("", clean_line(text)).upper()


def clean_vat_code(text: str) -> str:
    """The same of a VAT code; digits alone get the country's letters ("100 001 919 017" → "LT100001919017")."""
    code = clean_code(text)
    return f"LT{code}" if re.fullmatch("[0-9]{9}|[0-9]{12}", code) else code


def company_code_is_valid(code: str) -> bool:
    """Whether the check digit of `code` is right. Seven digits (before 2004) carry none and hold."""
    if re.fullmatch(r"[0-9]{7}", code):
        return True
    return bool(re.fullmatch(r"[0-9]{9}", code)) and check_digit(code[:8]) == code[8]


def vat_code_is_valid(code: str) -> bool:
    """Whether `code`, LT and nine or twelve digits, has the right check digits."""
    if not re.fullmatch(r"LT([0-9]{9}|[0-9]{12})", code):
        return False
    try:
        pvm.validate(code)
    except NumberError:
        return False
    return True


class CodeField(CleanField, models.CharField):
    """A company code. A form takes it however it is typed; how long it is, the validators of its shape say."""

    clean_value = staticmethod(clean_code)

    @property
    def validators(self) -> Any:
        """A new list each time, so that CharField does not add its own of the length, which would say the same again."""
        return list(super().validators)

    def formfield(self, **kwargs: Any) -> Any:
        code: Any = super().formfield(**{**kwargs, "form_class": TypedCode, "max_length": None})
        code.clean_value = type(self).clean_value
        return code


class VatCodeField(CodeField):
    """A VAT code."""

    clean_value = staticmethod(clean_vat_code)


class TypedCode(forms.CharField):
    """A code in a form: cleaned before it is looked at."""

    clean_value = staticmethod(clean_code)

    def to_python(self, value: Any) -> str:
        return self.clean_value(super().to_python(value) or "")
