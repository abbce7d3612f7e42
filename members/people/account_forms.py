"""allauth's forms with error messages that name the thing; `settings.ACCOUNT_FORMS` and `MFA_FORMS` point here."""

from typing import Any

from allauth.account import forms as account
from allauth.mfa.base import forms as mfa
from allauth.mfa.totp import forms as totp
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from cluster_portal.base.database import violated_constraint
from cluster_portal.base.prompts import Prompts

EMAIL = _("Enter your email address, for example, vardas@example.org.")
PASSWORD = _("Enter your password.")
NEW_PASSWORD = _("Enter a new password.")
SAME_PASSWORD = _("Enter the same password again.")
CODE = _("Enter the code.")
ONE_ACCOUNT_AN_ADDRESS = ("members_user_email_key", "user_email_unique")


class AccountPrompts(Prompts):
    """What every form about an account asks for."""

    prompts = {
        "email": EMAIL,
        "login": EMAIL,
        "password": PASSWORD,
        "oldpassword": _("Enter your current password."),
        "password1": NEW_PASSWORD,
        "password2": SAME_PASSWORD,
        "first_name": _("Enter your first name."),
        "last_name": _("Enter your last name."),
        "code": CODE,
    }


class LoginForm(AccountPrompts, account.LoginForm):
    pass


class SignupForm(AccountPrompts, account.SignupForm):
    """A form that is sent twice at once makes one account; the second answer is that for an address with an account."""

    def try_save(self, request: HttpRequest) -> Any:
        try:
            with transaction.atomic():
                return super().try_save(request)
        except IntegrityError as error:
            if violated_constraint(error) not in ONE_ACCOUNT_AN_ADDRESS:
                raise
            self.account_already_exists = True
            return super().try_save(request)


class AddEmailForm(AccountPrompts, account.AddEmailForm):
    pass


class ChangePasswordForm(AccountPrompts, account.ChangePasswordForm):
    pass


class SetPasswordForm(AccountPrompts, account.SetPasswordForm):
    pass


class ResetPasswordForm(AccountPrompts, account.ResetPasswordForm):
    pass


class ResetPasswordKeyForm(AccountPrompts, account.ResetPasswordKeyForm):
    pass


class RequestLoginCodeForm(AccountPrompts, account.RequestLoginCodeForm):
    pass


class ConfirmLoginCodeForm(AccountPrompts, account.ConfirmLoginCodeForm):
    pass


class ReauthenticateForm(AccountPrompts, account.ReauthenticateForm):
    pass


class AuthenticateForm(AccountPrompts, mfa.AuthenticateForm):
    pass


class ReauthenticateByCodeForm(AccountPrompts, mfa.ReauthenticateForm):
    pass


class ActivateForm(AccountPrompts, totp.ActivateTOTPForm):
    pass
