"""Forms of the register: a member's own page, and the fields that other forms share."""

import io
import json
import re
import warnings
from functools import partial
from hashlib import sha256
from typing import Any

import filetype
from allauth.account.models import EmailAddress
from django import forms
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.core.validators import ProhibitNullCharactersValidator
from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps

from members.changes import changes, in_words, last_editor, values
from members.models import Member, Representative, User

LOGO_SIDE = 480
LOGO_PIXELS = 40_000_000
LOGO_KINDS = ("image/png", "image/jpeg", "image/webp")
# What a field for a phone number says when it cannot read one; the package names a number in a form out of use.
WRITE_THE_NUMBER = _("Write the number with the country's code, for example, +370 612 34567.")
TAGS_MAX = 12
TAG_LENGTH = 60


class TagsField(forms.CharField):
    """A list of short words or phrases, typed with commas or line breaks between them; cleans to a list of strings."""

    default_error_messages = {
        "too_many": _("Name at most %(max)d things; you have named %(count)d."),
        "too_long": _("“%(tag)s” is too long: use at most %(max)d characters for one thing."),
    }

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("help_text", _("Up to 12 short phrases, separated by commas."))
        super().__init__(**kwargs)

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list | tuple) else value

    def to_python(self, value: Any) -> list[str]:
        text = value if isinstance(value, str) else ", ".join(value or [])
        ProhibitNullCharactersValidator()(text)
        tags: dict[str, str] = {}
        for part in re.split(r"[,\n|]", text):  # the bar parts them in a CSV cell
            tag = " ".join(part.split())
            if tag:
                tags.setdefault(tag.lower(), tag)
        return list(tags.values())

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
        """The text's validators have run in `to_python`; a list has none."""

    def has_changed(self, initial: Any, data: Any) -> bool:
        return self.to_python(initial) != self.to_python(data)


class LogoField(forms.FileField):
    """A picture of at most LOGO_MAX_BYTES; cleans to a new PNG no larger than 480 × 480."""

    widget = forms.ClearableFileInput
    default_error_messages = {
        "too_big": _("The file is larger than %(max)d MB."),
        "svg": _("SVG drawings cannot be accepted, as they may carry scripts. Please save the logo as PNG."),
        "kind": _("This is not a PNG, JPEG or WebP picture."),
        "broken": _("The picture is damaged or too large and cannot be read."),
    }

    def widget_attrs(self, widget: forms.Widget) -> dict:
        return {**super().widget_attrs(widget), "accept": ",".join(LOGO_KINDS)}

    def to_python(self, data: UploadedFile | None) -> ContentFile | None:
        upload = super().to_python(data)
        if upload is None:
            return None
        if upload.size > settings.LOGO_MAX_BYTES:
            raise forms.ValidationError(
                self.error_messages["too_big"], "too_big", {"max": settings.LOGO_MAX_BYTES // 1024**2}
            )
        content = upload.read()
        if upload.name.lower().endswith((".svg", ".svgz")) or b"<svg" in content[:1000].lower():
            raise forms.ValidationError(self.error_messages["svg"], "svg")
        if filetype.guess_mime(content) not in LOGO_KINDS:
            raise forms.ValidationError(self.error_messages["kind"], "kind")
        try:
            return ContentFile(small_png(content), name="logo.png")
        except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
            raise forms.ValidationError(self.error_messages["broken"], "broken") from error


def small_png(content: bytes) -> bytes:
    """The picture `content` as a PNG of at most LOGO_SIDE pixels a side.

    Raises OSError, SyntaxError or ValueError for what is no readable picture of at most LOGO_PIXELS.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow warns of large and odd pictures; the size is checked right here
        with Image.open(io.BytesIO(content), formats=("PNG", "JPEG", "WEBP")) as picture:
            if picture.width * picture.height > LOGO_PIXELS:
                raise ValueError("too many pixels")
            upright = ImageOps.exif_transpose(picture).convert("RGBA")
    upright.thumbnail((LOGO_SIDE, LOGO_SIDE))
    result = io.BytesIO()
    # A fresh canvas: nothing of the file's metadata (places, persons, thumbnails) comes along.
    canvas = Image.new("RGBA", upright.size)
    canvas.paste(upright)
    canvas.save(result, "PNG", optimize=True)
    return result.getvalue()


class SeenField(forms.CharField):
    """The hidden state of the record when its page was opened."""

    widget = forms.HiddenInput

    def has_changed(self, initial: Any, data: Any) -> bool:
        return False


class EditForm(forms.ModelForm):
    """A form that does not silently overwrite what somebody else has saved since the page was opened.

    The caller locks the record and loads it under the lock. A stale page is refused once: what was typed stays, the
    message says who changed what, and saving again is then a decision.
    """

    seen = SeenField(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.names = [name for name in self.fields if name in {field.name for field in model_fields(self.instance)}]
        # What is stored; the form's own cleaning writes into the instance.
        self.stored = values(self.instance, self.names) if self.instance.pk else {}
        self.initial["seen"] = json.dumps(digests(self.stored))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        moved = self.changed_meanwhile()
        if moved and self.has_changed():
            data: Any = self.data.copy()
            data[self.add_prefix("seen")] = self.initial["seen"]
            self.data = data
            raise forms.ValidationError(
                gettext(
                    "While you were writing, this page was changed by %(who)s. Saved now: %(what)s. What you typed is "
                    "kept below; save again if it should replace that."
                ),
                "stale",
                {
                    "who": last_editor(self.instance) or gettext("somebody else"),
                    "what": "; ".join(f"{self.fields[name].label} – {self.shown(name)}" for name in moved),
                },
            )
        return cleaned

    def changed_meanwhile(self) -> list[str]:
        """The names of the fields whose stored value is no longer the one that the page showed."""
        try:
            seen = json.loads(self.data.get(self.add_prefix("seen")) or "{}")
        except ValueError:
            return []
        now = digests(self.stored)
        return [
            name for name in self.names if isinstance(seen, dict) and seen.get(name, now.get(name)) != now.get(name)
        ]

    def shown(self, name: str) -> str:
        """The stored value of a field in words, not too long for a message."""
        words = in_words(self.instance._meta.get_field(name), self.stored[name])
        return f"„{words[:200]}{'…' if len(words) > 200 else ''}“" if words else gettext("empty")

    def edits(self) -> list:
        """What saving has changed, as `Change`s; call it after `save`."""
        return changes(type(self.instance), self.stored, values(self.instance, self.names))


def model_fields(record: Any) -> list:
    """The fields of a record that a form can write."""
    return [*record._meta.concrete_fields, *record._meta.many_to_many]


def digests(stored: dict[str, Any]) -> dict[str, str]:
    """A short fingerprint of each value."""
    return {name: sha256(repr(value).encode()).hexdigest()[:16] for name, value in stored.items()}


class MemberForm(EditForm):
    """A member's record: codes as codes are kept, the logo made small, offers and seeks as lists."""

    offers = TagsField(label=_("We offer"), required=False)
    seeks = TagsField(label=_("We look for"), required=False)
    logo = LogoField(
        label=_("Logo"), required=False, help_text=_("PNG, JPEG or WebP, up to 5 MB. It is scaled down to 480 pixels.")
    )

    def clean_company_code(self) -> str:
        code = self.cleaned_data["company_code"]
        other = Member.objects.filter(company_code=code).exclude(pk=self.instance.pk).first() if code else None
        if other:
            raise forms.ValidationError(gettext("%(name)s has this company code.") % {"name": other})
        return code

    def save(self, commit: bool = True) -> Member:
        """Save the member; a replaced or removed logo's file goes too, once that is committed."""
        name = self.stored.get("logo", "")
        member = super().save(commit)
        if name and name != member.logo.name:
            transaction.on_commit(partial(member._meta.get_field("logo").storage.delete, name))
        return member


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
        error_messages = {"phone": {"invalid": WRITE_THE_NUMBER}}


class DetailsForm(EditForm):
    """What a person may change of their own account beside the address and the password."""

    class Meta:
        model = User
        fields = ("first_name", "last_name", "language")
        widgets = {
            "first_name": forms.TextInput(attrs={"autocomplete": "given-name"}),
            "last_name": forms.TextInput(attrs={"autocomplete": "family-name"}),
        }
        help_texts = {"language": _("The portal writes its mails to you in this language.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["first_name"].required = self.fields["last_name"].required = True


class RepresentativeForm(forms.ModelForm):
    """A person's role in a member. A vote is a founder's, and a person has one."""

    class Meta:
        model = Representative
        fields = ("member", "user", "role")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
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
        labels = {"is_active": _("The account is open"), "is_staff": _("Works at the coordinator's desk")}
        help_texts = {
            "is_active": _("Without it the person cannot log in and gets no mail. Nothing is deleted."),
            "is_staff": _("Sees every application, decides the next steps and keeps the registers."),
        }

    def clean_email(self) -> str:
        email = self.cleaned_data["email"].lower()
        if email_is_taken(email):
            raise forms.ValidationError(gettext("There is already an account with this address."))
        return email


def email_is_taken(email: str) -> bool:
    """Whether an account has this address, as its own or as another address of the same person."""
    same = EmailAddress.objects.filter(email__iexact=email)
    return User.objects.filter(email__iexact=email).exists() or same.exists()
