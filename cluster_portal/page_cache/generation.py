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
from collections.abc import Callable, Hashable
from threading import Lock
from time import monotonic
from typing import Any, TypeVar

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from django.utils import timezone

TRUSTED = 0.5  # seconds for which a process believes what it has read: a change is visible that much later at most
BYTES_MAX = 16 * 1024 * 1024  # of what one process keeps; an object that is no text is taken for SIZE
SIZE = 4096
Made = TypeVar("Made")
logger = logging.getLogger(__name__)


class Generation:
    """The generation as this process last read it, and what the process has made of it."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.value: str | None = None
        self.until = 0.0
        self.made: dict[Hashable, Any] = {}
        self.bytes = 0

    def current(self) -> str | None:
        """The generation, at most TRUSTED seconds old; None while nothing may be kept.

        Within a transaction nothing may: what it sees is not what is public until it is committed.
        """
        if not settings.PAGE_CACHE or connection.in_atomic_block:
            return None
        with self.lock:
            now = monotonic()
            if now >= self.until:
                self.become(read())
                self.until = now + TRUSTED
            return self.value

    def become(self, value: str | None) -> None:
        """Begin another generation: nothing made in the one before is looked at again."""
        if value != self.value:
            self.value, self.made, self.bytes = value, {}, 0

    def keep(self, generation: str | None, key: Hashable, value: Any, size: int) -> None:
        """Remember in this process what was made under `generation`, for as long as that is the present one."""
        with self.lock:
            if generation is not None and generation == self.value and self.bytes + size <= BYTES_MAX:
                self.made[key] = value
                self.bytes += size

    def doubt(self) -> None:
        """Read the generation anew when it is next asked for."""
        self.until = 0.0


def read() -> str | None:
    """Ask the database; None where it does not answer, so that the page itself fails or does not."""
    # The application's clock, as for the pages themselves: a page made later on it shows at least the posts due now.
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT string_agg(mark::text, ' ' ORDER BY mark), (SELECT max(published_at) FROM news_post"
                " WHERE status = 'published' AND published_at <= %s) FROM public_mark",
                [timezone.now()],
            )
            seen = repr(cursor.fetchone())
    except (DatabaseError, InterfaceError) as error:
        logger.warning("nothing is kept, for the generation of the content is not known: %s", error)
        return None
    return hashlib.sha256(seen.encode()).hexdigest()[:32]


here = Generation()
current = here.current


def once(key: Hashable, make: Callable[[], Made], is_worth_it: Callable[[Made], bool] = lambda made: True) -> Made:
    """What `make()` gives, made once a generation in each process. The result is shared: nobody may change it.

    What is not worth it is not kept, and made anew when it is next asked for.
    """
    generation = current()
    made = here.made  # one generation's: the dictionary of the next one is another
    if generation is not None and key in made:
        return made[key]
    value = make()
    if is_worth_it(value):
        here.keep(generation, key, value, len(value) if isinstance(value, str) else SIZE)
    return value
