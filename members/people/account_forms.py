"""allauth's forms with error messages that name the thing; `settings.ACCOUNT_FORMS` and `MFA_FORMS` point here."""

from allauth.account import forms as account
from allauth.mfa.base import forms as mfa
from allauth.mfa.totp import forms as totp
from django.utils.translation import gettext_lazy as _

from cluster_portal.base.prompts import Prompts

EMAIL = _("Enter your email address, for example, vardas@example.org.")
PASSWORD = _("Enter your password.")
NEW_PASSWORD = _("Enter a new password.")
SAME_PASSWORD = _("Enter the same password again.")
CODE = _("Enter the code.")


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
    pass


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
