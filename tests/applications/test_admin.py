"""The coordinator's desk: what waits, one screen an application, only the legal steps, each confirmed."""

import re
from datetime import timedelta
from fractions import Fraction
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse
from django.utils import timezone

from applications.ballot.links import VoteLink
from applications.desk.dossier import Dossier
from applications.desk.step import STEPS, next_steps
from applications.models import Application, DecisionRule, Status
from applications.workflow import admission, balloting, joining, voting
from applications.workflow.door import open_door
from cluster_portal.base.known import known
from cluster_portal.mail.models import OutgoingMail, Subscription
from members.models import Member
from news.models import Post
from news.tasks import mail_new_posts
from tests import factories

pytestmark = pytest.mark.django_db
TYPED: dict[str, dict[str, Any]] = {
    "request_information": {"question": "Kiek turite darbuotojų?"},
    "record_vote": {"choice": "for", "decided_on": "2026-01-15", "reference": "Posėdžio protokolas Nr. 3"},
    "extend_voting": {"days": 7, "reason": "Atostogų metas."},
    "reopen_voting": {"days": 7, "reason": "Paaiškėjo naujų aplinkybių."},
    "reject": {"reason": "Steigėjai nepritarė."},
}


def url(application, verb="change"):
    return reverse(f"admin:applications_application_{verb}", args=[application.pk])


@pytest.fixture
def desk(client, coordinator):
    client.force_login(coordinator)
    return client


@pytest.mark.parametrize("status", [status for status in Status.values if status != Status.DRAFT])
def test_the_page_offers_exactly_the_legal_steps(status, desk, applicant, coordinator, founders):
    application = factories.in_status(status, applicant, coordinator, founders)
    page = desk.get(url(application)).content.decode()
    offered = re.findall(r'class="button(?: is-final)?" href="([^"]+)"', page)
    assert offered == [url(application, step.verb.name) for step in next_steps(application)]


def test_the_step_that_cannot_be_taken_back_looks_different(desk, applicant, coordinator, founders):
    application = factories.rejected(applicant, coordinator, founders)
    page = desk.get(url(application)).content.decode()
    final = re.findall(r'class="button is-final" href="([^"]+)"', page)
    assert final == [url(application, "reject")]
    for verb, look in (("reject", "is-final"), ("reopen_voting", "default")):
        assert f'type="submit" class="button {look}"' in desk.get(url(application, verb)).content.decode()


@pytest.mark.parametrize("verb", STEPS)
def test_a_step_says_what_it_does_and_only_its_post_does_it(verb, desk, applicant, coordinator, founders):
    status = STEPS[verb].verb.sources[0]
    application = factories.in_status(status, applicant, coordinator, founders)
    if verb == "close_voting":
        factories.past_deadline(application)
    assert desk.get(url(application, verb)).status_code == 200
    application.refresh_from_db()
    assert application.status == status
    typed: dict[str, Any] = {**TYPED.get(verb, {}), **({"founder": founders[0].pk} if verb == "record_vote" else {})}
    assert desk.post(url(application, verb), typed).url == url(application)
    reached = {
        "request_information": Status.INFORMATION_REQUESTED, "open_voting": Status.VOTING,
        "record_vote": Status.VOTING, "remind_voters": Status.VOTING, "extend_voting": Status.VOTING,
        "close_voting": Status.LAPSED, "reopen_voting": Status.VOTING, "admit": Status.ADMITTED,
        "reject": Status.REJECTED,
    }  # fmt: skip
    application.refresh_from_db()
    assert application.status == reached[verb]


def test_the_admission_page_names_number_address_titles_and_people(desk, applicant, coordinator, founders):
    application = factories.approved(applicant, coordinator, founders, name="Baltijos zona")
    page = desk.get(url(application, "admit")).content.decode()
    number = max(founder.number for founder in founders) + 1
    assert f" {number}" in page
    assert "/nariai/baltijos-zona/" in page
    assert applicant.email in page
    desk.post(url(application, "admit"))
    assert Member.objects.get(slug="baltijos-zona").number == number
    assert Post.objects.get(member__slug="baltijos-zona").title_lt in page


ANNOUNCEMENT = {
    "subject_lt": "Ura: {organisation}", "text_lt": "Sveikiname!\n\n[Skaityti]({post})",
    "subject_en": "", "text_en": "",
}  # fmt: skip


def test_the_words_of_an_announcement_hold_for_this_admission_only(desk, applicant, coordinator, founders):
    english = factories.person("english@example.org", language="en")
    founders[0].representatives.create(user=english, role="editor")
    application = factories.approved(applicant, coordinator, founders, name="Alfa")
    desk.post(url(application, "admit"), ANNOUNCEMENT)
    announcements = OutgoingMail.objects.exclude(announcement="")
    assert set(announcements.filter(language="lt").values_list("subject", flat=True)) == {"Ura: Alfa"}
    assert "Sveikiname!" in announcements.filter(language="lt")[0].text
    assert [mail.subject for mail in announcements.filter(language="en")] == ["“Alfa” has joined the cluster"]
    second = factories.approved(factories.person(), coordinator, founders, name="Beta")
    desk.post(url(second, "admit"))
    announcements = announcements.exclude(pk__in=announcements.filter(topic=application.topic))
    assert {mail.subject for mail in announcements.filter(language="lt")} == {"Prie klasterio prisijungė „Beta“"}


def test_an_application_without_a_vote_is_not_admitted_by_a_stale_page(desk, applicant):
    application = factories.submitted(applicant)
    assert desk.get(url(application, "admit")).url == url(application)
    assert "pateiktas" in desk.post(url(application, "admit"), ANNOUNCEMENT).content.decode()
    assert "pateiktas" in desk.get(url(application, "admission_mail"), {"to": applicant.email}).content.decode()
    application.refresh_from_db()
    assert application.status == Status.SUBMITTED


def test_a_drafts_files_are_not_the_coordinators_to_see(desk, applicant):
    draft = factories.application(applicant)
    attachment = draft.attachments.create(name="a.pdf", content_type="application/pdf", size=4)
    attachment.file.save("a.pdf", ContentFile(b"%PDF"))
    address = reverse("applications:attachment", args=[draft.pk, attachment.pk])
    assert desk.get(address).status_code == 404
    joining.submit(draft, applicant)
    assert b"".join(desk.get(address).streaming_content) == b"%PDF"


def test_after_all_recused_the_decision_taken_elsewhere_is_asked_for(desk, applicant, coordinator, founders):
    application = factories.voting(applicant, coordinator, name="Alfa")
    for founder in founders:
        voting.recuse(application, founder.voter, "competitor")
    page = desk.get(url(application, "admit"))
    assert 'name="outside_decision"' in page.content.decode()
    assert (
        page.context["preview"].people == len(founders) + 1
    )  # the emails can be looked at before the decision is known
    assert "<html" in desk.get(url(application, "admission_mail"), {"to": applicant.email}).content.decode()
    assert "Sprendimą reikia priimti ne portale" in desk.get(url(application)).content.decode()
    refused = desk.post(url(application, "admit"), ANNOUNCEMENT).content.decode()
    assert ("Nurodykite sprendimą" in refused, "Ura: {organisation}" in refused) == (True, True)
    decision = "2026 m. lapkričio 20 d. visuotinio susirinkimo protokolas Nr. 4"
    desk.post(url(application, "admit"), {"outside_decision": decision.replace(" d. ", " d.\r\n")})
    page = desk.get(url(application)).content.decode()
    assert decision in page
    assert "Sprendimą reikia priimti ne portale" not in page
    assert decision in desk.get("/nariai/alfa/").content.decode()
    other = factories.approved(factories.person(), coordinator, founders, name="Beta")
    assert 'name="outside_decision"' not in desk.get(url(other, "admit")).content.decode()


def test_words_with_an_unknown_placeholder_admit_nobody_and_stay(desk, applicant, coordinator, founders):
    application = factories.approved(applicant, coordinator, founders)
    page = desk.post(url(application, "admit"), ANNOUNCEMENT | {"text_lt": "Sveiki, {vardas}! [Skaityti]({post})"})
    assert "{vardas}" in page.context["step"].errors["text_lt"][0]
    assert "Sveiki, {vardas}!" in page.content.decode()
    application.refresh_from_db()
    assert application.status == Status.APPROVED


def test_each_email_of_an_admission_can_be_looked_at_before_it(desk, applicant, coordinator, founders):
    application = factories.approved(applicant, coordinator, founders, name="Alfa")
    page = desk.get(url(application, "admit"))
    letters = page.context["preview"].letters
    voters = sorted(founder.voter.email for founder in founders)
    assert [[person.email for person in letter.recipients] for letter in letters] == [[applicant.email], voters]
    address = url(application, "admission_mail")
    welcome = desk.get(address, {"to": applicant.email})
    assert "<html" in welcome.content.decode()
    assert welcome["X-Frame-Options"] == "SAMEORIGIN"
    typed = desk.post(f"{address}?part=text", ANNOUNCEMENT | {"to": voters[0]})
    assert typed["Content-Type"].startswith("text/plain")
    assert "Sveikiname!" in typed.content.decode()
    faults = desk.post(address, {"text_lt": "{vardas}", "to": voters[0]}).content.decode()
    assert ("{vardas}" in faults, "text_lt" in faults) == (True, False)
    assert desk.get(address, {"to": "nobody@example.org"}).status_code == 404
    application.refresh_from_db()
    assert (application.status, Post.objects.count()) == (Status.APPROVED, 0)
    admission.admit(application, coordinator)
    assert desk.get(address, {"to": applicant.email}).content.decode() != ""
    assert Member.objects.filter(is_founder=False).count() == 1


def test_the_emails_shown_before_an_admission_are_those_that_it_sends(desk, applicant, coordinator, founders):
    application = factories.approved(applicant, coordinator, founders, name="Alfa")
    english = factories.person("english@example.org", language="en")
    founders[0].representatives.create(user=english, role="editor")
    for reader, language in (("skaitytoja@example.org", "lt"), (english.email, "en"), ("reader@example.org", "en")):
        Subscription.objects.choose(reader, "news", True, language)
    before = OutgoingMail.objects.count(), Member.objects.count(), Post.objects.count()
    page = desk.get(url(application, "admit"))
    assert (OutgoingMail.objects.count(), Member.objects.count(), Post.objects.count()) == before
    letters = page.context["preview"].letters
    shown = {(to.email, letter.subject, letter.text, letter.html) for letter in letters for to in letter.recipients}
    assert len(shown) == page.context["preview"].people == len(founders) + 4
    desk.post(url(application, "admit"))
    mail_new_posts()
    sent = OutgoingMail.objects.filter(key__startswith="post:")
    assert {(mail.to, mail.subject, known(mail.content).text, known(mail.content).html) for mail in sent} == shown


def test_a_second_admission_is_refused_with_the_present_status(desk, applicant, coordinator, founders):
    application = factories.approved(applicant, coordinator, founders)
    admission.admit(application, coordinator)
    page = desk.post(url(application, "admit")).content.decode()
    application.refresh_from_db()
    assert application.get_status_display() in page
    assert 'type="submit" class="button default"' not in page
    assert Member.objects.filter(is_founder=False).count() == 1


def test_what_was_typed_on_a_stale_page_is_kept(desk, applicant, coordinator):
    application = factories.submitted(applicant)
    joining.withdraw(application, applicant)
    page = desk.post(url(application, "request_information"), {"question": "Ilgas klausimas"})
    assert "Ilgas klausimas" in page.content.decode()


def test_an_empty_question_changes_nothing(desk, applicant):
    application = factories.submitted(applicant)
    assert desk.post(url(application, "request_information"), {"question": " "}).status_code == 200
    application.refresh_from_db()
    assert application.status == Status.SUBMITTED


def test_only_staff_come_to_the_desk(client, applicant, founders):
    application = factories.submitted(applicant)
    assert client.get(url(application)).url == f"/paskyra/login/?next={url(application)}" or client.get(
        url(application)
    ).url.startswith(reverse("account_login"))
    for person in (applicant, founders[0].voter):
        client.force_login(person)
        for address in (reverse("admin:index"), url(application), url(application, "open_voting")):
            assert client.get(address).status_code == 403
            assert client.post(address).status_code == 403
    assert Application.objects.get().status == Status.SUBMITTED


def test_a_draft_is_not_the_coordinators(desk, applicant):
    draft = factories.application(applicant)
    assert desk.get(url(draft)).status_code == 404
    assert draft.name not in desk.get(reverse("admin:applications_application_changelist")).content.decode()


def test_the_index_shows_what_waits(desk, applicant, coordinator, founders):
    waiting = factories.submitted(applicant)
    under_way = factories.voting(factories.person(), coordinator)
    page = desk.get(reverse("admin:index")).content.decode()
    assert waiting.name in page
    assert under_way.name in page
    assert "0 / 5" in page


def test_the_index_counts_the_votes_under_way_as_the_tally_does(desk, applicant, coordinator, founders):
    application = factories.voting(applicant, coordinator)
    voting.cast_vote(application, founders[0].voter, "for")
    voting.recuse(application, founders[0].voter, "competitor")
    voting.record_vote(application, coordinator, founders[1], "against", timezone.localdate(), "Posėdis Nr. 7")
    voting.object_to_vote(application, founders[1].voter, "Posėdyje nebuvome.")
    voting.cast_vote(application, founders[2].voter, "abstain")
    page = desk.get("/admin/").content.decode()
    assert "<td>1 / 4</td><td>0</td><td>0</td><td>1</td>" in page


def test_the_index_tells_a_vote_without_a_quorum_from_one_that_all_founders_left(
    desk, applicant, coordinator, founders
):
    lapsed = [factories.voting(person, coordinator) for person in (applicant, factories.person())]
    for founder in founders:
        voting.recuse(lapsed[0], founder.voter, "competitor")
    voting.recuse(lapsed[1], founders[0].voter, "competitor")
    with open_door():
        Application.objects.filter(pk=lapsed[1].pk).update(status=Status.LAPSED)
    groups = desk.get("/admin/").context["sections"][0][1]["groups"]
    assert [(group.title, [*group.applications]) for group in groups] == [
        ("Nėra kvorumo", [lapsed[1]]),
        ("Nusišalino visi steigėjai", [lapsed[0]]),
    ]


def test_after_a_withdrawal_nobody_has_not_voted_yet(desk, applicant, coordinator, founders):
    application = factories.voting(applicant, coordinator)
    assert "dar nebalsavo" in desk.get(url(application)).content.decode()
    joining.withdraw(application, applicant)
    page = desk.get(url(application)).content.decode()
    assert "dar nebalsavo" not in page
    assert "nebalsavo" in page


@pytest.mark.parametrize("verb", ["open_voting", "remind_voters"])
def test_founders_for_which_nobody_can_vote_are_named(verb, desk, applicant, coordinator, founders):
    application = factories.submitted(applicant)
    if verb == "remind_voters":
        balloting.open_voting(application, coordinator)
    assert "neturi balsuotojo" not in desk.get(url(application, verb)).content.decode()
    founders[0].representatives.all().delete()
    founders[1].voter.is_active = False
    founders[1].voter.save()
    page = desk.get(url(application, verb)).content.decode()
    assert "Šie steigėjai neturi balsuotojo: Aedilis, BaltLed. " in page


def test_recording_a_vote_shortly_before_the_end_is_warned_of(desk, clock, applicant, coordinator, founders):
    application = factories.voting(applicant, coordinator)
    warning = "steigėjas turės mažai laiko"
    assert warning not in desk.get(url(application, "record_vote")).content.decode()
    clock.moment = application.ballot.closes_at - timedelta(days=1)
    assert warning in desk.get(url(application, "record_vote")).content.decode()


def test_the_export_holds_exactly_the_filtered_list(desk, founders):
    factories.member("Alfa fabrikas", summary_lt="=1+1")
    answer = desk.get(reverse("admin:members_member_export"), {"q": "alfa"}).content.decode("utf-8-sig")
    rows = answer.splitlines()
    assert len(rows) == 2
    assert rows[1].startswith("Alfa fabrikas;")
    assert ";'=1+1;" in rows[1]


@pytest.mark.parametrize(
    "name",
    [
        "members_member_changelist", "members_user_changelist", "news_post_changelist", "news_post_add",
        "applications_application_changelist", "applications_decisionrule_changelist",
        "applications_decisionrule_add", "mail_outgoingmail_changelist",
    ],
)  # fmt: skip
def test_staff_without_further_rights_reach_every_list(name, desk, founders):
    assert desk.get(reverse(f"admin:{name}")).status_code == 200


def test_staff_edit_members_posts_and_people(desk, founders):
    post = Post.objects.create(slug="a", title_lt="A", body_lt="a")
    for kind, thing in (("members_member", founders[0]), ("news_post", post), ("members_user", founders[0].voter)):
        assert desk.get(reverse(f"admin:{kind}_change", args=[thing.pk])).status_code == 200
        # A member's history stands on its record; the address leads there.
        assert desk.get(reverse(f"admin:{kind}_history", args=[thing.pk]), follow=True).status_code == 200


def test_the_tally_is_asked_for_live_while_a_vote_is_open(desk, applicant, coordinator, founders):
    application = factories.voting(applicant, coordinator)
    live = reverse("admin:applications_application_tally", args=[application.pk])
    assert f'hx-get="{live}"' in desk.get(url(application)).content.decode()
    voting.cast_vote(application, founders[0].voter, "against", "Nesutinku.")
    voting.recuse(application, founders[1].voter, "competitor", "Tie patys gaminiai.")
    part = desk.get(live).content.decode()
    assert "Nesutinku." in part
    assert "Tie patys gaminiai." in part
    assert "<html" not in part
    assert desk.get(reverse("admin:applications_application_tally", args=[0])).status_code == 404


def test_the_timeline_tells_who_did_what_from_where(desk, applicant, coordinator, founders):
    # All in one transaction, so that the rows' own times are alike: what counts is when a step held the lock.
    application = factories.rejected(applicant, coordinator, founders)
    balloting.reopen_voting(application, coordinator, 7, "Paaiškėjo naujų aplinkybių.")
    voting.record_vote(application, coordinator, founders[0], "for", timezone.localdate(), "Posėdis Nr. 7")
    voting.object_to_vote(application, founders[0].voter, "Posėdyje nebuvome.")
    balloting.extend_voting(application, coordinator, 3, "Laukiame dviejų steigėjų.")
    link = VoteLink.make(application.ballot, founders[1], founders[1].voter)
    voting.cast_vote(application, founders[1].voter, "for", link=link)
    events = [(event.what, str(event.who), event.text) for event in reversed(Dossier(application).events)]
    by_coordinator = str(coordinator)
    assert [what for what, _who, _text in events[:2]] == ["Pateikta", "Balsavimas pradėtas"]
    assert events[-5:] == [
        (events[-5][0], by_coordinator, "Paaiškėjo naujų aplinkybių."),
        (f"Aedilis: balsas „už“ (raštu arba posėdyje, {timezone.localdate()}, Posėdis Nr. 7)", by_coordinator, ""),
        ("Aedilis nesutiko su įrašytu balsu", str(founders[0].voter), "Posėdyje nebuvome."),
        (events[-2][0], by_coordinator, "Laukiame dviejų steigėjų."),
        ("BaltLed: balsas „už“ (naudojantis laiške gauta nuoroda)", str(founders[1].voter), ""),
    ]
    assert events[-5][0].startswith("Sprendimas svarstomas iš naujo; steigėjai balsuoja iki ")
    assert events[-2][0].startswith("Balsavimas pratęstas iki ")


def test_a_new_rule_is_read_in_plain_words_before_it_holds(desk, founders):
    address = reverse("admin:applications_decisionrule_add")
    typed = {
        "quorum_numerator": 2, "quorum_denominator": 3, "threshold": "two_thirds", "voting_days": 21,
        "reminder_days": "5, 2",
    }  # fmt: skip
    page = desk.post(address, typed)
    assert "Turi balsuoti bent 4 iš 5 steigėjų." in page.content.decode()
    before = DecisionRule.objects.count()
    # Changed after it was read: the new words are shown first.
    page = desk.post(address, {**typed, "voting_days": 22, "agreed": " ".join(page.context["words"])})
    assert DecisionRule.objects.count() == before
    desk.post(address, {**typed, "voting_days": 22, "agreed": " ".join(page.context["words"])})
    rule = DecisionRule.current()
    assert (rule.quorum, rule.voting_days, rule.reminder_days, rule.comments_shown) == (
        Fraction(2, 3),
        22,
        [5, 2],
        False,
    )
    wrong = desk.post(address, {**typed, "quorum_numerator": 4})
    assert "Kvorumas yra dalis" in wrong.content.decode()


@pytest.mark.parametrize(
    ("days", "sentence"),
    [
        ("7, x", "Dienas rašykite skaičiais, atskirtais kableliais: ne daugiau kaip penkias, kiekvieną nuo 1 iki 90."),
        ("0, 91", "Dienas rašykite skaičiais, atskirtais kableliais: ne daugiau kaip penkias, kiekvieną nuo 1 iki 90."),
        ("6,5,4,3,2,1", "Dienas rašykite skaičiais, atskirtais kableliais: ne daugiau kaip penkias, kiekvieną nuo 1 iki 90."),
        ("30", "Kiekvienas skaičius turi būti mažesnis už balsavimo dienų skaičių."),
        ("2, 10", "Kiekvienas skaičius turi būti mažesnis už balsavimo dienų skaičių."),
    ],
)  # fmt: skip
def test_reminder_days_that_cannot_be_are_refused_in_one_sentence(desk, founders, days, sentence):
    typed = {"quorum_numerator": 1, "quorum_denominator": 2, "threshold": "two_thirds", "voting_days": 10}
    page = desk.post(reverse("admin:applications_decisionrule_add"), {**typed, "reminder_days": days})
    assert page.context["form"].errors == {"reminder_days": [sentence]}
    page = desk.post(reverse("admin:applications_decisionrule_add"), {**typed, "reminder_days": "9, 1"})
    assert page.context["form"].errors == {}


def test_the_list_of_rules_says_which_is_in_force(desk, founders):
    address = reverse("admin:applications_decisionrule_changelist")

    def in_force() -> str:
        return desk.get(address).content.decode().split('id="rule-in-force"')[1].split("</section>")[0]

    assert "<h2>Galiojanti taisyklė</h2><ul><li>Turi balsuoti bent 3 iš 5 steigėjų.</li>" in in_force()
    assert "Tai numatytoji taisyklė" in in_force()
    DecisionRule.objects.create(quorum_numerator=2, quorum_denominator=3, threshold="unanimity")
    assert "Turi balsuoti bent 4 iš 5 steigėjų." in in_force()
    assert "Tai numatytoji taisyklė" not in in_force()
    row = "Kvorumas 2/3; už balsuoja visi balso teisę turintys steigėjai"
    assert row in desk.get(address).content.decode()


def test_a_former_member_takes_up_its_record_again(desk, applicant, coordinator, founders):
    former = factories.member("Baltijos zona", company_code=factories.company_code(900), status=Member.Status.FORMER)
    application = factories.approved(
        applicant, coordinator, founders, name="Baltijos zona", company_code=former.company_code
    )
    page = desk.get(url(application, "admit")).content.decode()
    assert f"nario numeris – {former.number};" in page
    assert former.get_absolute_url() in page
    desk.post(url(application, "admit"))
    former.refresh_from_db()
    assert (former.status, former.joined_on) == ("active", timezone.localdate())
    assert list(former.applications.all()) == [application]
    assert [role.user for role in former.representatives.all()] == [applicant]
    assert Member.objects.filter(company_code=former.company_code).count() == 1


def test_the_desk_says_so_when_nothing_waits(desk, applicant):
    words = "Šiuo metu Jūsų sprendimo nereikia."
    assert words in desk.get("/admin/").content.decode()
    factories.submitted(applicant, name="Alfa")
    page = desk.get("/admin/").content.decode()
    assert words not in page
    assert re.search(r"Nauji prašymai.*Alfa", page, re.DOTALL)


@pytest.mark.parametrize("path", ["mail/outgoingmail/?status__exact=%00", "members/member/?q=%00"])
def test_an_address_with_a_nul_is_read_without_it(desk, path):
    assert desk.get(f"/admin/{path}").status_code == 200
