"""Forms that know what they were opened on."""

import json
from copy import copy
from hashlib import sha256
from typing import Any

from django import forms
from django.contrib.auth.base_user import AbstractBaseUser
from django.utils.translation import gettext

from cluster_portal.base.changes import changes, in_words, last_editor, values
from cluster_portal.base.prompts import Prompts


class SeenField(forms.CharField):
    """The hidden state of the record when its page was opened."""

    widget = forms.HiddenInput

    def has_changed(self, initial: Any, data: Any) -> bool:
        return False


class OpenedForm(Prompts, forms.ModelForm):
    """A form that knows what it was opened on: the page carries a fingerprint of each stored value in `seen`.

    The caller locks the record and loads it under the lock.
    """

    seen = SeenField(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.names = [name for name in self.fields if name in {field.name for field in model_fields(self.instance)}]
        # What is stored; the form's own cleaning writes into the instance.
        self.stored = values(self.instance, self.names) if self.instance.pk else {}
        self.initial["seen"] = json.dumps(digests(self.stored))

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

    def show_as_seen(self, stored: dict[str, Any]) -> None:
        """Let the page that shows this form again carry `stored`, which it tells of: sending it again is a decision."""
        data: Any = copy(self.data)  # QueryDict's copy may be written to
        data[self.add_prefix("seen")] = json.dumps(digests(stored))
        self.data = data

    def stored_in_words(self, name: str) -> str:
        """The stored value of a field as a person reads it."""
        return in_words(self.instance._meta.get_field(name), self.stored[name])


class EditForm(OpenedForm):
    """A form that does not silently overwrite what somebody else has saved since the page was opened.

    A stale page is refused once: what was typed stays, the message says who changed what, and saving again is then a
    decision.
    """

    def clean(self) -> dict[str, Any]:
        super().clean()
        moved = self.changed_meanwhile()
        if moved and self.has_changed():
            self.show_as_seen(self.stored)
            raise forms.ValidationError(
                gettext(
                    "While you were writing, this page was changed by %(who)s. Saved now: %(what)s. What you typed is "
                    "kept below; save again if it should replace that."
                ),
                "stale",
                {
                    "who": self.last_editor() or gettext("somebody else"),
                    "what": "; ".join(f"{self.fields[name].label} – {self.shown(name)}" for name in moved),
                },
            )
        return self.cleaned_data

    def last_editor(self) -> AbstractBaseUser | None:
        """Who changed the record last, as far as the portal knows."""
        return last_editor(self.instance)

    def shown(self, name: str) -> str:
        """The stored value of a field in words, not too long for a message."""
        words = self.stored_in_words(name)
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
