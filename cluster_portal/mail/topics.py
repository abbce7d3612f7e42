"""What an email concerns, in words: each app says what the names are under which it files its emails."""

from django.db.models import Model
from django.utils.functional import Promise
from django.utils.translation import gettext as _

TOPICS: dict[str, tuple[str | Promise, type[Model] | None]] = {}


def register_topic(name: str, words: str | Promise, model: type[Model] | None = None) -> None:
    """Emails filed under `name`, or under "name:12" where `model` has such a row, are about what `words` say."""
    TOPICS[name] = (words, model)


def in_words(topic: str) -> str:
    """What a coordinator reads for a topic: what it is and its name, or its number where it is no longer there."""
    name, _colon, number = topic.partition(":")
    if name not in TOPICS:
        return _("Other")
    words, model = TOPICS[name]
    if model is None or not number.isdecimal():
        return str(words)
    thing = model._default_manager.filter(pk=number).first()
    return f"{words}: {thing}" if thing else _("%(what)s no. %(number)s, deleted") % {"what": words, "number": number}
