from datetime import datetime, timedelta

import pytest
from django.utils import timezone


class Clock:
    """The portal's clock, moved by the test; the database's own clock goes on."""

    def __init__(self, monkeypatch) -> None:
        self.moment = timezone.now()
        monkeypatch.setattr("django.utils.timezone.now", lambda: self.moment)

    def set(self, year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0) -> None:
        """To this wall-clock time in Vilnius."""
        self.moment = timezone.make_aware(
            datetime(year, month, day, hour, minute, second), timezone.get_default_timezone()
        )

    def move(self, **by: float) -> None:
        """On by so many days, hours, minutes or seconds of real time."""
        self.moment += timedelta(**by)


@pytest.fixture
def clock(monkeypatch):
    """A clock that stands still until the test moves it."""
    return Clock(monkeypatch)
