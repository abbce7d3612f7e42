"""How allauth behaves here: its emails go through the outbox, its addresses are lower-case, its log-in leads
to one's work.
"""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.account.signals import email_changed
from django import forms
from django.conf import settings
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.urls import translate_url
from django.utils import translation
from django.utils.crypto import get_random_string
from django.utils.translation import gettext_lazy as _

from cluster_portal.base.text import clean_address
from cluster_portal.mail.models import Subscription
from cluster_portal.mail.outbox import Recipient, queue_mails
from members.models import User
from members.people.work import page_of
from members.permissions import Roles


class AccountAdapter(DefaultAccountAdapter):
    """allauth's hooks."""

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Queue the email in the language of its account, or of the page where there is none."""
        user = context.get("user") or User.objects.filter(email__iexact=email).first()
        language = user.language if user else translation.get_language()
        links = {name: translate_url(url, language) for name, url in context.items() if name.endswith("_url") and url}
        queue_mails(
            # Every asking is an occasion of its own.
            key=f"{template_prefix}:{get_random_string(22)}",
            recipients=[Recipient(email, language)],
            template=template_prefix,
            context={**context, "email": email, **links},
            topic="account",
            confidential=True,
        )

    def send_notification_mail(
        self, template_prefix: str, user: User, context: dict[str, Any] | None = None, email: str | None = None
    ) -> None:
        """Tell a person of a change to the account, in the person's language also at an address that was removed."""
        if email and (context or {}).get("to_email") == email:
            return  # the primary address was made the primary one once more: nothing has changed
        super().send_notification_mail(template_prefix, user, {**(context or {}), "user": user}, email)

    def clean_email(self, email: str) -> str:
        return clean_address(super().clean_email(email)).lower()

    def pre_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse | None:
        """A demo account's password is published: should a demo's data be there without DEMO, it opens nothing."""
        if user.is_demo and not settings.DEMO:
            return self.respond_user_inactive(request, user)
        return super().pre_login(request, user, **kwargs)

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """To the desk, the ballots, one's organisation or one's applications: the person's work."""
        return page_of(Roles(request.user))


@receiver(email_changed)
def announcements_move_along(from_email_address: EmailAddress, to_email_address: EmailAddress, **_context: Any) -> None:
    """Whoever changes the address keeps what they chose to get, and what not."""
    Subscription.objects.move(from_email_address.email, to_email_address.email)


class SignupFields(forms.Form):
    """What the portal asks beside the email address and the password; allauth's form builds on it."""

    first_name = forms.CharField(
        label=_("First name"), max_length=150, widget=forms.TextInput(attrs={"autocomplete": "given-name"})
    )
    last_name = forms.CharField(
        label=_("Last name"), max_length=150, widget=forms.TextInput(attrs={"autocomplete": "family-name"})
    )

    def signup(self, request: HttpRequest, user: User) -> None:
        """The new person is written to in the language of the page on which they signed up."""
        user.language = translation.get_language()
        user.save(update_fields=["language"])


def display_name(user: User) -> str:
    """How a page addresses a person."""
    return str(user)
