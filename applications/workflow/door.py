"""The one door to an application's state: what a verb declares, and the way through that every call of it takes.

A verb is a function that `@verb` declares: who may take it, from which statuses it leads where, what else must hold, and how
the coordinator's history tells it. Calling it opens a transaction, locks and re-reads the application, checks all that, and
only then runs the function, on the locked row. The database's own door to votes, recusals and ballots (see
`models/guard.py`) is open for that long. A refusal is an exception of `exceptions.py` and leaves everything as it was.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from typing import Any, ClassVar, Concatenate, Generic, ParamSpec, TypeVar

import pghistory
from django.db import connection, transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from applications.exceptions import NotEntitled, Refused, VotingClosed, WrongStatus
from applications.models import Application, Status
from cluster_portal.desk.permissions import is_coordinator
from members.models import User

By = TypeVar("By", bound=User | None)
P = ParamSpec("P")
R = TypeVar("R")


class Taker(Enum):
    """Who takes a verb."""

    APPLICANT = "the applicant"
    COORDINATOR = "the coordinator"
    VOTER = "a founder's voter"  # whether of an entitled founder, the verb itself asks: see `voting.entitled_founder`


@dataclass(frozen=True)
class HistoryLine:
    """How the coordinator's history tells a verb.

    `text` names the field of the history row with the words that went with it. `of_ballot`: the ballot's row tells it,
    and not the application's. `new_deadline`: where the verb sets one, how the minutes tell it, with the `%(moment)s`.
    """

    words: str | Promise
    text: str = ""
    of_ballot: bool = False
    new_deadline: str | Promise = ""


@dataclass(frozen=True, eq=False)
class Verb(Generic[By, P, R]):
    """A declared verb; called like the function that it was made of."""

    act: Callable[Concatenate[Application, By, P], R]
    taker: Taker
    sources: tuple[Status, ...]
    targets: tuple[Status, ...]
    history_line: HistoryLine | None
    scheduled: bool
    holds: Callable[[Application], bool]
    obstacle: Callable[[Application], str]
    do_not_call_in_templates: ClassVar[bool] = True

    def __call__(self, application: Application, by: By, /, *args: P.args, **kwargs: P.kwargs) -> R:
        with self.step(application, by) as locked:
            return self.act(locked, by, *args, **kwargs)

    @property
    def name(self) -> str:
        """As the history keeps it."""
        return self.act.__name__

    def is_legal(self, application: Application) -> bool:
        """Whether the verb may be taken from where the application stands."""
        return application.status in self.sources and self.holds(application)

    def refusal(self, application: Application) -> Refused | None:
        """Why the verb is refused as the application stands, in words for its taker; None where nothing is in the way."""
        if not self.is_legal(application):
            if self.taker == Taker.VOTER:
                return VotingClosed()
            # An applicant learns of a decision against it from the coordinator, not from a refusal.
            status = application.public_status if self.taker == Taker.APPLICANT else application.status
            return WrongStatus(str(Status(status).label))
        words = self.obstacle(application)
        return Refused(words) if words else None

    @contextmanager
    def step(self, application: Application, by: User | None) -> Iterator[Application]:
        """The locked, re-read application in one transaction; raises NotEntitled, WrongStatus, VotingClosed or Refused.

        `by` is recorded in the history; None means a scheduled task: only the status is checked
        here, the task checks the rest itself.
        """
        if self.taker == Taker.COORDINATOR and not (is_coordinator(by) if by else self.scheduled):
            raise NotEntitled(_("Only the coordinator may do this."))
        with transaction.atomic(), pghistory.context(verb=self.name, user=by.pk if by else None), open_door():
            locked = Application.objects.select_for_update(of=("self",)).get(pk=application.pk)
            tell_moment()
            if self.taker == Taker.APPLICANT and (by is None or locked.applicant_id != by.pk):
                raise NotEntitled(_("Only the applicant may do this."))
            refusal = self.refusal(locked)
            if refusal and (by or not self.is_legal(locked)):
                raise refusal
            yield locked
            if locked.status not in self.targets:
                raise RuntimeError(f"{self.name} does not declare that it leads to {locked.status}")


# Every verb by its name; a module of this package that defines one is imported at the start (see `apps.py`).
VERBS: dict[str, Verb[Any, ..., Any]] = {}


def verb(
    taker: Taker,
    *,
    sources: tuple[Status, ...],
    targets: tuple[Status, ...],
    history_line: HistoryLine | None = None,
    scheduled: bool = False,
    holds: Callable[[Application], bool] = lambda application: True,
    obstacle: Callable[[Application], str] = lambda application: "",
) -> Callable[[Callable[Concatenate[Application, By, P], R]], Verb[By, P, R]]:
    """Declare a function as the verb of its name, from `sources` to `targets`.

    `scheduled`: Celery's beat takes it too. `holds`: what must hold of an application in such a status besides.
    `obstacle`: what else is in the way now, in words; the coordinator does not see the step then.
    """

    def declare(act: Callable[Concatenate[Application, By, P], R]) -> Verb[By, P, R]:
        declared = Verb(act, taker, sources, targets, history_line, scheduled, holds, obstacle)
        VERBS[declared.name] = declared
        return declared

    return declare


def table() -> str:
    """The declarations as the table of `docs/architecture.md`, a row a verb."""
    rows = ["| verb | taken by | from | to |", "| --- | --- | --- | --- |"]
    for name, declared in sorted(VERBS.items()):
        taker = declared.taker.value + (", the scheduled task" if declared.scheduled else "")
        rows.append(f"| `{name}` | {taker} | {', '.join(declared.sources)} | {', '.join(declared.targets)} |")
    return "\n".join(rows)


def tell_moment(moment: Any = None) -> None:
    """Note when what is being done happens. History rows bear the time at which the transaction began, and it may have
    waited for the lock, or do what was due before.
    """
    pghistory.context(moment=(moment or timezone.now()).isoformat())


@contextmanager
def open_door() -> Iterator[None]:
    """Let the triggers of ballots, votes and recusals pass for the rest of the block, in this transaction only."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('portal.door', 'open', true)")
        yield
        # After an exception the transaction, or its savepoint, takes the setting back.
        cursor.execute("SELECT set_config('portal.door', '', true)")


def set_status(application: Application, status: Status, *fields: str) -> None:
    application.status = status
    application.save(update_fields=["status", "updated_at", *fields])


def required(text: str, message: str) -> str:
    """The text without surrounding blanks; raises Refused with `message` where nothing is left."""
    if not text.strip():
        raise Refused(message)
    return text.strip()
