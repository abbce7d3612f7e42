"""Celery: the wake-up of the outbox and the scheduled tasks. What must not be lost is in PostgreSQL, not here."""

import os
from typing import Any

from celery import Celery
from celery.beat import PersistentScheduler
from kombu.transport.redis import Channel

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cluster_portal.settings")

app = Celery("cluster_portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

# Over a connection that was lost kombu 5.7 tries to give back what a worker had not begun, over that same connection:
# an AttributeError that ends the worker. Nothing is lost by not trying: the sweep finds in PostgreSQL what waits.
Channel.do_restore = False


class SteadyScheduler(PersistentScheduler):
    """The beat that goes on when the clock is put back; Celery's own stands still until the old time has come again."""

    def tick(self, *args: Any, **kwargs: Any) -> float:
        now = self.app.now()
        for entry in self.schedule.values():
            if entry.last_run_at > now:
                entry.last_run_at = now
                self._heap = None  # it is ordered by the old clock
        return super().tick(*args, **kwargs)
