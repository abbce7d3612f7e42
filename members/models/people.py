"""People with an account."""

import pghistory
from django.conf import settings
from django.contrib.auth.models import AbstractUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cluster_portal.base import erased
from cluster_portal.base.text import AddressField, LineField


class UserManager(BaseUserManager):
    """Makes users known by their e-mail address, kept in lower case."""

    def create_user(self, email: str, password: str | None = None, **fields) -> "User":
        user = self.model(email=email.lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(),
    # Rights only: a person's name and address must be erasable, and history rows are not.
    fields=["is_active", "is_staff", "is_superuser"],
    obj_field=pghistory.ObjForeignKey(related_name="events"),
    model_name="UserEvent",
)
class User(AbstractUser):
    """A person with an account, known by e-mail; `language` is the one the portal writes to them in."""

    username = None
    first_name = LineField(AbstractUser._meta.get_field("first_name").verbose_name, max_length=150, blank=True)
    last_name = LineField(AbstractUser._meta.get_field("last_name").verbose_name, max_length=150, blank=True)
    email = AddressField(_("email address"), unique=True)
    language = models.CharField(_("language"), max_length=2, choices=settings.LANGUAGES, default=settings.LANGUAGE_CODE)
    # Its password is published, so it opens only where DEMO=1 (`AccountAdapter.pre_login`).
    is_demo = models.BooleanField(_("demo account"), default=False, editable=False)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: list[str] = []
    objects = UserManager()

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_unique")]

    def __str__(self) -> str:
        if self.is_erased:
            return gettext("Person no. %(number)d (data erased)") % {"number": self.pk}
        return self.get_full_name() or self.email

    @property
    def is_erased(self) -> bool:
        """Whether the person's data have been erased (`people/erasure.py`)."""
        return erased.is_erased(self.email)

    @property
    def address(self) -> str:
        """The email address as people read it; empty once it is erased."""
        return "" if self.is_erased else self.email
