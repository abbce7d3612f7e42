"""The registers in the admin: who may change whom, what a step says and does, what the export gives."""

import csv
import io
from datetime import date, timedelta
from io import StringIO
from operator import itemgetter
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from applications.exceptions import NotEntitled
from applications.models import Application, Status, Vote
from applications.workflow import joining, voting
from cluster_portal.base.known import known
from cluster_portal.mail.models import OutgoingMail
from members.models import Area, Member, Municipality, Representative, User
from members.permissions import founder_of
from members.tasks import forget_sessions
from news.models import Post
from tests import factories
from tests.processes import after

pytestmark = pytest.mark.django_db
NO_ROLES = {"representations-TOTAL_FORMS": 0, "representations-INITIAL_FORMS": 0}
NO_PEOPLE = {"representatives-TOTAL_FORMS": 0, "representatives-INITIAL_FORMS": 0}


@pytest.fixture
def desk(client, coordinator):
    """The coordinator's browser."""
    client.force_login(coordinator, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def superuser(db):
    return factories.person("root@example.org", is_staff=True, is_superuser=True)


def page(name: str, *args) -> str:
    return reverse(f"admin:members_{name}", args=args)


def person_data(user: User, **changes) -> dict:
    fields = {name: getattr(user, name) for name in ("first_name", "last_name", "language")}
    flags = {name: "on" for name in ("is_active", "is_staff") if getattr(user, name)}
    return {**fields, **flags, **NO_ROLES, **changes}


def record(client, member: Member, **changes) -> dict:
    """The member's record as the coordinator's browser would send it back."""
    form = client.get(page("member_change", member.pk)).context["adminform"].form
    kept = {name: form[name].value() for name in form.fields if name not in ("logo", "offers", "seeks")}
    return {name: value for name, value in kept.items() if value is not None} | NO_PEOPLE | changes


# People


def test_a_new_person_gets_an_email_and_logs_in_by_a_code(desk, client, founders):
    roles = {
        "representations-TOTAL_FORMS": 1, "representations-INITIAL_FORMS": 0,
        "representations-0-member": founders[0].pk, "representations-0-role": "voter",
    }  # fmt: skip
    new = {"email": "Nauja@Example.org", "first_name": "Nauja", "last_name": "Balsuotoja", "language": "en", **roles}
    assert desk.post(page("user_add"), new).status_code == 302
    user = User.objects.get(email="nauja@example.org")
    assert (user.has_usable_password(), user.is_staff, founder_of(user)) == (False, False, founders[0])
    mail = OutgoingMail.objects.get()
    assert (mail.to, mail.subject) == (
        "nauja@example.org",
        "An account in the cluster’s portal has been created for you",
    )
    assert "/en/account/login/code/" in mail.text
    client.logout()
    client.post("/en/account/login/code/", {"email": user.email})
    code = OutgoingMail.objects.get(subject="Your log-in code").text.split("\n\n")[2].strip()
    assert client.post("/en/account/login/code/confirm/", {"code": code}).url == "/en/ballots/"
    assert EmailAddress.objects.get(user=user).verified is True


@pytest.mark.parametrize("address", ["YRA@example.org", "antras@example.org"])
def test_an_address_that_somebody_has_is_refused_in_words(desk, address):
    somebody = factories.person("yra@example.org")
    EmailAddress.objects.create(user=somebody, email="antras@example.org")
    answer = desk.post(page("user_add"), {"email": address, "language": "lt", **NO_ROLES})
    assert "Paskyra su šiuo adresu jau yra." in answer.content.decode()


def test_the_coordinator_makes_nobody_staff_or_superuser_and_sets_no_password(desk, coordinator, applicant):
    grab = {"is_staff": "on", "is_superuser": "on", "password": "x", "email": "kita@example.org", "is_active": "on"}
    for user in (applicant, coordinator):
        before = (user.is_staff, user.is_superuser, user.password, user.email)
        assert desk.post(page("user_change", user.pk), person_data(user, **grab)).status_code == 302
        user.refresh_from_db()
        assert (user.is_staff, user.is_superuser, user.password, user.email) == before


def test_the_coordinator_closes_an_account_but_not_a_colleagues(desk, applicant):
    colleague = factories.person(is_staff=True)
    for user in (applicant, colleague):
        data = person_data(user)
        data.pop("is_active")
        desk.post(page("user_change", user.pk), data)
    assert [User.objects.get(pk=user.pk).is_active for user in (applicant, colleague)] == [False, True]


def test_the_coordinator_does_not_touch_a_superusers_account(desk, superuser):
    assert desk.get(page("user_change", superuser.pk)).status_code == 200
    data = person_data(superuser, first_name="Kita")
    assert desk.post(page("user_change", superuser.pk), data).status_code == 403
    assert desk.get(page("user_anonymise", superuser.pk)).status_code == 403


def test_a_superuser_gives_and_takes_the_right_to_the_desk_but_not_their_own(client, superuser, applicant):
    client.force_login(superuser, backend="django.contrib.auth.backends.ModelBackend")
    client.post(page("user_change", applicant.pk), person_data(applicant, is_staff="on"))
    applicant.refresh_from_db()
    assert applicant.is_staff is True
    fields = person_data(superuser)
    del fields["is_staff"], fields["is_active"]
    client.post(page("user_change", superuser.pk), fields)
    superuser.refresh_from_db()
    assert (superuser.is_staff, superuser.is_active) == (True, True)


def test_two_coordinators_do_not_overwrite_each_other(desk, applicant):
    seen = desk.get(page("user_change", applicant.pk)).context["adminform"].form["seen"].value()
    desk.post(page("user_change", applicant.pk), person_data(applicant, first_name="Asta", seen=seen))
    answer = desk.post(page("user_change", applicant.pk), person_data(applicant, first_name="Ona", seen=seen))
    assert "Kol rašėte, šį puslapį pakeitė coordinator@example.org" in answer.content.decode()
    assert User.objects.get(pk=applicant.pk).first_name == "Asta"


# Roles


def role_data(user: User, member: Member, role: str) -> dict:
    return {"user": user.pk, "member": member.pk, "role": role}


def test_a_vote_is_a_founders_and_a_person_has_one(desk, founders, applicant):
    plain = factories.member("Paprastas")
    refused = desk.post(page("representative_add"), role_data(applicant, plain, "voter")).content.decode()
    assert "Balsą turi tik steigėjas" in refused
    assert desk.post(page("representative_add"), role_data(applicant, founders[0], "voter")).status_code == 302
    refused = desk.post(page("representative_add"), role_data(applicant, founders[1], "voter")).content.decode()
    assert "Šis asmuo jau balsuoja steigėjo „Aedilis“ vardu" in refused
    refused = desk.post(page("representative_add"), role_data(applicant, founders[0], "voter")).content.decode()
    assert "šį vaidmenį jau turi" in refused
    assert Representative.objects.filter(user=applicant).count() == 1


def test_two_votes_on_one_page_are_refused_too(desk, founders, applicant):
    data = person_data(applicant) | {
        "representations-TOTAL_FORMS": 2,
        "representations-0-member": founders[0].pk,
        "representations-0-role": "voter",
        "representations-1-member": founders[1].pk,
        "representations-1-role": "voter",
    }
    assert desk.post(page("user_change", applicant.pk), data).status_code == 200
    assert applicant.representations.count() == 0


def test_a_role_is_taken_away_and_the_person_stays(desk, founders):
    role = founders[0].voter.representations.get()
    desk.post(page("representative_delete", role.pk), {"post": "yes"})
    assert founder_of(founders[0].voter) is None


# A member's status


def test_a_change_of_status_says_what_it_does_and_does_it(desk, founders):
    member = founders[0]
    record_page = desk.get(page("member_change", member.pk)).content.decode()
    address = page("member_status", member.pk, "former")
    assert address in record_page
    question = desk.get(address).content.decode()
    assert "puslapis dings iš katalogo" in question
    assert "balsuoti nebegalės" in question
    assert desk.post(address).status_code == 302
    member.refresh_from_db()
    assert (member.status, founder_of(member.voter)) == ("former", None)
    history = desk.get(page("member_change", member.pk)).content.decode().split('id="history"')[1]
    assert "aktyvus → buvęs" in history
    assert "coordinator@example.org" in history
    assert "Nieko nepakeista" in desk.post(address, follow=True).content.decode()
    desk.post(page("member_status", member.pk, "active"))
    assert founder_of(member.voter) == member


def test_a_founder_that_leaves_does_not_vote_any_more(desk, coordinator, founders):
    opened = factories.voting(factories.person(), coordinator)
    desk.post(page("member_status", founders[0].pk, "former"))
    with pytest.raises(NotEntitled):
        voting.cast_vote(opened, founders[0].voter, "for")
    later = factories.voting(factories.person(), coordinator)
    assert founders[0] not in later.ballot.entitled.all()


def test_the_coordinator_keeps_its_own_status(desk, founders):
    coordinator = founders[2]
    assert coordinator.is_coordinator is True
    desk.post(page("member_status", coordinator.pk, "former"))
    assert Member.objects.get(pk=coordinator.pk).status == "active"
    assert desk.get(page("member_status", coordinator.pk, "paused")).status_code == 404


def test_the_status_is_not_changed_in_passing(desk):
    member = factories.member("Alfa")
    desk.post(page("member_change", member.pk), record(desk, member, status="former", name="Beta"))
    assert list(Member.objects.values_list("status", "name")) == [("active", "Beta")]


def test_a_code_that_another_member_has_is_refused_in_words(desk):
    factories.member("Alfa", company_code="301844044")
    other = factories.member("Beta")
    answer = desk.post(page("member_change", other.pk), record(desk, other, company_code="301844044"))
    assert "Šį įmonės kodą turi „Alfa“." in answer.content.decode()


# Erasing a person


def test_a_person_is_anonymised_and_the_record_stays(desk, coordinator, founders):
    voter = founders[0].voter
    User.objects.filter(pk=voter.pk).update(first_name="Vardas", last_name="Pavardė")
    opened = factories.voting(factories.person(), coordinator)
    voting.cast_vote(opened, voter, "for")
    address = page("user_anonymise", voter.pk)
    assert "atstovauja nariui" in desk.get(address).content.decode()
    desk.post(address)
    assert User.objects.get(pk=voter.pk).email == "aedilis@example.org"
    voter.representations.all().delete()
    asked = desk.get(address).content.decode()
    assert "atšaukti negalima" in asked
    assert "Juodraščiai ir prašymuose įrašyti kontaktiniai duomenys ištrinami" in asked
    assert desk.post(address).status_code == 302
    voter.refresh_from_db()
    assert (voter.email, voter.first_name, voter.last_name) == (f"person-{voter.pk}@anonymised.invalid", "", "")
    assert (voter.is_active, voter.has_usable_password()) == (False, False)
    assert Vote.objects.get().voter == voter
    assert EmailAddress.objects.filter(user=voter).count() == 0
    mail = OutgoingMail.objects.get(to=voter.email)
    assert (mail.text, mail.html, mail.status, "aedilis@" in mail.key) == ("", "", "discarded", False)
    assert desk.post(page("user_change", voter.pk), person_data(voter)).status_code == 403
    for shown in (
        page("user_changelist"),
        page("user_change", voter.pk),
        f"/admin/applications/application/{opened.pk}/change/",
    ):
        text = desk.get(shown).content.decode()
        assert f"Asmuo Nr.\N{NO-BREAK SPACE}{voter.pk} (duomenys ištrinti)" in text
        assert "anonymised.invalid" not in text


def test_an_applicant_with_an_open_application_is_not_anonymised(desk, applicant):
    opened = factories.submitted(applicant)
    address = page("user_anonymise", applicant.pk)
    desk.post(address)
    assert User.objects.get(pk=applicant.pk).email == "applicant@example.org"
    assert Application.objects.get().contact_name != ""
    joining.withdraw(opened, applicant)
    desk.post(address)
    assert User.objects.get(pk=applicant.pk).email.endswith("@anonymised.invalid")
    left = Application.objects.get()
    assert (left.status, left.contact_name, left.contact_email, left.contact_phone) == (Status.WITHDRAWN, "", "", "")


def test_an_erased_person_leaves_no_draft_no_session_and_no_name_in_the_log(
    desk, applicant, django_capture_on_commit_callbacks
):
    User.objects.filter(pk=applicant.pk).update(first_name="Žygimantė", last_name="Nepakartojama")
    draft = factories.application(applicant)
    attachment = draft.attachments.create(name="a.pdf", content_type="application/pdf", size=4)
    attachment.file.save("a.pdf", ContentFile(b"%PDF"))
    member = factories.member("Alfa")
    desk.post(page("representative_add"), role_data(applicant, member, "editor"))
    desk.post(page("user_change", applicant.pk), person_data(User.objects.get(pk=applicant.pk), language="en"))
    assert "Nepakartojama" in str(LogEntry.objects.values_list("object_repr", flat=True))
    applicant.representations.all().delete()
    elsewhere = Client()
    elsewhere.force_login(applicant, backend="django.contrib.auth.backends.ModelBackend")
    sessions = Session.objects.count()
    with django_capture_on_commit_callbacks(execute=True):
        desk.post(page("user_anonymise", applicant.pk))
    assert Application.objects.count() == 0
    assert not attachment.file.storage.exists(known(attachment.file.name))
    assert Session.objects.count() == sessions - 1
    written = str(list(LogEntry.objects.values_list("object_repr", "change_message")))
    for word in ("Nepakartojama", "applicant@example.org"):
        assert word not in written


def test_sessions_that_have_run_out_are_forgotten(db):
    for key, days in (("old", -1), ("new", 1)):
        Session.objects.create(session_key=key, session_data="", expire_date=timezone.now() + timedelta(days=days))
    forget_sessions()
    assert list(Session.objects.values_list("session_key", flat=True)) == ["new"]


# The export


def rows(response) -> list[dict]:
    return list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"), newline=""), delimiter=";"))


NASTY = [
    "=HYPERLINK(\"http://e\")", "+1", "-1", "@SUM(A1)", "'=1", "''=2", "'tis", "a;b,c\"d", "a|b", "ą\r\nč", "ė\nž",
    "„Šilas“ – ūkis",
]  # fmt: skip


def test_the_export_can_be_imported_again_without_a_change(desk, tmp_path):
    places = list(Municipality.objects.all())
    for number, text in enumerate(NASTY):
        member = factories.member(
            f"{text.replace(chr(10), ' ').replace(chr(13), '')} {number}", legal_name=text.replace("\n", ""),
            description_lt=text, summary_en=text, offers=[text.replace(",", "").replace("|", " ").split("\n")[0].strip()],
            company_code="" if number % 2 else factories.company_code(number), phone="+37060000001",
            website="https://e.example.org/?a=1;b", founded=1999, employees=0, joined_on=date(2021, 3, 5),
        )  # fmt: skip
        member.areas.set(Area.objects.all()[: number % 3])
    for place in places:
        factories.member(f"Narys {place.code}", municipality=place)
    # A code whose check digit is wrong was confirmed when the member applied.
    factories.member("Patvirtintas", company_code="301844045", vat_code="LT119511516")
    before: list[dict[str, Any]] = list(map(dict, Member.objects.order_by("pk").values()))
    exported = desk.get(page("member_export"))
    assert all(
        not value.startswith(tuple("=+-@")) for row in rows(exported) for key, value in row.items() if key != "phone"
    )
    file = tmp_path / "members.csv"
    file.write_bytes(exported.content)
    out = StringIO()
    call_command("import_members", file, stdout=out)
    assert out.getvalue().endswith(f"\n0 added, 0 updated, {len(before)} unchanged.\n")
    assert list(Member.objects.order_by("pk").values()) == before
    Member.objects.exclude(name="Patvirtintas").delete()
    call_command("import_members", file, stdout=out)
    columns = ("name", "legal_name", "description_lt", "offers", "phone", "municipality_id", "joined_on")
    assert sorted(Member.objects.values(*columns), key=itemgetter("name")) == [
        {column: row[column] for column in columns} for row in sorted(before, key=itemgetter("name"))
    ]


def test_dates_stand_in_the_list_by_their_figures(desk):
    factories.member("Alfa", joined_on=date(2020, 4, 27))
    assert '<td class="field-joined">2020-04-27</td>' in desk.get(page("member_changelist")).content.decode()


def test_the_export_holds_what_the_list_shows(desk):
    factories.member("Alfa", kind="company"), factories.member("Beta", kind="other")
    assert [row["name"] for row in rows(desk.get(page("member_export") + "?kind__exact=other"))] == ["Beta"]
    assert [row["name"] for row in rows(desk.get(page("member_export") + "?q=alf"))] == ["Alfa"]


def test_the_export_is_the_coordinators_alone(client, applicant):
    client.force_login(applicant, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(page("member_export")).status_code == 403


# Lists


def fill(number: int) -> None:
    place = Municipality.objects.all()[number % 60]
    member = factories.member(municipality=place)
    Representative.objects.create(member=member, user=factories.person(), role="owner")
    Post.objects.create(slug=f"p{number}", title_lt="x", body_lt="x", member=member)


@pytest.mark.parametrize(
    "name",
    ["members_member", "members_user", "members_representative", "members_area", "news_post", "mail_outgoingmail"],
)
def test_a_list_asks_as_many_queries_for_many_rows_as_for_one(desk, django_assert_num_queries, name):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    address = reverse(f"admin:{name}_changelist")
    fill(0)
    desk.get(address)
    with CaptureQueriesContext(connection) as one:
        assert desk.get(address).status_code == 200
    for number in range(1, 30):
        fill(number)
    with django_assert_num_queries(len(one)):
        desk.get(address)


@pytest.mark.parametrize("name", ["member", "user", "representative"])
def test_nothing_english_is_left_on_the_registers_pages(desk, founders, name):
    import re

    objects = {"member": founders[0], "user": founders[0].voter}
    first = known(objects.get(name) or Representative.objects.first())
    for address in (page(f"{name}_changelist"), page(f"{name}_change", first.pk)):
        text = re.sub(
            r"<script.*?</script>|<style.*?</style>|<[^>]+>", " ", desk.get(address).content.decode(), flags=re.S
        )
        found = re.findall(r"\b(?:Add|Change|Delete|Save|View|History|Search|Member|Person|Select|and|the|of)\b", text)
        assert found == []


def test_removing_a_role_says_what_goes_and_what_stays(desk, founders):
    role = founders[0].representatives.get()
    address = page("representative_delete", role.pk)
    asked = desk.get(address).content.decode()
    assert "Asmuo nebeatstovaus organizacijai šiuo vaidmeniu." in asked
    assert f'href="{page("representative_change", role.pk)}"' in asked
    assert desk.post(address, {"post": "yes"}).url == page("representative_changelist")
    assert list(founders[0].representatives.all()) == []


REFUSALS = {
    "person": "Paskyra su šiuo adresu jau yra.",
    "company code": "Šį įmonės kodą turi „Alfa“.",
}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("what", REFUSALS)
def test_two_who_save_the_same_thing_at_once_are_both_answered(what, coordinator, transactional_db):
    """The second is told that it is there already; the database is not left to say so."""
    forms = []
    for name in ("Alfa", "Beta"):
        desk = Client()
        desk.force_login(coordinator)
        if what == "person":
            path, data = "/admin/members/user/add/", {"email": "nauja@example.org", "language": "lt", **NO_ROLES}
        else:
            path = f"/admin/members/member/{factories.member(name).pk}/change/"
            form = desk.get(path).context["adminform"].form
            data = {name: value for name in form.fields if name != "logo" and (value := form[name].value())}
            data |= {"company_code": "301844044", **NO_PEOPLE}
        forms.append((desk, path, data))
    answers = []

    def save(number: int) -> None:
        desk, path, data = forms[number]
        answers.append(desk.post(path, data))

    after(lambda: save(0), lambda: save(1))
    assert [answer.status_code for answer in answers] == [302, 200]
    refusals: list[Any] = list(answers[1].context["adminform"].form.errors.values())
    assert refusals == [[REFUSALS[what]]]
