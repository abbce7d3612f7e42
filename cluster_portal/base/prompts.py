"""Error messages that name the thing: "Enter the name of the organisation.", not "This field is required.\""""

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.core.validators import MaxLengthValidator
from django.db.models.fields import BLANK_CHOICE_DASH
from django.forms.utils import pretty_name
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

# Fields that refuse what is no number, date, address or choice: the prompt answers that as well.
OF_ONE_FORM = (forms.IntegerField, forms.DateField, forms.DateTimeField, forms.EmailField, forms.ChoiceField)
REFUSALS = ("invalid", "invalid_choice", "min_value", "max_value")


class Prompts:
    """Beside `forms.Form` or `forms.ModelForm`: says what to enter into a field that is empty or cannot be read, and by
    how much a text is too long.

    `prompts` has the sentence by field name; a field without one gets a sentence with its label. What a field itself
    declares in `error_messages` stays.
    """

    fields: dict[str, forms.Field]
    prompts: ClassVar[Mapping[str, str | Promise]] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.prompt_fields()

    def prompt_fields(self) -> None:
        """Called again by a form that adds fields when it is made."""
        for name, field in self.fields.items():
            prompt(name, field, self.prompts.get(name))
            name_no_choice(field, self.prompts.get(name))
            take_whole(field)


def prompt(name: str, field: forms.Field, sentence: str | Promise | None) -> None:
    """Put the sentence, or one with the field's label, in the place of Django's general messages."""
    messages: dict[str, Any] = field.error_messages
    if messages["required"] == general(field, "required"):
        messages["required"] = sentence or format_lazy(_("Fill in “{label}”."), label=field.label or pretty_name(name))
    if sentence and isinstance(field, OF_ONE_FORM):
        messages.update({code: sentence for code in REFUSALS if messages.get(code) == general(field, code)})


def name_no_choice(field: forms.Field, sentence: str | Promise | None) -> None:
    """Say in words what Django's lists call “---------”: what to choose, or that nothing is chosen where that will do."""
    words = str(sentence or (_("Choose") if field.required else _("Not chosen"))).removesuffix(".")
    (dashes,) = BLANK_CHOICE_DASH
    if isinstance(field, forms.ModelChoiceField):
        if field.empty_label == dashes[1]:
            field.empty_label = words
    elif isinstance(field, forms.ChoiceField):
        choices: Any = field.choices
        field.choices = [("", words) if choice == dashes else choice for choice in choices]


class AtMost(MaxLengthValidator):
    """Says by how many characters a text is too long; nothing is cut, so that people can shorten it themselves."""

    message = ngettext_lazy(
        "The text is %(excess)d character too long: at most %(limit_value)d fit.",
        "The text is %(excess)d characters too long: at most %(limit_value)d fit.",
        "excess",
    )

    def __call__(self, value: str) -> None:
        excess = len(value) - self.limit_value
        if excess > 0:
            raise forms.ValidationError(self.message, self.code, {"excess": excess, "limit_value": self.limit_value})


def take_whole(field: forms.Field) -> None:
    """Let the page take what is typed or pasted whole: a browser cuts it at `maxlength` without a word. Where several
    lines fit, a script counts (`portal.js`).
    """
    if limit := field.widget.attrs.pop("maxlength", None):
        field.widget.attrs.update({"data-limit": limit} if isinstance(field.widget, forms.Textarea) else {})
    field.validators = [
        AtMost(check.limit_value) if type(check) is MaxLengthValidator else check for check in field.validators
    ]


def general(field: forms.Field, code: str) -> str | Promise | None:
    """Django's message with that code for a field of this class."""
    for cls in type(field).__mro__:
        messages: Mapping[str, str | Promise] = vars(cls).get("default_error_messages", {})
        if code in messages:
            return messages[code]
    return None
