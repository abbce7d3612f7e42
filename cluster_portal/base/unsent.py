"""What was typed into a form that could not be taken, because the session had ended or the form's token was stale.

The fields wait in the session, for an hour at most; the form's own page shows them after the log-in. Nothing is saved
until the person sends the form again. A form whose address is not one person's own names the person whom it was shown to
in a hidden field, `person`: whoever else logs in at that computer does not see what was typed.
"""

import time
from collections.abc import Callable
from typing import TypeVar

from django.http import HttpRequest, QueryDict
from django.http.response import HttpResponseBase

View = TypeVar("View", bound=Callable[..., HttpResponseBase])
KEY = "unsent"
SECONDS = 3600
CHARACTERS_MAX = 60_000


def keeps_typed(view: View) -> View:
    """Mark a view whose POST may wait: the view asks `typed` what to show again when it answers a GET."""
    vars(view)["keeps_typed"] = True
    return view


def keep(request: HttpRequest, view: Callable[..., HttpResponseBase]) -> bool:
    """Keep what was sent to `view`; false where there is nothing to keep or it is too much. Files are not kept."""
    if request.method != "POST" or not getattr(view, "keeps_typed", False):
        return False
    fields = {name: values for name, values in request.POST.lists() if name != "csrfmiddlewaretoken"}
    if sum(len(name) + sum(map(len, values)) for name, values in fields.items()) > CHARACTERS_MAX:
        return False
    request.session[KEY] = {"path": request.path, "fields": fields, "until": time.time() + SECONDS}
    return True


def typed(request: HttpRequest, path: str = "") -> QueryDict | None:
    """What waits for this page, or for the one at `path`, or None; sending its form again settles it."""
    kept = request.session.get(KEY)
    path = path or request.path
    if not kept:
        return None
    whose = (kept["fields"].get("person") or [""])[-1]
    is_settled = request.method == "POST" and kept["path"] == path
    if is_settled or kept["until"] < time.time() or whose not in ("", str(request.user.pk)):
        del request.session[KEY]
        return None
    if kept["path"] != path:
        return None
    fields = QueryDict(mutable=True)
    for name, values in kept["fields"].items():
        fields.setlist(name, values)
    return fields
