"""Error messages name the thing: every form of the portal sent empty or with nonsense, in both languages."""

import importlib
import pkgutil

import pytest
from django import forms
from django.core.management import call_command
from django.urls import reverse, translate_url
from django.utils import translation
from django.utils.functional import Promise

import applications
import cluster_portal
import members
import news
from applications.desk import step
from cluster_portal.base.prompts import Prompts
from tests import factories

pytestmark = pytest.mark.django_db

# Who sends what to which address, and what the form answers: (role, name, data, {field: (Lithuanian, English)}).
PAGES = [
    (
        "applicant",
        "applications:section organisation",
        {"kind": "guild"},
        {
            "name": ("Įrašykite organizacijos pavadinimą.", "Enter the name of the organisation."),
            "legal_name": ("Įrašykite visą juridinio asmens pavadinimą.", "Enter the full legal name."),
            "kind": ("Pasirinkite organizacijos rūšį.", "Choose the kind of organisation."),
            "company_code": ("Įrašykite įmonės kodą.", "Enter the company code."),
            "municipality": ("Pasirinkite savivaldybę.", "Choose the municipality."),
        },
    ),
    (
        "applicant",
        "applications:section activity",
        {},
        {
            "areas": ("Pasirinkite bent vieną veiklos sritį.", "Choose at least one area of activity."),
            "summary_lt": (
                "Vienu ar dviem sakiniais aprašykite organizaciją.",
                "Describe the organisation in one or two sentences.",
            ),
        },
    ),
    (
        "applicant",
        "applications:section contact",
        {"contact_email": "ona"},
        {
            "contact_name": ("Įrašykite kontaktinio asmens vardą ir pavardę.", "Enter the name of the contact person."),
            "contact_email": (
                "Įrašykite kontaktinio asmens el. pašto adresą, pavyzdžiui, vardas@example.org.",
                "Enter the email address of the contact person, for example, vardas@example.org.",
            ),
            "motivation": ("Parašykite, kodėl norite prisijungti.", "Say why you want to join."),
        },
    ),
    (
        "applicant",
        "applications:review",
        {},
        {"consent": ("Pažymėkite patvirtinimą.", "Please tick the confirmation.")},
    ),
    (
        "applicant",
        "my-details",
        {"language": "de"},
        {
            "first_name": ("Įrašykite savo vardą.", "Enter your first name."),
            "last_name": ("Įrašykite savo pavardę.", "Enter your last name."),
            "language": ("Pasirinkite kalbą.", "Choose a language."),
        },
    ),
    (
        "anonymous",
        "news:subscribe",
        {"email": "x"},
        {
            "email": (
                "Įrašykite savo el. pašto adresą, pavyzdžiui, vardas@example.org.",
                "Enter your email address, for example, vardas@example.org.",
            )
        },
    ),
    (
        "anonymous",
        "account_login",
        {},
        {
            "login": (
                "Įrašykite savo el. pašto adresą, pavyzdžiui, vardas@example.org.",
                "Enter your email address, for example, vardas@example.org.",
            ),
            "password": ("Įveskite slaptažodį.", "Enter your password."),
        },
    ),
    (
        "anonymous",
        "account_signup",
        {"email": "x"},
        {
            "email": (
                "Įrašykite savo el. pašto adresą, pavyzdžiui, vardas@example.org.",
                "Enter your email address, for example, vardas@example.org.",
            ),
            "first_name": ("Įrašykite savo vardą.", "Enter your first name."),
            "last_name": ("Įrašykite savo pavardę.", "Enter your last name."),
            "password1": ("Įveskite naują slaptažodį.", "Enter a new password."),
            "password2": ("Pakartokite slaptažodį.", "Enter the same password again."),
        },
    ),
    (
        "anonymous",
        "account_reset_password",
        {},
        {
            "email": (
                "Įrašykite savo el. pašto adresą, pavyzdžiui, vardas@example.org.",
                "Enter your email address, for example, vardas@example.org.",
            )
        },
    ),
    (
        "applicant",
        "account_change_password",
        {},
        {
            "oldpassword": ("Įveskite dabartinį slaptažodį.", "Enter your current password."),
            "password1": ("Įveskite naują slaptažodį.", "Enter a new password."),
            "password2": ("Pakartokite slaptažodį.", "Enter the same password again."),
        },
    ),
    ("applicant", "account_reauthenticate", {}, {"password": ("Įveskite slaptažodį.", "Enter your password.")}),
    (
        "owner",
        "edit-organisation",
        {"email": "x", "language": ""},
        {
            "email": (
                "Įrašykite el. pašto adresą, pavyzdžiui, vardas@example.org.",
                "Enter an email address, for example, vardas@example.org.",
            )
        },
    ),
]


@pytest.fixture
def people(applicant, client):
    """The address of each page, and a client for each role."""
    member = factories.member("Alfa")
    owner = factories.person()
    member.representatives.create(user=owner, role="owner")
    draft = factories.application(applicant, name="Juodraštis", consented_at=None)

    def enter(role, name):
        if role != "anonymous":
            client.force_login(
                {"applicant": applicant, "owner": owner}[role], backend="django.contrib.auth.backends.ModelBackend"
            )
        name, *step = name.split()
        of = {"applications:section": [draft.pk, *step], "applications:review": [draft.pk]}
        return reverse(name, args={**of, "edit-organisation": [member.slug]}.get(name, []))

    return enter


@pytest.mark.parametrize("language", ["lt", "en"])
@pytest.mark.parametrize(("role", "name", "data", "expected"), PAGES, ids=[page[1] for page in PAGES])
def test_a_form_says_what_to_enter(client, people, role, name, data, expected, language):
    path = translate_url(people(role, name), language)
    response = client.post(path, data)
    said = {field: list(sentences) for field, sentences in response.context["form"].errors.items()}
    assert said == {field: [words[language == "en"]] for field, words in expected.items()}
    page = response.content.decode()
    assert [sentence for [sentence] in said.values() if sentence not in page] == []


DAYS = ("Įrašykite dienų skaičių nuo 1 iki 90.", "Enter the number of days, from 1 to 90.")
TO_FOUNDERS = ("Nurodykite priežastį; ją perskaitys steigėjai.", "Write the reason; the founders will read it.")
PROMPTS = {
    "request_information": {
        "question": ("Parašykite, ką pareiškėjas turėtų patikslinti.", "Write what the applicant should clarify.")
    },
    "reject": {
        "reason": ("Parašykite priežastį; pareiškėjas ją perskaitys.", "Write the reason; the applicant will read it.")
    },
    "extend_voting": {"days": DAYS, "reason": TO_FOUNDERS},
    "reopen_voting": {"days": DAYS, "reason": TO_FOUNDERS},
    "record_vote": {
        "founder": ("Pasirinkite steigėją.", "Choose the founder."),
        "choice": ("Nurodykite, kaip steigėjas balsavo.", "Choose how the founder voted."),
        "decided_on": ("Įrašykite rašto ar posėdžio datą.", "Enter the date of the document or meeting."),
        "reference": (
            "Nurodykite, kur rasti raštą ar posėdžio protokolą.",
            "Say where the document or the minutes of the meeting can be found.",
        ),
    },
}


@pytest.mark.parametrize("language", ["lt", "en"])
@pytest.mark.parametrize("verb", PROMPTS)
def test_a_step_at_the_desk_says_what_to_enter(client, verb, applicant, coordinator, founders, language):
    application = factories.in_status(step.STEPS[verb].verb.sources[0], applicant, coordinator, founders)
    coordinator.language = language  # the desk speaks its user's
    coordinator.save()
    client.force_login(coordinator)
    path = reverse(f"admin:applications_application_{verb}", args=[application.pk])
    response = client.post(path, {"days": "91", "confirmed": "1"})
    said = {field: list(sentences) for field, sentences in response.context["step"].errors.items()}
    assert said == {field: [words[language == "en"]] for field, words in PROMPTS[verb].items()}


@pytest.mark.parametrize("name", ["my-details", "admin:applications_decisionrule_add", "admin:identity_set_up"])
def test_a_form_that_is_sent_with_nothing_at_all_names_what_it_lacks(client, bare, name):
    client.force_login(factories.person(is_staff=True, is_superuser=True))
    if name != "admin:identity_set_up":
        call_command("seed_cluster")  # without a cluster that page alone is open
    form = client.post(reverse(name)).context["form"]
    required = [field.name for field in form if field.field.required]
    assert (bool(required), [field for field in required if field not in form.errors]) == (True, [])


def test_a_field_without_words_of_its_own_is_named_by_its_label():
    class Form(Prompts, forms.Form):
        colour = forms.CharField(label="Spalva")
        wide = forms.CharField()
        worded = forms.CharField(error_messages={"required": "Savais žodžiais."})

    with translation.override("lt"):
        assert Form({}).errors == {
            "colour": ["Užpildykite lauką „Spalva“."],
            "wide": ["Užpildykite lauką „Wide“."],
            "worded": ["Savais žodžiais."],
        }


def modules(package):
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if ".migrations" not in module.name and not module.name.endswith(("wsgi", "__main__")):
            yield importlib.import_module(module.name)


def test_every_form_of_the_portal_has_prompts():
    found = {
        form
        for package in (applications, cluster_portal, members, news)
        for module in modules(package)
        for form in vars(module).values()
        if isinstance(form, type) and issubclass(form, forms.BaseForm) and form.__module__ == module.__name__
    }
    without = {f"{form.__module__}.{form.__qualname__}" for form in found if not issubclass(form, Prompts)}
    # allauth builds its sign-up form on it; that one has them.
    assert without == {"members.people.accounts.SignupFields"}
    for form in found:
        assert all(isinstance(sentence, str | Promise) for sentence in getattr(form, "prompts", {}).values())
