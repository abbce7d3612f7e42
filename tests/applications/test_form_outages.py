"""The session ends, the form's token is stale, the database or the broker is away: nothing typed is lost."""

import re
import time

import pytest
from django.db import connection
from django.test import Client

from applications.models import Application
from cluster_portal.base import unsent
from cluster_portal.mail.models import OutgoingMail
from tests import factories
from tests.processes import broker_at, free_port

pytestmark = pytest.mark.django_db
PATHS = {"lt": ("/prasymai", "/paskyra/login/"), "en": ("/en/applications", "/en/account/login/")}
TEXT = "Norime dirbti drauge. " * 200 + "Labai."


@pytest.fixture
def draft(applicant):
    return factories.application(applicant, name="Juodraštis")


def contact(**changes) -> dict[str, str]:
    return {"contact_name": "Ona", "contact_email": "ona@example.org", "motivation": TEXT, **changes}


def log_in(client, url: str, person, **extra):
    """Log in on the page that `url` led to, as a person does: the form carries `next` on."""
    next_page = client.get(url, **extra).context["redirect_field_value"]
    data = {"login": person.email, "password": factories.PASSWORD, "next": next_page}
    return client.post(url.partition("?")[0], data, **extra)


@pytest.mark.parametrize(
    ("language", "log_in_words", "form_words"),
    [
        ("lt", "tai, ką įrašėte, bus formoje", "bet dar neišsaugota"),
        ("en", "what you typed has been kept", "not saved yet"),
    ],
)
def test_what_was_typed_while_the_session_had_ended_is_in_the_form_after_the_log_in(
    client, applicant, draft, language, log_in_words, form_words
):
    prefix, log_in_page = PATHS[language]
    path = f"{prefix}/{draft.pk}/contact/"
    response = client.post(path, contact())
    assert response.url.startswith(log_in_page)
    assert log_in_words in client.get(response.url).content.decode()
    response = log_in(client, response.url, applicant)
    assert response.url == path
    response = client.get(path)
    assert form_words in response.content.decode()
    assert response.context["form"]["motivation"].value() == TEXT
    draft.refresh_from_db()
    assert draft.motivation != TEXT.strip()
    assert client.post(path, contact()).status_code == 302
    draft.refresh_from_db()
    assert draft.motivation == TEXT.strip()
    assert form_words not in client.get(path).content.decode()


def test_a_new_application_typed_while_logged_out_waits_too(client, applicant):
    response = client.post("/prasymai/naujas/", {"name": "Alfa", "seen": ""})
    response = log_in(client, response.url, applicant)
    assert client.get(response.url).context["form"]["name"].value() == "Alfa"
    assert Application.objects.count() == 0


def test_what_one_person_typed_is_not_shown_to_another_who_logs_in_at_the_same_computer(client, applicant):
    client.force_login(applicant, backend="django.contrib.auth.backends.ModelBackend")
    [whose] = re.findall(r'name="person" value="(\d+)"', client.get("/prasymai/naujas/").content.decode())
    client.cookies.clear()
    response = client.post("/prasymai/naujas/", {"name": "Alfa", "seen": "", "person": whose})
    other = factories.person()
    response = client.get(log_in(client, response.url, other).url)
    assert response.context["form"]["name"].value() == ""
    assert unsent.KEY not in client.session


def test_a_vote_typed_by_one_founder_is_not_shown_to_another(client, applicant, coordinator, founders):
    path = f"/balsavimai/{factories.voting(applicant, coordinator).pk}/"
    mine, others = founders[0].voter, founders[1].voter
    client.force_login(mine, backend="django.contrib.auth.backends.ModelBackend")
    assert f'name="person" value="{mine.pk}"' in client.get(path).content.decode()
    sent = {"choice": "against", "comment": "Slapta.", "person": mine.pk}
    for person, shown in ((others, False), (mine, True)):
        client.cookies.clear()
        response = client.get(log_in(client, client.post(path, sent).url, person).url)
        assert ("Slapta." in response.content.decode()) is shown


def test_it_does_not_overwrite_a_draft_that_exists(client, applicant, draft):
    response = client.post("/prasymai/naujas/", {"name": "Alfa", "seen": ""})
    response = client.get(log_in(client, response.url, applicant).url)
    assert response.context["form"]["name"].value() == "Alfa"
    assert ("Pavadinimas", "Juodraštis") in response.context["saved"]
    draft.refresh_from_db()
    assert draft.name == "Juodraštis"


def test_an_answer_and_a_consent_wait_too(client, applicant, draft):
    review = f"/prasymai/{draft.pk}/review/"
    response = client.post(review, {"consent": "on"})
    assert log_in(client, response.url, applicant).url == review
    assert client.get(review).context["form"]["consent"].value() is True
    draft.refresh_from_db()
    assert draft.status == "draft"
    client.post(review, {"consent": "on"})
    Application.objects.filter(pk=draft.pk).update(status="information_requested")
    client.logout()
    answer = f"/prasymai/{draft.pk}/answer/"
    response = client.post(answer, {"answer": "Dvidešimt."})
    assert log_in(client, response.url, applicant).url == answer
    assert ">\nDvidešimt.</textarea>" in client.get(answer).content.decode()
    draft.refresh_from_db()
    assert draft.answer == ""


def test_a_file_chosen_while_logged_out_is_asked_for_again(client, applicant, draft):
    path = f"/prasymai/{draft.pk}/attachments/"
    response = client.post(path, {})
    assert log_in(client, response.url, applicant).url == path
    assert "Failas nepridėtas" in client.get(path).content.decode()


def test_somebody_else_who_logs_in_here_sees_nothing_of_it(client, applicant, draft):
    path = f"/prasymai/{draft.pk}/contact/"
    response = client.post(path, contact())
    log_in(client, response.url, factories.person())
    assert client.get(path).status_code == 404


def test_it_waits_for_an_hour(client, applicant, draft):
    path = f"/prasymai/{draft.pk}/contact/"
    log_in(client, client.post(path, contact()).url, applicant)
    session = client.session
    session[unsent.KEY] = {**session[unsent.KEY], "until": time.time() - 1}
    session.save()
    assert client.get(path).context["form"]["motivation"].value() == draft.motivation


def test_more_than_can_wait_is_not_kept_and_that_is_said(client, draft):
    response = client.post(f"/prasymai/{draft.pk}/contact/", contact(motivation="x" * 70_000))
    assert "nusikopijuokite, ką įrašėte" in client.get(response.url).content.decode()
    assert unsent.KEY not in client.session


def test_other_forms_are_not_kept(client, founders):
    client.post("/prasymai/1/withdraw/", {"reason": "Persigalvojome."})
    assert unsent.KEY not in client.session


# The form's token


@pytest.fixture
def strict(applicant):
    """A browser whose forms are checked for their token, with a cookie of it, logged in."""
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(applicant)
    browser.cookies["csrftoken"] = "x" * 32
    return browser


def test_a_stale_token_of_our_own_page_brings_the_text_back(strict, draft):
    path = f"/prasymai/{draft.pk}/contact/"
    response = strict.post(path, contact(csrfmiddlewaretoken="y" * 32), headers={"origin": "http://testserver"})
    assert (response.status_code, response["Location"]) == (302, path)
    response = strict.get(path)
    assert response.context["form"]["motivation"].value() == TEXT
    assert "Formos galiojimas buvo pasibaigęs" in response.content.decode()
    draft.refresh_from_db()
    assert draft.motivation != TEXT.strip()


@pytest.mark.parametrize("origin", ["https://evil.example", "null", ""])
@pytest.mark.parametrize(("language", "words"), [("lt", "Atverti formą iš naujo"), ("en", "Open the form again")])
def test_what_another_site_sent_is_refused_with_a_way_back(strict, draft, origin, language, words):
    path = f"{PATHS[language][0]}/{draft.pk}/contact/"
    headers = {"origin": origin} if origin else {}
    response = strict.post(path, contact(), headers=headers)
    page = response.content.decode()
    assert response.status_code == 403
    assert f'href="{path}">{words}</a>' in page
    assert TEXT not in page
    assert unsent.KEY not in strict.session


def test_without_cookies_the_page_says_so(applicant, draft):
    response = Client(enforce_csrf_checks=True).post(
        f"/prasymai/{draft.pk}/contact/", contact(), headers={"origin": "http://testserver"}
    )
    assert response.status_code == 403
    assert "slapukus" in response.content.decode()


# The database, the broker


@pytest.mark.django_db(transaction=True)
def test_a_database_that_is_away_is_told_in_plain_words_and_all_goes_on_when_it_is_back(applicant):
    draft = factories.application(applicant)
    browser = Client(raise_request_exception=False)
    browser.force_login(applicant)
    address = {name: connection.settings_dict[name] for name in ("HOST", "PORT")}
    connection.close()
    connection.settings_dict.update(HOST="127.0.0.1", PORT=str(free_port()))
    try:
        responses = [
            browser.get(f"/prasymai/{draft.pk}/contact/"),
            browser.post(f"/prasymai/{draft.pk}/contact/", contact()),
            browser.post("/en/applications/new/", {"name": "Alfa"}),
        ]
    finally:
        connection.close()
        connection.settings_dict.update(address)
    assert [response.status_code for response in responses] == [503, 503, 503]
    for response in responses:
        page = response.content.decode()
        assert "tai, ką įrašėte, tebėra" in page
        assert "what you typed is still there" in page
        assert "Traceback" not in page
    assert browser.post(f"/prasymai/{draft.pk}/contact/", contact()).status_code == 302


@pytest.mark.django_db(transaction=True)
def test_with_the_broker_away_an_application_is_submitted_and_its_mail_waits(applicant):
    draft = factories.application(applicant)
    browser = Client(raise_request_exception=False)
    browser.force_login(applicant)
    with broker_at(f"redis://127.0.0.1:{free_port()}/0"):
        begun = time.monotonic()
        response = browser.post(f"/prasymai/{draft.pk}/review/", {"consent": "on"})
    assert (response.status_code, response["Location"]) == (302, f"/prasymai/{draft.pk}/")
    assert time.monotonic() - begun < 6
    draft.refresh_from_db()
    assert draft.status == "submitted"
    assert OutgoingMail.objects.get(to=applicant.email).status == "queued"
