"""Who works at the desk."""

from django.contrib.auth.models import AbstractUser, AnonymousUser


def is_coordinator(user: AbstractUser | AnonymousUser) -> bool:
    """The coordinator's staff: they work applications through at the desk."""
    return user.is_active and user.is_staff
