"""The kinds of mail that the portal writes: what each is for and which placeholders its words may use.

An app declares its kinds in its `mail_kinds.py`, which is imported at the start. The default words of a kind are
`templates/<template>_<language>.txt`; `words.py` says how they are written.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Context = Mapping[str, Any]

HAS_ACCOUNT = _("You received this email because you have an account in the cluster’s portal.")
GAVE_ADDRESS = _("You received this email because your address was entered in the cluster’s portal.")
SUBSCRIBED = _("You received this email because you subscribed to the cluster’s news.")


@dataclass(frozen=True)
class Placeholder:
    """One thing that an email's words may name as {name}.

    `value` takes it from the context of `queue_mails`, in the recipient's language. Words without a `required` one
    are refused: an email with a log-in code is nothing without the code.
    """

    name: str
    meaning: str | Promise
    example: str | Promise
    value: Callable[[Context], object]
    is_link: bool = False
    required: bool = False


@dataclass(frozen=True)
class EmailKind:
    """One kind of mail. `announcement`: which announcement it is, for emails that one may choose not to get. `urgent`:
    somebody has just asked for it and waits, so it leaves before all others, whatever the rate.
    """

    template: str
    title: str | Promise
    placeholders: tuple[Placeholder, ...]
    reason: str | Promise = HAS_ACCOUNT
    announcement: str = ""
    urgent: bool = False

    def placeholder(self, name: str) -> Placeholder | None:
        return next((placeholder for placeholder in self.placeholders if placeholder.name == name), None)


KINDS: dict[str, EmailKind] = {}


def register(kinds: Iterable[EmailKind]) -> None:
    """Make kinds known, in the order in which the coordinator sees them."""
    KINDS.update((kind.template, kind) for kind in kinds)
