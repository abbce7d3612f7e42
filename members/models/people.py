"""People with an account."""

from typing import Any

import pghistory
from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models, transaction
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cluster_portal.base import erased
from cluster_portal.base.text import AddressField, LineField


class UserManager(BaseUserManager["User"]):
    """Makes users known by their email address, kept in lower case."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=email.lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    @transaction.atomic
    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """One whose address needs no email to be confirmed: the command is given on the server, and the portal may have no mail
        server yet.
        """
        from allauth.account.models import EmailAddress  # its models come after ours

        user = self.create_user(email, password, is_staff=True, is_superuser=True, **fields)
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
        return user


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(),
    # Rights only: a person's name and address must be erasable, and history rows are not.
    fields=["is_active", "is_staff", "is_superuser"],
    obj_field=pghistory.ObjForeignKey(related_name="events"),
    model_name="UserEvent",
)
class User(AbstractBaseUser, PermissionsMixin):
    """A person with an account, known by email; `language` is the one the portal writes to them in."""

    first_name = LineField(_("first name"), max_length=150, blank=True)
    last_name = LineField(_("last name"), max_length=150, blank=True)
    is_staff = models.BooleanField(_("staff status"), default=False)
    is_active = models.BooleanField(_("active"), default=True)
    date_joined = models.DateTimeField(_("date joined"), default=timezone.now)
    email = AddressField(_("email address"), unique=True)
    language = models.CharField(_("language"), max_length=2, choices=settings.LANGUAGES, default=settings.LANGUAGE_CODE)
    # Its password is published, so it opens only where DEMO=1 (`AccountAdapter.pre_login`).
    is_demo = models.BooleanField(_("demo account"), default=False, editable=False)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
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

    def get_full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()
