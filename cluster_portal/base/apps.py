from django.apps import AppConfig


class BaseConfig(AppConfig):
    """What every app builds on and that knows none; its template tags need an app."""

    name = "cluster_portal.base"
    label = "base"
