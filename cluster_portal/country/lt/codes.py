"""Codes of Lithuanian organisations: the company code and the VAT code."""

import re

from stdnum.exceptions import ValidationError as NumberError
from stdnum.lt import pvm


def check_digit(first_eight: str) -> str:
    """The ninth digit of a company code from its first eight (the rule is in the glossary)."""
    digits = [int(digit) for digit in first_eight]
    check = sum(weight * digit for weight, digit in zip(range(1, 9), digits, strict=True)) % 11
    if check == 10:
        check = sum(weight * digit for weight, digit in zip((3, 4, 5, 6, 7, 8, 9, 1), digits, strict=True)) % 11
    return str(check % 10)


def clean_code(text: str) -> str:
    """`text` as codes are kept: capitals without spaces, dots and dashes ("lt 100 001 919 017" → "LT100001919017")."""
    return re.sub(r"[\s.\-–]", "", text).upper()


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
