"""The forms of the applicant: the sections of an application, its attachments, consent and answer."""

from typing import Any, NoReturn

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from applications.form.uploads import size_limit
from applications.models import Application
from applications.workflow.completeness import CONFIRM, PROMPTS
from cluster_portal.base.changes import comparable, own_field
from cluster_portal.base.forms import OpenedForm
from cluster_portal.base.prompts import Prompts
from cluster_portal.country.lt.codes import company_code_is_valid, vat_code_is_valid
from members.models import Member
from members.organisation.forms import WRITE_THE_NUMBER, TagsField


class SectionForm(OpenedForm):
    """One section. `lenient` saves what was typed so far: nothing is required then.

    `opened_new` is a form that was opened before there was an application: whatever is saved now, it has not seen.
    """

    prompts = PROMPTS

    def __init__(self, *args: Any, lenient: bool = False, opened_new: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.opened_new = opened_new
        self.require(not lenient)

    def require(self, required: bool) -> None:
        """Make the fields that a submission needs required, or let them be empty; what was submitted keeps its name."""
        for name, field in self.fields.items():
            if name in PROMPTS:
                field.required = required or (name == "name" and self.instance.submitted_at is not None)

    def conflicts(self) -> list[tuple[str, str]]:
        """(label, saved text) of the fields that were saved otherwise since the page was opened (in another window, by
        a form sent twice), and that this validated form would overwrite.
        """
        moved = self.names if self.opened_new else self.changed_meanwhile()
        return [
            (str(self[name].label), self.stored_in_words(name))
            for name in moved
            if name in self.cleaned_data and name in self.stored
            if comparable(self.cleaned_data[name]) != self.stored[name]
        ]

    def typed_in_words(self) -> list[tuple[str, str]]:
        """(label, text) of all that was typed into this (validated) form, right or wrong."""
        texts = [
            (str(field.label), worded(field, self.cleaned_data.get(field.name, field.value())))
            for field in self.visible_fields()
            if not isinstance(field.field, forms.BooleanField)
        ]
        return [(label, text) for label, text in texts if text]


def worded(field: forms.BoundField, value: Any) -> str:
    """A field's value, cleaned, saved or raw, as people read it."""
    labels = {str(key): str(label) for key, label in getattr(field.field, "choices", ())}
    values = value if isinstance(value, list | QuerySet) else [value]
    return ", ".join(labels.get(str(comparable(one)), str(one)) for one in values if one not in (None, ""))


class OrganisationForm(SectionForm):
    """Who applies. The company code is the organisation's identity, so a known one is refused here already."""

    company_code_confirmed = forms.BooleanField(
        label=_("I have checked again: the company code is right"), required=False
    )
    vat_code_confirmed = forms.BooleanField(label=_("I have checked again: the VAT code is right"), required=False)

    class Meta:
        model = Application
        fields = [
            "name", "legal_name", "kind", "company_code", "company_code_confirmed", "vat_code", "vat_code_confirmed",
            "municipality", "address", "website",
        ]  # fmt: skip
        help_texts = {
            "name": _("The short name that people know you by; it will be shown in the directory."),
            "legal_name": _("As in the register, with the legal form."),
            "company_code": _("Nine digits, from the Register of Legal Entities."),
            "vat_code": _("LT and 9 or 12 digits; leave empty if you have none."),
            "website": _("For example, https://example.org"),
        }
        widgets = {
            "name": forms.TextInput(attrs={"autocomplete": "organization"}),
            "company_code": forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
            "vat_code": forms.TextInput(attrs={"autocomplete": "off"}),
            "address": forms.TextInput(attrs={"autocomplete": "street-address"}),
            "website": forms.TextInput(attrs={"autocomplete": "url", "inputmode": "url"}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        vars(self.fields["municipality"])["empty_label"] = _("Choose a municipality")
        # The box to confirm a code appears only beside a code whose check digit alone fails.
        for name, holds in (("company_code", company_code_is_valid), ("vat_code", vat_code_is_valid)):
            code = self.fields[name].to_python(self.data.get(name) if self.is_bound else getattr(self.instance, name))
            if not code or holds(code) or not has_form(name, code):
                del self.fields[f"{name}_confirmed"]
                setattr(self.instance, f"{name}_confirmed", False)

    def clean_company_code(self) -> str:
        return self.unknown_code(
            "company_code", _("An organisation with this company code is already a member of the cluster.")
        )

    def clean_vat_code(self) -> str:
        return self.unknown_code(
            "vat_code", _("An organisation with this VAT code is already a member of the cluster.")
        )

    def unknown_code(self, name: str, of_a_member: Any) -> str:
        """The code; refused, with a link to what exists, where it is known already."""
        code = self.cleaned_data[name]
        if not code:
            return code
        own_field(Application, name).run_validators(code)
        member = Member.objects.exclude(status=Member.Status.FORMER).filter(**{name: code}).first()
        if member:
            has_page = member.status == Member.Status.ACTIVE
            refuse(
                of_a_member,
                member.get_absolute_url() if has_page else reverse("how-to-join"),
                member.name if has_page else _("How applications are handled"),
            )
        other = Application.objects.open().filter(**{name: code}).exclude(pk=self.instance.pk).first()
        if other:
            is_applicants = other.applicant_id == self.instance.applicant_id
            refuse(
                _("This organisation already has an open application."),
                other.get_absolute_url() if is_applicants else reverse("how-to-join"),
                _("See it") if is_applicants else _("How applications are handled"),
            )
        return code

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for name in ("company_code", "vat_code"):
            confirm = f"{name}_confirmed"
            if cleaned.get(name) and confirm in self.fields and not cleaned.get(confirm):
                self.add_error(
                    name,
                    _("The check digit does not match. Please check again; if the code is right, confirm it below."),
                )
        return cleaned


def has_form(name: str, code: str) -> bool:
    """Whether `code` has the form of the field `name`, whatever its check digit."""
    try:
        own_field(Application, name).run_validators(code)
    except ValidationError:
        return False
    return True


def refuse(sentence: Any, url: str, link: Any) -> NoReturn:
    """Raises ValidationError: the sentence and a link to what exists."""
    raise ValidationError(format_html('{} <a href="{}">{}</a>', sentence, url, link))


class ActivityForm(SectionForm):
    """What the organisation does: the text of its future page."""

    offers = TagsField(
        label=_("What you offer"), required=False, help_text=_("What others can get from you; separate with commas.")
    )
    seeks = TagsField(label=_("What you look for"), required=False)

    class Meta:
        model = Application
        fields = ["areas", "summary_lt", "description_lt", "offers", "seeks"]
        labels = {"summary_lt": _("Summary"), "description_lt": _("Description")}
        help_texts = {
            "areas": _("In which areas would you like to take part?"),
            "summary_lt": _(
                "One or two sentences in Lithuanian for the directory, at most 200 characters. "
                "English can be added once you are a member."
            ),
            "description_lt": _("What you make or research, for whom, and what you are proud of."),
        }
        widgets = {
            "areas": forms.CheckboxSelectMultiple,
            "summary_lt": forms.Textarea(attrs={"rows": 2}),
            "description_lt": forms.Textarea(attrs={"rows": 8}),
        }


class ContactForm(SectionForm):
    """Whom to ask, and why the organisation wants to join. Seen by the coordinator and the founders only."""

    class Meta:
        model = Application
        fields = ["contact_name", "contact_email", "contact_phone", "motivation"]
        help_texts = {"motivation": _("What you expect from the cluster and what you would bring to it.")}
        widgets = {
            "contact_name": forms.TextInput(attrs={"autocomplete": "name"}),
            "contact_email": forms.EmailInput(attrs={"autocomplete": "email"}),
            "contact_phone": forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"}),
            "motivation": forms.Textarea(attrs={"rows": 6}),
        }
        error_messages = {"contact_phone": {"invalid": WRITE_THE_NUMBER}}


class AttachmentForm(Prompts, forms.Form):
    """One file to add. The section may be left without any, so the field bears no mark of a required one."""

    file = forms.FileField(
        label=_("File"),
        required=False,
        max_length=500,
        widget=forms.FileInput(attrs={"accept": ".pdf,.png,.jpg,.jpeg,.webp"}),
        # Size and kind, an empty file among them, are judged by uploads.checked.
        allow_empty_file=True,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].help_text = _("PDF, PNG, JPEG or WebP, at most %(size)s.") % {"size": size_limit()}

    def clean_file(self) -> UploadedFile:
        if not self.cleaned_data["file"]:
            raise ValidationError(_("Choose a file."))
        return self.cleaned_data["file"]


class ConsentForm(Prompts, forms.Form):
    prompts = {"consent": CONFIRM}

    consent = forms.BooleanField(
        label=_(
            "I confirm that I act for this organisation and that the data are correct; I have read how personal "
            "data are processed"
        ),
    )


class AnswerForm(Prompts, forms.Form):
    prompts = {"answer": _("Write your answer.")}

    answer = forms.CharField(
        label=_("Your answer"),
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 5}),
    )


SECTION_FORMS: dict[str, type[SectionForm]] = {
    "organisation": OrganisationForm,
    "activity": ActivityForm,
    "contact": ContactForm,
}
