"""Error messages that name the thing: "Enter the name of the organisation.", not "This field is required.\""""

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.forms.utils import pretty_name
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

# Fields that refuse what is no number, date, address or choice: the prompt answers that as well.
OF_ONE_FORM = (forms.IntegerField, forms.DateField, forms.DateTimeField, forms.EmailField, forms.ChoiceField)
REFUSALS = ("invalid", "invalid_choice", "min_value", "max_value")


class Prompts:
    """Beside `forms.Form` or `forms.ModelForm`: says what to enter into a field that is empty or cannot be read.

    `prompts` has the sentence by field name; a field without one gets a sentence with its label. What a field itself
    declares in `error_messages` stays.
    """

    fields: dict[str, forms.Field]
    prompts: ClassVar[Mapping[str, str | Promise]] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            prompt(name, field, self.prompts.get(name))


def prompt(name: str, field: forms.Field, sentence: str | Promise | None) -> None:
    """Put the sentence, or one with the field's label, in the place of Django's general messages."""
    messages: dict[str, Any] = field.error_messages
    if messages["required"] == general(field, "required"):
        messages["required"] = sentence or format_lazy(_("Fill in “{label}”."), label=field.label or pretty_name(name))
    if sentence and isinstance(field, OF_ONE_FORM):
        messages.update({code: sentence for code in REFUSALS if messages.get(code) == general(field, code)})


def general(field: forms.Field, code: str) -> str | Promise | None:
    """Django's message with that code for a field of this class."""
    for cls in type(field).__mro__:
        messages: Mapping[str, str | Promise] = vars(cls).get("default_error_messages", {})
        if code in messages:
            return messages[code]
    return None
