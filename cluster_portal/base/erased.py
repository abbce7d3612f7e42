"""The addresses that stand for people whose data have been erased."""

DOMAIN = "anonymised.invalid"  # RFC 2606: no email ever gets there


def stand_in(number: int) -> str:
    """The address of the person with this number, once nobody may know who it was."""
    return f"person-{number}@{DOMAIN}"


def is_erased(address: str) -> bool:
    return address.endswith(f"@{DOMAIN}")
