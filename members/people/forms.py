"""Forms of people: their own details, their accounts and roles."""

from typing import Any

from allauth.account.models import EmailAddress
from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cluster_portal.base.database import lock_table
from cluster_portal.base.forms import EditForm
from cluster_portal.base.prompts import Prompts
from members.models import Representative, User


class DetailsForm(EditForm):
    """What a person may change of their own account beside the address and the password."""

    class Meta:
        model = User
        fields = ("first_name", "last_name", "language")
        widgets = {
            "first_name": forms.TextInput(attrs={"autocomplete": "given-name"}),
            "last_name": forms.TextInput(attrs={"autocomplete": "family-name"}),
        }
        help_texts = {"language": _("The portal writes its emails to you in this language.")}

    prompts = {
        "first_name": _("Enter your first name."),
        "last_name": _("Enter your last name."),
        "language": _("Choose a language."),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["first_name"].required = self.fields["last_name"].required = True


class RepresentativeForm(Prompts, forms.ModelForm):
    """A person's role in a member. A vote is a founder's, and a person has one."""

    class Meta:
        model = Representative
        fields = ("member", "user", "role")

    prompts = {
        "member": _("Choose the member."),
        "user": _("Choose the person."),
        "role": _("Choose the role."),
    }

    def clean(self) -> dict[str, Any]:
        super().clean()
        cleaned = self.cleaned_data
        member = cleaned.get("member") or getattr(self.instance, "member", None)
        user = cleaned.get("user") or getattr(self.instance, "user", None)
        role = cleaned.get("role")
        if not (member and user and role):
            return cleaned
        others = Representative.objects.none()
        if user.pk:
            # Two coordinators who give the same person a vote at once come one after the other.
            User.objects.select_for_update().get(pk=user.pk)
            others = Representative.objects.exclude(pk=self.instance.pk).filter(user=user, role=role)
        if others.filter(member=member).exists():
            raise forms.ValidationError(gettext("This person already has this role in this organisation."))
        if role == Representative.Role.VOTER and not member.is_founder:
            self.add_error("role", gettext("Only a founder has a vote; choose another role."))
        elif role == Representative.Role.VOTER and (other := others.select_related("member").first()):
            self.add_error("user", gettext("This person already votes for %(name)s.") % {"name": other.member})
        return cleaned

    def validate_constraints(self) -> None:
        """`clean` has checked them, in words that people understand; the database keeps them all the same."""


class RepresentativeFormSet(forms.BaseInlineFormSet):
    """The roles on one page: no person votes twice."""

    def clean(self) -> None:
        super().clean()
        voters = [
            (form.cleaned_data.get("user") or self.instance).pk
            for form in self.forms
            if form.cleaned_data.get("role") == Representative.Role.VOTER and not form.cleaned_data.get("DELETE")
        ]
        if len(set(voters)) < len(voters):
            raise forms.ValidationError(gettext("A person votes for one founder only, and once."))


class PersonForm(EditForm):
    """A person's account as the coordinator sees it."""

    class Meta:
        model = User
        fields = ("email", "first_name", "last_name", "language", "is_active", "is_staff")
        labels = {"is_active": _("The account is active"), "is_staff": _("Works at the coordinator’s desk")}
        help_texts = {
            "is_active": _("Without it the person cannot log in and gets no email. Nothing is deleted."),
            "is_staff": _("Sees every application, decides the next steps and keeps the registers."),
        }

    prompts = {
        "email": _("Enter an email address, for example, vardas@example.org."),
        "language": _("Choose a language."),
    }

    def clean_email(self) -> str:
        email = self.cleaned_data["email"].lower()
        lock_table(User)  # two who add the same person at once come one after the other
        if email_is_taken(email):
            raise forms.ValidationError(gettext("There is already an account with this address."))
        return email


def email_is_taken(email: str) -> bool:
    """Whether an account has this address, as its own or as another address of the same person."""
    same = EmailAddress.objects.filter(email__iexact=email)
    return User.objects.filter(email__iexact=email).exists() or same.exists()
