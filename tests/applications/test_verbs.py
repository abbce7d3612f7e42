"""What verbs and steps declare: the diagram of the documents, and that a new one is listed nowhere."""

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.urls import reverse

from applications.desk.admin import ApplicationAdmin
from applications.desk.dossier import Dossier
from applications.desk.step import STEPS, Preview, Step, next_steps, step_of
from applications.models import Application, Status
from applications.workflow.door import VERBS, HistoryLine, Taker, table, verb
from cluster_portal.desk.site import CoordinatorSite
from members.models import User
from tests import factories


def test_the_documents_show_the_table_of_the_verbs():
    assert table() in Path(settings.BASE_DIR, "docs", "architecture.md").read_text(), table()


def test_every_verb_of_the_coordinator_has_its_step():
    assert set(STEPS) == {name for name, declared in VERBS.items() if declared.taker == Taker.COORDINATOR}
    assert len({step.rank for step in STEPS.values()}) == len(STEPS)


def test_a_step_that_leaves_something_out_cannot_be_made():
    idle: Any = type("Idle", (Step,), {"preview": lambda self: Preview([])})
    with pytest.raises(TypeError, match="take"):
        idle(application=Application())


@pytest.fixture
def shelve():
    """A verb and its step that nobody has heard of."""

    @verb(
        Taker.COORDINATOR,
        sources=(Status.LAPSED,),
        targets=(Status.WITHDRAWN,),
        history_line=HistoryLine("Shelved", text="rejection_reason"),
    )
    def shelve(application: Application, by: User, reason: str) -> Application:
        application.status, application.rejection_reason = Status.WITHDRAWN, reason
        application.save(update_fields=["status", "rejection_reason"])
        return application

    @step_of(shelve)
    class Shelve(Step):
        rank = 1
        title = button = done = "Shelve it"

        def preview(self) -> Preview:
            return Preview(["It is shelved."])

        def take(self, by: User) -> None:
            shelve(self.application, by, "No shelf is full.")

    yield shelve
    del VERBS["shelve"], STEPS["shelve"]


@pytest.mark.django_db
def test_a_new_verb_has_its_button_address_page_and_line_of_history(
    shelve, client, rf, applicant, coordinator, founders
):
    application = factories.lapsed(applicant, coordinator)
    assert next_steps(application)[0].verb is shelve
    admin = ApplicationAdmin(Application, CoordinatorSite())
    assert "applications_application_shelve" in [pattern.name for pattern in admin.get_urls()]
    request = rf.get("/")
    request.user = coordinator
    answer: Any = admin.step_view(request, application.pk, "shelve")
    page = answer.render().content.decode()
    assert "It is shelved." in page
    shelve(application, coordinator, "No shelf is full.")
    newest = Dossier(Application.objects.get()).events[0]
    assert (newest.what, newest.text, newest.who) == ("Shelved", "No shelf is full.", coordinator)


@pytest.mark.django_db
def test_a_verb_that_ends_where_it_does_not_say_changes_nothing(applicant, coordinator, founders):
    @verb(Taker.COORDINATOR, sources=(Status.SUBMITTED,), targets=(Status.VOTING,))
    def stray(application: Application, by: User) -> None:
        application.status = Status.WITHDRAWN
        application.save(update_fields=["status"])

    del VERBS["stray"]
    application = factories.submitted(applicant)
    with pytest.raises(RuntimeError, match="stray does not declare that it leads to withdrawn"):
        stray(application, coordinator)
    assert Application.objects.get().status == Status.SUBMITTED


ANSWERS = {"decided_on": "2026-01-15", "reference": "Nr. 3", "choice": "for", "days": 7, "reason": "Taip reikia.",
           "question": "Kiek turite darbuotojų?"}  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("status", [status for status in Status.values if status != Status.DRAFT])
def test_every_page_of_a_step_answers_in_every_status(status, client, applicant, coordinator, founders):
    """A refusal comes in its own words, once, by GET on the application's page and by POST on the step's, with what was typed
    and whether or not that would do.
    """
    application = factories.in_status(status, applicant, coordinator, founders)
    client.force_login(coordinator)
    refusals = {name: step.verb.refusal(application) for name, step in STEPS.items()}
    typed = {**ANSWERS, "founder": founders[4].pk}
    for name, refusal in refusals.items():
        address = reverse(f"admin:applications_application_{name}", args=[application.pk])
        page = client.get(address, follow=True)
        assert page.status_code == 200
        assert [message.message for message in page.context["messages"]] == ([refusal.message] if refusal else [])
        if refusal:
            assert page.redirect_chain == [
                (reverse("admin:applications_application_change", args=[application.pk]), 302)
            ]
            empty = client.post(address)
            assert [message.message for message in empty.context["messages"]] == [refusal.message]
            page = client.post(address, typed)
            assert page.status_code == 200
            shown = page.content.decode()
            assert [message.message for message in page.context["messages"]] == [refusal.message]
            assert "Taip reikia." in shown or "reason" not in page.context["step"].fields
    application.refresh_from_db()
    assert application.status == status
