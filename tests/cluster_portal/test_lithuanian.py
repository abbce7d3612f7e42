"""Every page and every form in Lithuanian: no text is shown that our own catalogue has no Lithuanian for, and no field cuts
what is pasted into it.

Django's and allauth's catalogues have gaps, and mistakes where they have none: what is shown of theirs is translated
in ours (`cluster_portal/package_strings/` keeps it there).
"""

import re
from collections.abc import Iterator
from io import StringIO
from itertools import product
from typing import Any

import polib
import pytest
from django import forms
from django.conf import settings
from django.contrib import admin
from django.core.management import call_command
from django.forms import BaseForm, BaseFormSet
from django.urls import URLPattern, reverse
from django.utils.translation import trans_real

from applications.form.forms import SECTION_FORMS
from applications.models import Application
from cluster_portal.identity.models import Identity
from cluster_portal.mail.kinds import KINDS
from members.desk.founders import PART_CHANGES
from members.models import Member, User
from news.models import Post
from tests import factories

pytestmark = pytest.mark.django_db
CUTTING = re.compile(r"<[^>]* maxlength=[^>]*>")
BAD_VALUES = ["", "-9", "x" * 6000, "\0"]


@pytest.fixture(scope="module")
def our_ids() -> set[str]:
    """Our message ids, and our Lithuanian of them: the admin looks up the names of models once more."""
    entries = polib.pofile(str(settings.LOCALE_PATHS[0] / "lt" / "LC_MESSAGES" / "django.po"))
    ids = {f"{entry.msgctxt}\x04{entry.msgid}" if entry.msgctxt else entry.msgid for entry in entries}
    return ids | {entry.msgstr for entry in entries}


class Visitor:
    """A person's browser that writes down which texts it was shown from other catalogues than ours, and cutting fields."""

    def __init__(self, client: Any, asked: set[str]) -> None:
        self.client, self.asked = client, asked
        self.foreign: dict[str, str] = {}
        self.cutting: dict[str, str] = {}

    def note(self, where: str) -> None:
        for text in self.asked:
            self.foreign.setdefault(text, where)
        self.asked.clear()

    def get(self, path: str, data: Any = None) -> Any:
        response = self.client.get(path, data, follow=True)
        if response.streaming:
            list(response.streaming_content)
        else:
            self.cutting |= dict.fromkeys(CUTTING.findall(response.content.decode(errors="replace")), path)
        for form in forms_of(response):
            for text in error_texts(form):
                str(text)
        self.note(f"GET {path} {data or ''}")
        return response

    def post(self, path: str, data: Any = None) -> Any:
        response = self.client.post(path, data or {}, follow=True)
        if response.streaming:
            list(response.streaming_content)
        self.note(f"POST {path} {str(data or '')[:80]}")
        return response

    def fill_in(self, path: str, query: dict[str, str] | None = None) -> None:
        """Open the page and send its forms back, empty and with each of the bad values in every field."""
        response = self.get(path, query)
        found = list(forms_of(response))
        if not found:
            return
        self.post(path)
        kept = {
            bound.html_name: bound.value()
            for form in found
            for bound in form
            if isinstance(bound.field.widget, forms.HiddenInput) and bound.value() is not None
        }
        fields = {
            bound.html_name: bound
            for form in found
            for bound in form
            if bound.html_name not in kept and "__prefix__" not in bound.html_name
        }
        for value in BAD_VALUES:
            typed = {
                # Django's search-as-you-type boxes break on a key that is no number, which no browser sends.
                name: "9999999" if isinstance(bound.field, forms.ModelChoiceField) else value
                for name, bound in fields.items()
            }
            self.post(path, kept | typed)
        good = {name: bound.value() for name, bound in fields.items() if bound.value() not in (None, "", False)}
        for button in ("_save", "_continue", "_addanother"):
            self.post(path, kept | good | {button: "1"})


def forms_of(response: Any) -> Iterator[BaseForm]:
    """The forms on the page, those of formsets among them."""
    for layer in response.context or []:
        for name, value in list(layer.flatten().items()) if hasattr(layer, "flatten") else []:
            if isinstance(value, BaseForm):
                yield value
            elif isinstance(value, BaseFormSet):
                yield from formset_forms(value)
            elif name == "adminform":
                yield value.form
            elif name == "inline_admin_formsets":
                for inline in value:
                    yield from formset_forms(inline.formset)


def formset_forms(formset: BaseFormSet) -> Iterator[BaseForm]:
    yield formset.management_form
    yield from formset.forms
    yield formset.empty_form


def error_texts(form: BaseForm) -> Iterator[Any]:
    """Whatever the form's fields can say of a value."""
    for field in form.fields.values():
        yield from field.error_messages.values()
        yield from (validator.message for validator in field.validators if hasattr(validator, "message"))


@pytest.fixture
def visit(monkeypatch, our_ids, client):
    """Gives a visitor for a person (or for a stranger); at the end nothing foreign may have been shown."""
    asked: set[str] = set()
    catalogue = trans_real.translation("lt")

    def watch(name: str) -> None:
        original = getattr(catalogue, name)

        def translate(text: str, *arguments: Any) -> str:
            if text not in our_ids:
                asked.add(text)
            return original(text, *arguments)

        monkeypatch.setattr(catalogue, name, translate)

    watch("gettext")
    watch("ngettext")

    def visitor(email: str = "") -> Visitor:
        client.logout()
        if email:
            client.force_login(User.objects.get(email=email), backend="django.contrib.auth.backends.ModelBackend")
        asked.clear()
        return Visitor(client, asked)

    return visitor


@pytest.fixture
def demo(db):
    call_command("seed_demo", stdout=StringIO(), stderr=StringIO())


def desk_pages() -> Iterator[tuple[Any, str]]:
    """(model, path) of every page of the desk, for the records that are there."""
    for model, model_admin in admin.site._registry.items():
        keys = [
            str(row.pk) for row in model_admin.model.objects.order_by("pk")[: 12 if model is Application else 2]
        ] + ["9999999", "x"]
        values = {
            "pk": [key for key in keys if key.isdecimal()],
            "object_id": keys,
            "status": Member.Status.values,
            "name": [*PART_CHANGES, "nera"],
            "language": ["lt"],
            "template": list(KINDS)[:2],
        }
        for pattern in model_admin.get_urls():
            if isinstance(pattern, URLPattern) and pattern.name:
                parameters = list(pattern.pattern.converters)
                for chosen in product(*(values[name] for name in parameters)):
                    yield model, reverse(f"admin:{pattern.name}", args=chosen)


def go_through_the_lists(desk: Visitor) -> None:
    """Every list: empty, filtered, wrongly filtered, as a window to choose from; every action with and without records."""
    for model, model_admin in admin.site._registry.items():
        path = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        page = desk.get(path)
        for query in ("?q=qqqqqq", "?nera=1", "?_popup=1", "?all=1", "?p=99", "?_facets=True", "?o=1"):
            desk.get(path + query)
        changelist = page.context.get("cl") if page.context else None
        for spec in changelist.filter_specs if changelist else []:
            for choice in list(spec.choices(changelist))[:4]:
                desk.get(path + choice["query_string"])
        if changelist and changelist.formset:  # a list with fields to fill in
            rows = [changelist.formset.management_form, *changelist.formset.forms]
            kept = {bound.html_name: bound.value() for form in rows for bound in form if bound.value() is not None}
            for value in BAD_VALUES:
                typed = {f"form-0-{name}": value for name in model_admin.list_editable}
                desk.post(path, {**kept, **typed, "_save": "1"})
        keys = [row.pk for row in model_admin.model.objects.all()[:3]]
        for action in ["", "nera", *(model_admin.actions or [])]:
            for chosen in ([], keys, ["x"]):
                desk.post(path, {"action": action, "_selected_action": chosen, "index": "0"})


def test_the_desk_is_in_our_words(visit, demo):
    desk = visit("coordinator@example.org")
    for path in ("", "nera/", "jsi18n/", "members/", "login/", "password_change/", "autocomplete/"):
        desk.get(f"/admin/{path}")
    go_through_the_lists(desk)
    seen = set()
    pages = list(desk_pages())
    for _model, path in pages:
        desk.get(path)
    for model, path in pages:
        kind = (model, path.rstrip("/").rpartition("/")[2])
        if model is Application or kind not in seen:
            seen.add(kind)
            desk.fill_in(path)
    assert (desk.foreign, desk.cutting) == ({}, {})


def portal_pages() -> dict[str, list[str]]:
    """The pages with forms, by who may use them; "" is a stranger."""
    accounts = ["account_login", "account_signup", "account_reset_password", "account_request_login_code"]
    personal = [
        "account_email", "account_change_password", "account_set_password", "account_logout", "account_reauthenticate",
        "mfa_index", "mfa_activate_totp", "mfa_deactivate_totp", "mfa_generate_recovery_codes", "mfa_view_recovery_codes",
        "my-details", "announcements", "my-organisation", "applications:list", "applications:new", "ballots:list",
    ]  # fmt: skip
    mine = Application.objects.filter(applicant__email="applicant@example.org")
    sections = [reverse("applications:section", args=[one.pk, name]) for one in mine for name in SECTION_FORMS]
    rooms = ["detail", "review", "attachments", "withdraw", "answer"]
    return {
        "": [
            *(reverse(name) for name in [*accounts, "account_confirm_login_code", "account_reset_password_done"]),
            reverse("account_reset_password_from_key", args=["1", "nera"]),
            reverse("account_confirm_email", args=["nera"]),
            reverse("account_inactive"),
            reverse("account_email_verification_sent"),
            reverse("news:subscribe"),
            reverse("news:confirm", args=["nera"]),
            reverse("mail-leave", args=["nera"]),
            reverse("ballots:link", args=["nera"]),
            *(
                reverse(name)
                for name in ("home", "search", "about", "how-to-join", "personal-data", "open-data", "embed")
            ),
            reverse("members:list"),
            reverse("members:list") + "?kind=nera&q=qqqqq&founded_from=x&page=99",
            *(reverse("members:list") + f"?view={view}" for view in ("map", "matches")),
            reverse("news:list"),
            *(member.get_absolute_url() for member in Member.objects.all()),
            *(post.get_absolute_url() for post in Post.objects.all()),
            "/nera/",
        ],
        "applicant@example.org": [
            *map(reverse, personal),
            *sections,
            *(reverse(f"applications:{room}", args=[one.pk]) for one in mine for room in rooms),
        ],
        "member@example.org": [*map(reverse, personal)],
        "aedilis@example.org": [
            *map(reverse, personal),
            *(
                reverse(f"ballots:{room}", args=[one.pk])
                for one in Application.objects.all()
                for room in ("detail", "recuse", "object")
            ),
        ],
    }


# What people do wrong with their accounts, one mistake each.
MISTAKES = [
    ("account_login", {"login": "applicant@example.org", "password": "wrong-one"}),
    ("account_signup", {"email": "applicant@example.org", "first_name": "A", "last_name": "B", "password1": "klasteris-2020", "password2": "klasteris-2021"}),
    ("account_signup", {"email": "nauja@example.org", "first_name": "A", "last_name": "B", "password1": "nauja", "password2": "nauja"}),
    ("account_signup", {"email": "nauja@example.org", "first_name": "A", "last_name": "B", "password1": "password", "password2": "password"}),
    ("account_signup", {"email": "nauja@example.org", "first_name": "A", "last_name": "B", "password1": "1234567", "password2": "1234567"}),
    ("account_signup", {"email": "nauja@example.org", "first_name": "A", "last_name": "B", "password1": "klasteris-2020", "password2": "klasteris-2020"}),
    ("account_confirm_login_code", {"code": "ABCDEF"}),
    ("account_reset_password", {"email": "nera@example.org"}),
    ("account_request_login_code", {"email": "nera@example.org"}),
    ("account_request_login_code", {"email": "applicant@example.org"}),
    ("account_confirm_login_code", {"code": "ABCDEF"}),
]  # fmt: skip
MISTAKES_INSIDE = [
    ("account_email", {"action_add": "", "email": "applicant@example.org"}),
    ("account_email", {"action_add": "", "email": "member@example.org"}),
    ("account_email", {"action_add": "", "email": "kitas@example.org"}),
    ("account_email", {"action_send": "", "email": "kitas@example.org"}),
    ("account_email", {"action_primary": "", "email": "kitas@example.org"}),
    ("account_email", {"action_remove": "", "email": "applicant@example.org"}),
    ("account_email", {"action_remove": "", "email": "kitas@example.org"}),
    ("account_change_password", {"oldpassword": "wrong", "password1": "a", "password2": "b"}),
    ("account_change_password", {"oldpassword": "klasteris-2020", "password1": "applicant", "password2": "applicant"}),
    ("account_change_password", {"oldpassword": "klasteris-2020", "password1": "klasteris-2022", "password2": "klasteris-2022"}),
    ("mfa_activate_totp", {"code": "123456"}),
    ("account_reauthenticate", {"password": "wrong"}),
    ("account_reauthenticate", {"password": "klasteris-2022"}),
    ("mfa_activate_totp", {"code": "123456"}),
    ("account_logout", {}),
]  # fmt: skip


def test_the_portal_is_in_our_words(visit, demo):
    found: dict[str, str] = {}
    for email, paths in portal_pages().items():
        visitor = visit(email)
        for path in paths:
            visitor.get(path)
        found |= visitor.foreign | visitor.cutting
    for email, mistakes in (("", MISTAKES), ("applicant@example.org", MISTAKES_INSIDE)):
        visitor = visit(email)
        for name, data in mistakes:
            visitor.post(reverse(name), data)
        found |= visitor.foreign | visitor.cutting
    for email, paths in portal_pages().items():
        visitor = visit(email)
        for path in paths:
            if not path.endswith("/logout/"):
                visitor.fill_in(path)
        found |= visitor.foreign | visitor.cutting
    assert found == {}


def test_the_page_that_sets_a_portal_up_is_in_our_words(visit, bare):
    factories.person("root@example.org", is_staff=True, is_superuser=True)
    found: dict[str, str] = {}
    for email in ("", "root@example.org"):
        visitor = visit(email)
        visitor.get(reverse("home"))  # not open yet
        found |= visitor.foreign
    page = reverse("admin:identity_set_up")
    visitor.fill_in(page)
    names = {"name_lt": "Alfa", "name_genitive_lt": "Alfos", "name_en": "Alfa"}
    for mistake in (
        {"founders": "A\nA", "coordinator": "A", "areas": "A | B\nA | C"},
        {"founders": "A", "coordinator": "B", "areas": "A"},
        {"founders": "A", "coordinator": "A", "areas": "A | B", "primary_colour": "#ffff00", "signal_colour": "red"},
    ):
        visitor.post(page, {**names, **mistake})
    assert found | visitor.foreign == {}
    assert not Identity.objects.exists()


def test_the_desks_scripts_count_in_lithuanian(client, coordinator):
    client.force_login(coordinator)
    words = client.get(reverse("admin:jsi18n")).content.decode()
    counted = ("Pasirinktas %(sel)s", "Pasirinkti %(sel)s", "Pasirinkta %(sel)s")
    assert [form in words for form in counted] == [True, True, True]
