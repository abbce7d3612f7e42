"""Scheduled tasks go on when the clock is moved."""

from datetime import timedelta

from django.conf import settings

from cluster_portal.celery import SteadyScheduler, app


def test_a_clock_put_back_stops_no_task(tmp_path, monkeypatch):
    ran = []
    monkeypatch.setattr(SteadyScheduler, "apply_async", lambda self, entry, **kwargs: ran.append(entry.name))
    beat = SteadyScheduler(app, schedule_filename=str(tmp_path / "beat"), lazy=True)
    beat.setup_schedule()
    beat.tick()
    now = app.now()
    monkeypatch.setattr(app, "now", lambda: now - timedelta(hours=2))
    assert beat.tick() <= 20
    monkeypatch.setattr(app, "now", lambda: now - timedelta(hours=2) + timedelta(hours=1, seconds=1))
    ran.clear()
    for _entry in settings.CELERY_BEAT_SCHEDULE:
        beat.tick()
    beat.close()
    assert set(ran) == set(settings.CELERY_BEAT_SCHEDULE)
