"""Files change exactly when their rows do."""

import logging
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage, storages
from django.db import IntegrityError, transaction

from applications.models import Attachment
from cluster_portal.base.known import known
from members.models import Member
from members.people.erasure import anonymise
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)


def logos() -> list[str]:
    folder = Path(default_storage.path("logos"))
    return sorted(file.name for file in folder.iterdir()) if folder.exists() else []


@pytest.fixture
def member():
    member = factories.member("Alfa")
    member.logo.save("first.png", ContentFile(b"1"))
    return member


def test_a_replaced_file_goes_with_the_commit(member):
    with transaction.atomic():
        member.logo.save("second.png", ContentFile(b"2"))
        assert logos() == ["first.png", "second.png"]
    assert logos() == ["second.png"]
    member.logo = ""
    member.save()
    assert logos() == []


def test_a_file_written_in_vain_does_not_stay(member):
    with transaction.atomic():
        member.logo.save("second.png", ContentFile(b"2"))
        transaction.set_rollback(True)
    assert (Member.objects.get().logo.name, logos()) == ("logos/first.png", ["first.png"])


def test_nor_does_one_of_a_savepoint_that_was_taken_back(member):
    with transaction.atomic():
        with transaction.atomic():
            member.logo.save("second.png", ContentFile(b"2"))
            transaction.set_rollback(True)
        assert logos() == ["first.png"]
    assert logos() == ["first.png"]


def test_nor_one_whose_row_the_database_refuses(member):
    other = Member(name="Beta", slug="alfa", number=1)
    other.logo = ContentFile(b"2", name="second.png")
    with pytest.raises(IntegrityError), transaction.atomic():
        other.save()
    assert logos() == ["first.png"]


def test_saving_something_else_moves_no_file(member):
    member = Member.objects.get()
    member.name = "Beta"
    member.save()
    member.save(update_fields=["name"])
    assert logos() == ["first.png"]


def test_a_form_that_is_not_saved_changes_no_file(client, coordinator, member):
    """The desk's form makes its record before the rows below it turn out to be wrong."""
    client.force_login(coordinator)
    page = f"/admin/members/member/{member.pk}/change/"
    form = client.get(page).context["adminform"].form
    data = {name: value for name in form.fields if name != "logo" and (value := form[name].value())}
    rows = {"representatives-TOTAL_FORMS": "1", "representatives-INITIAL_FORMS": "0"}
    wrong = {"representatives-0-user": "999999", "representatives-0-role": "owner"}
    answer = client.post(page, {**data, **rows, **wrong, "logo-clear": "on"})
    assert (answer.context["adminform"].form.errors, len(answer.context["errors"])) == ({}, 1)
    assert (Member.objects.get().logo.name, logos()) == ("logos/first.png", ["first.png"])
    assert (
        client.post(page, {**data, **rows, "representatives-TOTAL_FORMS": "0", "logo-clear": "on"}).status_code == 302
    )
    assert (Member.objects.get().logo.name, logos()) == ("", [])


def test_attachments_go_with_their_rows_at_erasure_too(applicant):
    draft = factories.application(applicant)
    attachment = Attachment(application=draft, name="a.pdf", content_type="application/pdf", size=1)
    attachment.file.save("a.pdf", ContentFile(b"1"))
    storage, name = attachment.file.storage, known(attachment.file.name)
    with transaction.atomic():
        anonymise(applicant)
        transaction.set_rollback(True)
    assert storage.exists(name)
    anonymise(applicant)
    assert not storage.exists(name)


def test_a_storage_that_is_away_fails_no_change_that_is_committed(member, monkeypatch, caplog):
    def away(_storage, _name):
        raise OSError("away")

    monkeypatch.setattr(type(storages["default"]), "delete", away)
    with caplog.at_level(logging.ERROR):
        member.logo = ""
        member.save()
    assert "logos/first.png is named by no row" in caplog.text
    assert Member.objects.get().logo.name == ""
