"""The generation of the public content: it is another one after every change that the public pages show.

The database makes it. A trigger on every table that a public page reads (`migrations/0001`) puts a random mark into
`public_mark` in the transaction of the change, and takes the older marks out, so that the set of marks that a reader sees
is another one as soon as the change is seen, whoever made it: a form, an import's COPY, a worker, psql. Time changes
pages too, when a planned post comes due.

What is made after the generation was read shows at least the state that the generation stands for. So whatever is
kept is kept under the generation that was read before it was made, and can never be older than it says.
"""

import hashlib
import logging
from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from time import monotonic
from typing import Any, TypeVar

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from django.utils import timezone

TRUSTED = 0.5  # seconds for which a process believes what it has read: a change is visible that much later at most
BYTES_MAX = 32 * 1024 * 1024  # of what one process keeps
ANSWER_BYTES = 16 * 1024  # what an answer of the database is taken for: some hundred numbers
MARKS = "string_agg(mark::text, ' ' ORDER BY mark)"
# For what the clock changes by itself: each gives the newest moment up to %s, the present one, at which it did. Apps add theirs.
MOMENTS: list[str] = []
Made = TypeVar("Made")
logger = logging.getLogger(__name__)


class Generation:
    """The generation as this process last read it, and what the process has made of it.

    What was not asked for the longest makes room for what is new. The lock is held for moments, never while the
    database is asked.
    """

    def __init__(self) -> None:
        self.lock = Lock()
        self.value: str | None = None
        self.until = 0.0
        self.begun = 0.0  # when the reading began that gave `value`
        self.made: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()
        self.bytes = 0

    def current(self) -> str | None:
        """The generation, at most TRUSTED seconds old; None while nothing may be kept.

        Within a transaction nothing may: what it sees is not what is public until it is committed.
        """
        if not settings.PAGE_CACHE or connection.in_atomic_block:
            return None
        now = monotonic()
        if now < self.until:
            return self.value
        value = read()
        with self.lock:
            # Of two threads that read at once, the one that began later knows better.
            if now >= self.begun:
                self.begun = now
                self.become(value)
                self.until = now + TRUSTED
        return value

    def become(self, value: str | None) -> None:
        """Begin another generation: nothing made in the one before is looked at again."""
        if value != self.value:
            self.value, self.made, self.bytes = value, OrderedDict(), 0

    def find(self, generation: str | None, key: Hashable) -> Any:
        """What was kept under `key` in `generation`, if that is the present one; else None."""
        with self.lock:
            if generation is None or generation != self.value or key not in self.made:
                return None
            self.made.move_to_end(key)
            return self.made[key][0]

    def keep(self, generation: str | None, key: Hashable, value: Any, size: int) -> None:
        """Remember what was made under `generation`, for as long as that is the present one and there is room."""
        with self.lock:
            if generation is None or generation != self.value or size > BYTES_MAX:
                return
            self.bytes += size - self.made.pop(key, (None, 0))[1]
            self.made[key] = value, size
            while self.bytes > BYTES_MAX:
                self.bytes -= self.made.popitem(last=False)[1][1]

    def doubt(self) -> None:
        """Read the generation again when it is next asked for; what somebody is reading now may be too old."""
        with self.lock:
            self.begun, self.until = monotonic(), 0.0


def read() -> str | None:
    """Ask the database; None where it does not answer, so that the page itself fails or does not."""
    # The application's clock, as for the pages themselves: a page made later on it shows at least the posts due now.
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT {', '.join([MARKS, *MOMENTS])} FROM public_mark",
                [timezone.now()] * len(MOMENTS),
            )
            seen = repr(cursor.fetchone())
    except (DatabaseError, InterfaceError) as error:
        logger.warning("nothing is kept, for the generation of the content is not known: %s", error)
        return None
    return hashlib.sha256(seen.encode()).hexdigest()[:32]


latest = Generation()
current = latest.current


def kept_answer(
    key: Hashable, make: Callable[[], Made], is_worth_it: Callable[[Made], bool] = lambda _answer: True
) -> Made:
    """An answer of the database that took long, asked for once a generation in each process; nobody may change it.

    What is not worth it is not kept, and asked for again when it is next needed.
    """
    generation = current()
    kept = latest.find(generation, key)
    if kept is not None:
        return kept
    answer = make()
    if is_worth_it(answer):
        latest.keep(generation, key, answer, ANSWER_BYTES)
    return answer
