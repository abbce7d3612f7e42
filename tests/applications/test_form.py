"""Filling in an application: steps, drafts, replays, stale pages, and everything that may be typed wrong."""

import threading

import pytest
from django.db import IntegrityError, connection
from django.test import Client
from django.utils import timezone, translation

from applications.form import filling
from applications.form.forms import SECTION_FORMS, OrganisationForm
from applications.models import Application, Status
from applications.workflow import admission, balloting, closing, completeness, joining, voting
from applications.workflow.completeness import PROMPTS
from cluster_portal.base import unsent
from cluster_portal.base.known import known
from cluster_portal.mail.models import OutgoingMail
from members.models import Area, Municipality
from tests import factories

pytestmark = pytest.mark.django_db
NEW = {"lt": "/prasymai/naujas/", "en": "/en/applications/new/"}
LONG = "ą" * 6000


@pytest.fixture
def signed_in(client, applicant):
    client.force_login(applicant)
    return client


@pytest.fixture
def draft(applicant):
    return factories.application(applicant, name="Juodraštis", consented_at=None)


def organisation(**changes) -> dict[str, str]:
    """The first step, rightly filled in."""
    return {
        "name": "Alfa",
        "legal_name": "UAB „Alfa“",
        "kind": "company",
        "company_code": factories.company_code(next(factories.numbers)),
        "municipality": "LT-25",
        **changes,
    }


def activity(**changes) -> dict:
    return {
        "areas": [known(Area.objects.first()).pk],
        "summary_lt": "Gaminame.",
        "offers": "frezavimas, tekinimas",
        **changes,
    }


def contact(**changes) -> dict[str, str]:
    return {"contact_name": "Ona", "contact_email": "ona@example.org", "motivation": "Norime.", **changes}


SECTIONS = {"organisation": organisation, "activity": activity, "contact": contact}


def address(application, step) -> str:
    return f"/prasymai/{application.pk}/{step}/"


def errors(response) -> dict[str, list[str]]:
    return {name: list(found) for name, found in response.context["form"].errors.items()}


def page(response) -> str:
    return response.content.decode()


def names_of_applications(applicant) -> list[str]:
    return list(applicant.applications.order_by("pk").values_list("name", flat=True))


# The plain way


def test_three_steps_make_a_complete_draft(signed_in, applicant):
    response = signed_in.post(NEW["lt"], organisation(name="Beta"))
    draft = applicant.applications.get()
    assert response.url == address(draft, "activity")
    assert signed_in.post(response.url, activity()).url == address(draft, "contact")
    assert signed_in.post(address(draft, "contact"), contact()).url == f"/prasymai/{draft.pk}/attachments/"
    response = signed_in.get(f"/prasymai/{draft.pk}/review/")
    assert response.context["missing"] == []
    response = signed_in.post(f"/prasymai/{draft.pk}/review/", {"consent": "on"})
    assert response.url == f"/prasymai/{draft.pk}/"
    draft.refresh_from_db()
    assert (draft.status, draft.name, draft.offers) == ("submitted", "Beta", ["frezavimas", "tekinimas"])


def test_a_draft_can_be_left_half_done_and_says_what_it_lacks(signed_in, applicant):
    response = signed_in.post(NEW["lt"], {"name": "Beta", "later": "1"})
    assert response.url == "/prasymai/"
    draft = applicant.applications.get()
    shown = page(signed_in.get("/prasymai/"))
    for step, field in (
        ("organisation", "legal_name"),
        ("organisation", "municipality"),
        ("activity", "summary_lt"),
        ("activity", "areas_0"),
        ("contact", "motivation"),
    ):
        assert f'href="{address(draft, step)}#id_{field}"' in shown


def test_what_is_missing_links_to_fields_that_exist(signed_in, applicant):
    draft = Application.objects.create(applicant=applicant)
    for url, _sentence in signed_in.get(f"/prasymai/{draft.pk}/review/").context["missing"]:
        path, _hash, field = url.partition("#")
        assert f'id="{field}"' in page(signed_in.get(path)), url


def test_an_incomplete_draft_is_not_submitted_and_the_page_says_why(signed_in, draft):
    Application.objects.filter(pk=draft.pk).update(motivation="")
    response = signed_in.post(f"/prasymai/{draft.pk}/review/", {"consent": "on"})
    assert response.status_code == 422
    assert response.context["missing"] == [
        (f"{address(draft, 'contact')}#id_motivation", "Parašykite, kodėl norite prisijungti.")
    ]
    draft.refresh_from_db()
    assert draft.status == "draft"


def test_the_step_bar_marks_what_lacks_nothing(signed_in, draft):
    Application.objects.filter(pk=draft.pk).update(motivation="")
    bar = signed_in.get(address(draft, "organisation")).context["sections"]
    assert [state for _url, _title, state, _words in bar] == ["is-current", "is-done", "", "", ""]


def test_a_draft_is_resumed_not_doubled(signed_in, draft):
    assert signed_in.get(NEW["lt"]).url == address(draft, "organisation")


def test_what_else_the_database_refuses_of_a_draft_is_told_as_no_open_application(draft):
    """Another rule than that of the one open application, which has words of its own."""
    draft.outside_decision = "Posėdis"
    with pytest.raises(IntegrityError, match="outside_decision_admits"):
        filling.save(SECTION_FORMS["activity"](instance=draft), None)


def test_what_else_the_database_refuses_of_a_submission_is_told_as_no_open_application(draft, monkeypatch):
    def refused(application, *_change):
        Application.objects.filter(pk=application.pk).update(outside_decision="Posėdis")

    monkeypatch.setattr(joining, "set_status", refused)
    with pytest.raises(IntegrityError, match="outside_decision_admits"):
        joining.hand_in(draft)


def test_what_is_missing_comes_in_the_order_of_the_form(signed_in, applicant):
    draft = Application.objects.create(applicant=applicant)
    asked = list(completeness.missing_fields(draft))
    assert asked.pop() == "consent"
    in_the_form = [name for form in SECTION_FORMS.values() for name in getattr(form, "base_fields", {})]
    assert asked == [name for name in in_the_form if name in asked]
    assert "areas" in asked


# Wrong and missing fields, step by step

REQUIRED = {
    "organisation": ["name", "legal_name", "kind", "company_code", "municipality"],
    "activity": ["areas", "summary_lt"],
    "contact": ["contact_name", "contact_email", "motivation"],
}
WRONG = [
    ("organisation", "name", "x" * 121),
    ("organisation", "legal_name", LONG),
    ("organisation", "kind", "guild"),
    ("organisation", "company_code", "12345"),
    ("organisation", "company_code", "abcdefghi"),
    ("organisation", "company_code", "١٢٣٤٥٦٧"),
    ("organisation", "company_code", "3" * 400),
    ("organisation", "vat_code", "LT1"),
    ("organisation", "vat_code", "PL1234567890"),
    ("organisation", "municipality", "LT-99"),
    ("organisation", "website", "javascript:alert(1)"),
    ("organisation", "website", "https://a b"),
    ("organisation", "address", LONG),
    ("activity", "areas", ["999999"]),
    ("activity", "areas", ["9" * 40]),
    ("activity", "summary_lt", "x" * 201),
    ("activity", "description_lt", LONG),
    ("activity", "offers", ",".join(f"daiktas {i}" for i in range(13))),
    ("activity", "offers", "x" * 61),
    ("contact", "contact_email", "ne paštas"),
    ("contact", "contact_phone", "12"),
    ("contact", "motivation", LONG),
]


@pytest.mark.parametrize("language", ["lt", "en"])
@pytest.mark.parametrize(("step", "field"), [(step, field) for step, names in REQUIRED.items() for field in names])
def test_a_missing_field_is_named_beside_it_and_in_the_summary(signed_in, draft, language, step, field):
    data = SECTIONS[step]()
    del data[field]
    path = address(draft, step)
    response = signed_in.post(path if language == "lt" else path.replace("/prasymai/", "/en/applications/"), data)
    assert response.status_code == 422
    assert list(errors(response)) == [field]
    assert page(response).count(errors(response)[field][0]) == 2
    with translation.override(language):
        assert errors(response)[field] == [str(PROMPTS[field])]


@pytest.mark.parametrize(("step", "field", "value"), WRONG)
def test_a_wrong_field_is_named_and_what_was_typed_comes_back(signed_in, draft, step, field, value):
    response = signed_in.post(address(draft, step), SECTIONS[step](**{field: value}))
    assert response.status_code == 422
    assert list(errors(response)) == [field]
    assert response.context["form"][field].value() == value


@pytest.mark.parametrize(("step", "field", "value"), WRONG)
def test_leaving_with_a_wrong_field_keeps_the_rest_and_shows_it_again(signed_in, draft, step, field, value):
    before = getattr(draft, field) if field != "areas" else None
    response = signed_in.post(address(draft, step), {**SECTIONS[step](**{field: value}), "later": "1"})
    assert response.status_code == 422
    assert list(errors(response)) == [field]
    assert response.context["form"][field].value() == value
    draft.refresh_from_db()
    if field != "areas":
        assert getattr(draft, field) == before
    other = {"organisation": "name", "activity": "summary_lt", "contact": "contact_name"}[step]
    if other != field:
        assert getattr(draft, other) == SECTIONS[step]()[other]


def test_a_wrong_check_digit_asks_to_look_again_and_can_be_confirmed(signed_in, applicant):
    data = organisation(company_code="123456789", vat_code="LT123456789")
    response = signed_in.post(NEW["lt"], data)
    assert sorted(errors(response)) == ["company_code", "vat_code"]
    assert names_of_applications(applicant) == []
    signed_in.post(NEW["lt"], {**data, "company_code_confirmed": "on", "vat_code_confirmed": "on"})
    draft = applicant.applications.get()
    assert (draft.company_code_confirmed, draft.vat_code_confirmed) == (True, True)
    signed_in.post(address(draft, "organisation"), organisation())
    draft.refresh_from_db()
    assert (draft.company_code_confirmed, draft.vat_code_confirmed) == (False, False)


def test_a_code_of_another_form_cannot_be_confirmed(signed_in, applicant):
    data = organisation(company_code="12", vat_code="LT12")
    response = signed_in.post(NEW["lt"], data)
    assert sorted(errors(response)) == ["company_code", "vat_code"]
    assert 'name="company_code_confirmed"' not in page(response)
    assert 'name="vat_code_confirmed"' not in page(response)
    signed_in.post(NEW["lt"], {**data, "company_code_confirmed": "on", "vat_code_confirmed": "on"})
    assert names_of_applications(applicant) == []


def test_more_text_than_the_portal_takes_is_told_in_both_languages(signed_in, draft):
    response = signed_in.post(address(draft, "contact"), contact(motivation="x" * 3_000_000))
    assert response.status_code == 400
    assert "Grįžkite atgal" in page(response)
    assert "what you typed is still in the form" in page(response)


# Codes that are known already


@pytest.mark.parametrize(("field", "code"), [("company_code", "121215434"), ("vat_code", "LT100001919017")])
class TestAKnownCode:
    def test_of_a_member_is_refused_with_a_link_to_it(self, signed_in, applicant, field, code):
        member = factories.member("Narys", **{field: code})
        response = signed_in.post(NEW["lt"], organisation(**{field: f" {code[:5]} {code[5:]}"}))
        assert list(errors(response)) == [field]
        assert f'<a href="{member.get_absolute_url()}">Narys</a>' in page(response)
        assert names_of_applications(applicant) == []

    def test_of_a_suspended_member_links_to_no_hidden_page(self, signed_in, field, code):
        member = factories.member("Narys", status="suspended", **{field: code})
        response = signed_in.post(NEW["lt"], organisation(**{field: code}))
        assert list(errors(response)) == [field]
        assert member.get_absolute_url() not in page(response)

    def test_of_a_former_member_may_apply_again(self, signed_in, field, code):
        factories.member("Narys", status="former", **{field: code})
        assert signed_in.post(NEW["lt"], organisation(**{field: code})).status_code == 302

    def test_of_ones_own_open_application_links_to_it(self, signed_in, applicant, field, code):
        first = factories.submitted(applicant, **{field: code})
        response = signed_in.post(NEW["lt"], organisation(**{field: code}))
        assert f'<a href="{first.get_absolute_url()}">' in errors(response)[field][0]

    def test_of_anothers_open_application_leads_to_nothing_of_theirs(self, signed_in, field, code):
        first = factories.submitted(factories.person(), **{field: code})
        response = signed_in.post(NEW["lt"], organisation(**{field: code}))
        assert '<a href="/kaip-prisijungti/">' in errors(response)[field][0]
        assert first.get_absolute_url() not in page(response)

    def test_is_refused_at_submission_too(self, signed_in, draft, field, code):
        Application.objects.filter(pk=draft.pk).update(**{field: code})
        factories.member("Narys", **{field: code})
        response = signed_in.post(f"/prasymai/{draft.pk}/review/", {"consent": "on"})
        assert response.status_code == 422
        assert "jau yra klasterio nar" in page(response)
        draft.refresh_from_db()
        assert draft.status == "draft"


def test_the_summary_has_no_link_within_a_link(signed_in):
    factories.member("Narys", company_code="121215434")
    shown = page(signed_in.post(NEW["lt"], organisation(company_code="121215434")))
    summary = shown[shown.index('class="error-summary"') : shown.index("<form", shown.index('class="error-summary"'))]
    assert summary.count("<a ") == summary.count("</a>") == 1


# Replays, double clicks, other windows


def test_the_same_form_sent_twice_makes_one_draft(signed_in, applicant):
    data = organisation(company_code=" 121 215 434 ", seen="")
    urls = [signed_in.post(NEW["lt"], data).url for _time in range(2)]
    draft = applicant.applications.get()
    assert urls == [address(draft, "activity")] * 2


@pytest.mark.parametrize(("path", "heading"), [("lt", "Jau įrašyta kas kita"), ("en", "Something else is saved")])
def test_another_new_form_never_overwrites_the_draft(signed_in, draft, path, heading):
    response = signed_in.post(NEW[path], organisation(name="Visai kita", seen=""))
    shown = page(response)
    assert response.status_code == 409
    assert heading in shown
    assert 'value="Visai kita"' in shown
    assert "<dd>Juodraštis</dd>" in shown
    assert names_of_applications(draft.applicant) == ["Juodraštis"]


def test_what_was_typed_can_then_replace_the_draft_knowingly(signed_in, draft):
    response = signed_in.post(NEW["lt"], organisation(name="Visai kita", seen=""))
    form = response.context["form"]
    signed_in.post(response.context["action"], organisation(name="Visai kita", seen=form["seen"].value()))
    assert names_of_applications(draft.applicant) == ["Visai kita"]


def test_a_step_changed_in_another_window_is_not_overwritten(signed_in, draft):
    seen = OrganisationForm(instance=draft).initial["seen"]
    same = {name: getattr(draft, name) for name in ("legal_name", "kind", "company_code")}
    data = {**same, "municipality": draft.municipality_id, "seen": seen}
    assert signed_in.post(address(draft, "organisation"), {**data, "name": "Pirmas langas"}).status_code == 302
    response = signed_in.post(address(draft, "organisation"), {**data, "name": "Antras langas"})
    assert response.status_code == 409
    assert response.context["saved"] == [("Pavadinimas", "Pirmas langas")]
    assert names_of_applications(draft.applicant) == ["Pirmas langas"]


def test_another_step_saved_meanwhile_is_no_conflict(signed_in, draft):
    seen = OrganisationForm(instance=draft).initial["seen"]
    signed_in.post(address(draft, "contact"), contact(motivation="Kitaip."))
    data = organisation(name="Naujas vardas", seen=seen)
    assert signed_in.post(address(draft, "organisation"), data).status_code == 302
    draft.refresh_from_db()
    assert (draft.name, draft.motivation) == ("Naujas vardas", "Kitaip.")


def test_a_form_that_came_back_with_errors_can_be_sent_again(signed_in, draft):
    seen = OrganisationForm(instance=draft).initial["seen"]
    data = organisation(name="Naujas vardas", website="https://a b", seen=seen)
    response = signed_in.post(address(draft, "organisation"), data)
    assert response.status_code == 422
    data |= {"website": "", "seen": response.context["form"]["seen"].value()}
    assert signed_in.post(address(draft, "organisation"), data).status_code == 302


def test_a_new_form_replayed_after_the_submission_is_refused(signed_in, applicant):
    first = factories.submitted(applicant)
    response = signed_in.post(NEW["lt"], organisation(company_code=first.company_code, seen=""))
    assert list(errors(response)) == ["company_code"]
    assert names_of_applications(applicant) == [first.name]


# Stale pages: the application has moved on while the form was open


@pytest.mark.parametrize("language", ["lt", "en"])
@pytest.mark.parametrize("step", ["organisation", "activity", "contact"])
def test_what_was_typed_into_a_form_that_came_too_late_is_given_back(signed_in, applicant, language, step):
    application = factories.submitted(applicant)
    path = address(application, step)
    typed = {"organisation": {"name": LONG}, "activity": {"summary_lt": LONG}, "contact": {"motivation": LONG}}[step]
    response = signed_in.post(
        path if language == "lt" else path.replace("/prasymai/", "/en/applications/"), SECTIONS[step](**typed)
    )
    assert response.status_code == 409
    assert LONG in page(response)
    heading = {"lt": "Prašymo būsena pasikeitė", "en": "The status of the application has changed"}[language]
    assert f"<h1>{heading}</h1>" in page(response)
    application.refresh_from_db()
    assert LONG not in (application.name, application.summary_lt, application.motivation)


def test_choices_are_given_back_in_words(signed_in, applicant):
    application = factories.submitted(applicant)
    response = signed_in.post(address(application, "organisation"), organisation(kind="institution"))
    assert dict(response.context["typed"])["Savivaldybė"] == Municipality.objects.get(pk="LT-25").name
    assert "Mokslo" in dict(response.context["typed"])["Rūšis"]
    area = known(Area.objects.first())
    response = signed_in.post(address(application, "activity"), activity(areas=[area.pk]))
    assert area.name in dict(response.context["typed"]).values()


def test_an_answer_that_came_too_late_is_given_back(signed_in, applicant, coordinator):
    application = factories.submitted(applicant)
    response = signed_in.post(f"/prasymai/{application.pk}/answer/", {"answer": "Dvylika sklypų."})
    assert response.status_code == 409
    assert "Dvylika sklypų." in page(response)


def test_a_step_page_of_a_submitted_application_leads_to_its_status(signed_in, applicant):
    application = factories.submitted(applicant)
    for step in ("organisation", "attachments", "review"):
        assert signed_in.get(address(application, step)).url == f"/prasymai/{application.pk}/"


# The coordinator's question


@pytest.mark.parametrize("later", [{}, {"later": "1"}])
def test_what_was_submitted_keeps_its_name(signed_in, applicant, coordinator, later):
    application = joining.request_information(factories.submitted(applicant), coordinator, "Kiek?")
    data = organisation(company_code=application.company_code, name="", address="Nauja g. 1", **later)
    response = signed_in.post(address(application, "organisation"), data)
    assert errors(response) == {"name": ["Įrašykite organizacijos pavadinimą."]}
    application.refresh_from_db()
    assert (application.name != "", application.address) == (True, "Nauja g. 1")


@pytest.fixture
def asked(applicant, coordinator):
    application = factories.submitted(applicant)
    return joining.request_information(application, coordinator, "Kiek turite darbuotojų?")


@pytest.mark.parametrize("answer", ["", "   ", LONG])
def test_a_wrong_answer_is_named_in_a_summary_and_kept(signed_in, asked, answer):
    response = signed_in.post(f"/prasymai/{asked.pk}/answer/", {"answer": answer})
    assert response.status_code == 422
    assert list(response.context["answer_form"].errors) == ["answer"]
    assert 'class="error-summary"' in page(response)
    assert response.context["answer_form"]["answer"].value() == answer.strip()


def test_an_answer_is_refused_while_the_application_lacks_something_and_both_are_shown(signed_in, asked):
    Application.objects.filter(pk=asked.pk).update(motivation="")
    response = signed_in.post(f"/prasymai/{asked.pk}/answer/", {"answer": "Dvidešimt."})
    assert response.status_code == 422
    assert ">\nDvidešimt.</textarea>" in page(response)
    assert f"{address(asked, 'contact')}#id_motivation" in page(response)


@pytest.mark.parametrize("place", ["organisation", "activity", "contact", "attachments"])
def test_an_answer_begun_waits_while_something_is_changed(signed_in, asked, place):
    begun = {"answer": "Pradėtas atsakymas", "change": place}
    assert signed_in.post(f"/prasymai/{asked.pk}/answer/", begun).url == address(asked, place)
    asked.refresh_from_db()
    assert (asked.status, asked.answer) == ("information_requested", "")
    assert signed_in.get(address(asked, place)).status_code == 200
    back = signed_in.post(address(asked, "contact"), contact(contact_phone="+370 612 34567", later="1"))
    assert back.url == asked.get_absolute_url()
    waiting = signed_in.get(back.url).context["answer_form"]
    assert (waiting["answer"].value(), waiting.errors) == ("Pradėtas atsakymas", {})
    signed_in.post(f"/prasymai/{asked.pk}/answer/", {"answer": "Atsakymas"})
    asked.refresh_from_db()
    assert (asked.status, asked.answer, str(asked.contact_phone)) == ("submitted", "Atsakymas", "+37061234567")
    shown = page(signed_in.get(back.url))
    assert shown.index("Kiek turite darbuotojų?") < shown.index("<dd>Atsakymas</dd>")
    assert unsent.KEY not in signed_in.session


def test_an_answer_sent_twice_is_one_answer(signed_in, asked):
    for _time in range(2):
        response = signed_in.post(f"/prasymai/{asked.pk}/answer/", {"answer": "Dvidešimt.\r\nŠiandien."})
        assert response.url == f"/prasymai/{asked.pk}/"


# Beginning again


@pytest.mark.parametrize("status", [Status.WITHDRAWN, Status.REJECTED])
def test_a_closed_application_can_be_begun_again_with_what_it_held(signed_in, applicant, status):
    closed = factories.application(applicant, name="Gama", offers=["frezavimas"])
    now = timezone.now()
    Application.objects.filter(pk=closed.pk).update(status=status, submitted_at=now, applicant_told_at=now)
    url = f"{NEW['lt']}?from={closed.pk}"
    assert url in page(signed_in.get(f"/prasymai/{closed.pk}/"))
    form = signed_in.get(url).context["form"]
    data = {name: form[name].value() for name in ("name", "legal_name", "kind", "company_code", "municipality")}
    signed_in.post(url, {**data, "seen": ""})
    draft = applicant.applications.get(status="draft")
    assert (draft.name, draft.motivation, draft.offers) == ("Gama", closed.motivation, ["frezavimas"])
    assert set(draft.areas.all()) == set(closed.areas.all())
    assert signed_in.get(f"/prasymai/{draft.pk}/review/").context["missing"] == []


def test_a_decision_that_was_reopened_is_never_told(signed_in, applicant, coordinator, founders):
    application = factories.rejected(applicant, coordinator, founders)
    url = f"/prasymai/{application.pk}/"

    def history():
        return [status for _moment, status in signed_in.get(url).context["history"]]

    until_the_vote = [Status.DRAFT, Status.SUBMITTED, Status.VOTING]
    assert history() == until_the_vote
    assert "atmesta" not in page(signed_in.get(url)).lower()
    balloting.reopen_voting(application, coordinator, 7, "Naujos žinios.")
    assert history() == until_the_vote
    for founder in founders[:3]:
        voting.cast_vote(application, founder.voter, "against")
    assert history() == until_the_vote
    closing.reject(application, coordinator, "Veikla nesusijusi su gamyba.")
    assert history() == [*until_the_vote, Status.REJECTED]


@pytest.mark.parametrize("number", ["", "x", "٣", "9" * 30, "-1", "0"])
def test_a_new_form_from_nothing_is_an_empty_one(signed_in, number):
    assert signed_in.get(NEW["lt"], {"from": number}).context["form"]["name"].value() in (None, "")


def test_nobody_begins_with_anothers_data_or_with_an_untold_decision(signed_in, applicant):
    others = factories.application(factories.person(), name="Svetima")
    Application.objects.filter(pk=others.pk).update(status=Status.WITHDRAWN)
    untold = factories.application(applicant, name="Nepasakyta")
    Application.objects.filter(pk=untold.pk).update(status=Status.REJECTED, submitted_at=timezone.now())
    for application in (others, untold):
        shown = page(signed_in.get(NEW["lt"], {"from": application.pk}))
        assert application.name not in shown


def test_an_admitted_one_may_apply_for_another_organisation(signed_in, applicant, coordinator, founders):
    admission.admit(factories.approved(applicant, coordinator, founders), coordinator)
    assert signed_in.post(NEW["lt"], organisation(name="Kita")).status_code == 302
    assert "Kita" in names_of_applications(applicant)


def test_a_draft_given_up_is_withdrawn_and_a_second_click_is_no_error(signed_in, draft):
    assert "Atsisakyti juodraščio" in page(signed_in.get(f"/prasymai/{draft.pk}/withdraw/"))
    for _time in range(2):
        signed_in.post(f"/prasymai/{draft.pk}/withdraw/")
    shown = page(signed_in.get(f"/prasymai/{draft.pk}/"))
    assert "alert-danger" not in shown
    assert "Juodraščio atsisakyta." in shown
    assert "Šio juodraščio atsisakėte" in shown
    draft.refresh_from_db()
    assert draft.status == "withdrawn"


# Others' ids


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize(
    "step", ["", "organisation/", "activity/", "contact/", "attachments/", "review/", "answer/", "withdraw/"]
)
def test_anothers_application_is_not_found(signed_in, method, step):
    others = factories.application(factories.person(), name="Svetima")
    response = getattr(signed_in, method)(f"/prasymai/{others.pk}/{step}", contact(answer="x", consent="on"))
    assert response.status_code == 404
    assert "Svetima" not in page(response)
    others.refresh_from_db()
    assert (others.status, others.contact_name) == ("draft", "Vardenė Pavardenė")


@pytest.mark.parametrize("path", ["/prasymai/99999999999999999999999/", "/prasymai/0/review/", "/prasymai/1/nera/"])
def test_an_id_that_cannot_be_is_not_found(signed_in, path):
    assert signed_in.get(path).status_code == 404


# Double clicks over real connections


def at_once(applicant, *requests) -> list[int]:
    """Send the POSTs (path, data) at the same moment, each over a database connection of its own; their statuses."""
    gate, statuses = threading.Barrier(len(requests)), []

    def send(path, data):
        client = Client(raise_request_exception=False)
        client.force_login(applicant)
        try:
            gate.wait(60)
            statuses.append(client.post(path, data).status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=send, args=request) for request in requests]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return statuses


@pytest.mark.django_db(transaction=True)
def test_a_double_click_on_new_makes_one_draft(applicant):
    data = organisation(seen="")
    assert at_once(applicant, (NEW["lt"], data), (NEW["lt"], data)) == [302, 302]
    assert Application.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_different_new_forms_at_once_make_one_draft_and_one_question(applicant):
    statuses = at_once(applicant, *((NEW["lt"], organisation(name=name, seen="")) for name in ("Alfa", "Beta")))
    assert sorted(statuses) == [302, 409]
    assert Application.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_double_click_on_submit_makes_one_application_and_one_mail(applicant):
    draft = factories.application(applicant)
    click = (f"/prasymai/{draft.pk}/review/", {"consent": "on"})
    assert at_once(applicant, click, click) == [302, 302]
    assert [application.status for application in Application.objects.all()] == ["submitted"]
    assert OutgoingMail.objects.filter(to=applicant.email).count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_double_click_on_the_answer_sends_one(applicant, coordinator):
    application = joining.request_information(factories.submitted(applicant), coordinator, "Kiek?")
    click = (f"/prasymai/{application.pk}/answer/", {"answer": "Du."})
    assert at_once(applicant, click, click) == [302, 302]
    assert application.history.filter(status="submitted").count() == 2


@pytest.mark.django_db(transaction=True)
def test_two_open_applications_that_take_the_same_code_at_once_end_with_one_of_it(applicant, coordinator):
    asked = [
        joining.request_information(factories.submitted(applicant), coordinator, "Ar kodas teisingas?") for _ in "ab"
    ]
    data = organisation()
    clicks = [(address(application, "organisation"), data) for application in asked]
    assert sorted(at_once(applicant, *clicks)) == [302, 422]
    assert Application.objects.filter(company_code=data["company_code"]).count() == 1


def test_the_list_asks_the_same_of_the_database_however_many_there_are(
    signed_in, applicant, draft, django_assert_num_queries
):
    with django_assert_num_queries(8):
        signed_in.get("/prasymai/")
    for _number in range(10):
        factories.submitted(applicant)
    with django_assert_num_queries(8):
        signed_in.get("/prasymai/")
