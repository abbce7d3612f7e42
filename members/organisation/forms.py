"""Forms of a member's record."""

from typing import Any

from django import forms
from django.contrib.auth.base_user import AbstractBaseUser
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cluster_portal.base.forms import EditForm
from members.models import Member
from members.models.organisation import TAG_LENGTH
from members.models.tags import join_tags, split_tags
from members.organisation.history import editions
from members.organisation.logo import LogoField

# What a field for a phone number says when it cannot read one; the package names a number in a form out of use.
WRITE_THE_NUMBER = _("Write the number with the country’s code, for example, +370 612 34567.")
TAGS_MAX = 12


class TagsField(forms.Field):
    """A list of short words or phrases, typed with commas or line breaks between them (see `split_tags`); cleans to a list
    of strings, each once.
    """

    default_error_messages = {
        "too_many": _("Enter at most %(max)d items; you have entered %(count)d."),
        "too_long": _("“%(tag)s” is too long: use at most %(max)d characters for one item."),
    }

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("help_text", _("Up to 12 short phrases, separated by commas."))
        super().__init__(**kwargs)

    def prepare_value(self, value: Any) -> Any:
        return join_tags(value) if isinstance(value, list | tuple) else value

    def to_python(self, value: Any) -> list[str]:
        text = value if isinstance(value, str) else join_tags(value or [])
        return list({tag.lower(): tag for tag in reversed(split_tags(text))}.values())[::-1]

    def validate(self, value: list[str]) -> None:
        super().validate(value)
        if len(value) > TAGS_MAX:
            raise forms.ValidationError(
                self.error_messages["too_many"], "too_many", {"max": TAGS_MAX, "count": len(value)}
            )
        for tag in value:
            if len(tag) > TAG_LENGTH:
                raise forms.ValidationError(
                    self.error_messages["too_long"], "too_long", {"tag": tag[:TAG_LENGTH] + "…", "max": TAG_LENGTH}
                )

    def run_validators(self, value: list[str]) -> None:
        """A list has none of those that a text has."""

    def has_changed(self, initial: Any, data: Any) -> bool:
        return self.to_python(initial) != self.to_python(data)


class MemberForm(EditForm):
    """A member's record: codes as codes are kept, the logo made small, offers and seeks as lists.

    The caller locks the table of members, so that two who give the same code or address come one after the other.
    """

    prompts = {
        "name": _("Enter the name of the organisation."),
        "kind": _("Choose the kind of organisation."),
        "municipality": _("Choose the municipality."),
        "email": _("Enter an email address, for example, vardas@example.org."),
        "founded": _("Enter the year as four digits."),
        "employees": _("Enter the number of employees in digits."),
        "joined_on": _("Enter the day, for example, 2020-04-27."),
        "number": _("Enter the member number in digits."),
    }

    offers = TagsField(label=_("We offer"), required=False)
    seeks = TagsField(label=_("We look for"), required=False)
    logo = LogoField(
        label=_("Logo"), required=False, help_text=_("PNG, JPEG or WebP, up to 5 MB. It is scaled down to 480 pixels.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "phone" in self.fields:
            self.fields["phone"].error_messages["invalid"] = WRITE_THE_NUMBER

    def clean_company_code(self) -> str:
        code = self.cleaned_data["company_code"]
        other = Member.objects.filter(company_code=code).exclude(pk=self.instance.pk).first() if code else None
        if other:
            raise forms.ValidationError(gettext("%(name)s has this company code.") % {"name": other})
        return code

    def last_editor(self) -> AbstractBaseUser | None:
        return next((edition.who for edition in editions(self.instance)), None)


class ProfileForm(MemberForm):
    """What a member's owner or editor may change of the member's public page."""

    class Meta:
        model = Member
        fields = (
            "summary_lt", "summary_en", "description_lt", "description_en", "areas", "offers", "seeks",
            "website", "email", "phone", "address", "logo",
        )  # fmt: skip
        widgets = {
            "areas": forms.CheckboxSelectMultiple,
            "summary_lt": forms.Textarea(attrs={"rows": 2}),
            "summary_en": forms.Textarea(attrs={"rows": 2}),
            "description_lt": forms.Textarea(attrs={"rows": 7}),
            "description_en": forms.Textarea(attrs={"rows": 7}),
        }
        help_texts = {
            "summary_lt": _("One or two sentences for the directory, up to 200 characters."),
            "summary_en": _("One or two sentences for the directory, up to 200 characters."),
        }
