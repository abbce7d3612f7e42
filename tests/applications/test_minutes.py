"""The minutes: what they say, how they are numbered, that they never change, who may read them."""

import copy
import hashlib
import io
import json
import logging
import threading
import unicodedata
from datetime import UTC, date, datetime, timedelta

import pgtrigger
import pytest
import typst
from django.db import DatabaseError, connection, transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from hypothesis import HealthCheck, given, settings, strategies
from PIL import Image

from applications.ballot.links import VoteLink
from applications.minutes import glyphs, pdf
from applications.minutes.issuing import LANGUAGES, checked_pdf
from applications.minutes.words import at, on, words_of
from applications.models import Application, DecisionRule, Minutes, Status
from applications.workflow import admission, balloting, joining, voting
from applications.workflow.door import VERBS, HistoryLine, Taker, verb
from cluster_portal.base.known import known
from cluster_portal.base.text import clean_line, clean_text
from cluster_portal.identity.models import Identity
from members.models import Member, Municipality, User
from tests import factories

pytestmark = pytest.mark.django_db

NASTY = [
    "#let x = 1",
    "$x$ #{ panic() } `raw` = - + / @ref <label> // /* */ ~ --- '\"",
    "\\ \\u{41} \\#",
    "\x01\x08\x1b[31m\x7f\x85\x9f",
    "漢字 かな 한국어",
    "😀 👨‍👩‍👧 🇱🇹 x\u20e3 ❤\ufe0f",
    "\u202eexe.gnp\u202c \u2066x\u2069 שלום مرحبا",
    "\ufeff\u200b\u00ad\u2060\ue000\U000f0000\U000e0041\ufffe\u0378",
    "e\u0301 ė́ " + "z" + "\u0335" * 300,
    "\n\n\r\n \t\u2028\u2029\x0b\x0c",
    "W" * 5000,
    "„Žodis“ – " * 500,
]


@pytest.fixture
def clock(monkeypatch):
    """Moves the portal's clock: `clock(moment)`."""

    def move(moment: datetime) -> None:
        monkeypatch.setattr(timezone, "now", lambda: moment)

    return move


@pytest.fixture
def decided(applicant, coordinator, founders):
    """An approved application with votes of every manner, a recusal and a founder that stayed silent."""
    DecisionRule.objects.create(threshold="two_thirds", comments_shown=False)
    application = factories.voting(
        applicant,
        coordinator,
        name="Suvalkijos plienas",
        legal_name="UAB „Suvalkijos plienas“",
        company_code="301844044",
        municipality=Municipality.objects.get(code="LT-25"),
    )
    aedilis, baltled, pazangios, prezicika, _proftools = founders
    voting.cast_vote(application, baltled.voter, "against")
    voting.recuse(application, baltled.voter, "competitor", "Gaminame tokius pat įrankius.")
    voting.record_vote(application, coordinator, pazangios, "for", date(2026, 11, 3), "Posėdžio protokolas Nr. 7")
    voting.object_to_vote(application, pazangios.voter, "Posėdyje nedalyvavome.")
    voting.record_vote(application, coordinator, pazangios, "for", date(2026, 11, 4), "Raštas Nr. 12")
    voting.cast_vote(application, aedilis.voter, "for", "Pritariame.\nLaukiame.")
    link = VoteLink.make(application.ballot, prezicika, prezicika.voter)
    voting.cast_vote(application, prezicika.voter, "for", link=link)
    voting.cast_vote(application, _proftools.voter, "for")
    return Application.objects.get(pk=application.pk)


def everything(words) -> str:
    """All the words of the minutes on one line each."""
    if isinstance(words, dict):
        return "\n".join(map(everything, words.values()))
    if isinstance(words, list):
        return "\n".join(map(everything, words))
    return words


def close_at_deadline(application, clock):
    """Let the deadline pass and the scheduled task close the ballot."""
    clock(application.ballot.closes_at + timedelta(minutes=1))
    return balloting.close_voting(application, None)


# What they say


def test_the_content_holds_the_whole_decision_in_no_language(decided, founders):
    content = decided.minutes.get().content
    assert content["applicant"] == {
        "name": "Suvalkijos plienas",
        "legal_name": "UAB „Suvalkijos plienas“",
        "company_code": "301844044",
        "municipality": {
            "code": "LT-25",
            "lt": Municipality.objects.get(code="LT-25").name_lt,
            "en": Municipality.objects.get(code="LT-25").name_en,
        },
    }
    assert content["outcome"] == "approved"
    assert content["count"] == {
        "founders": 5, "recused": 1, "entitled": 4, "needed": 2, "voted": 4, "for": 4, "against": 0, "abstain": 0,
        "missing": 0,
    }  # fmt: skip
    assert content["rule"]["threshold"] == "two_thirds"
    assert datetime.fromisoformat(content["closed_at"]) == decided.ballot.closed_at
    standings = {entry["name"]: entry for entry in content["founders"]}
    assert list(standings) == [founder.name for founder in decided.ballot.entitled.all()]
    assert standings["BaltLed"]["recusal"]["interest"] == "competitor"
    assert standings["BaltLed"]["vote"]["choice"] == "against"  # kept, though it does not count
    assert standings["Pažangios inovacijos"]["vote"]["decided_on"] == "2026-11-04"
    assert standings["Pažangios inovacijos"]["vote"]["by"] == "coordinator@example.org"
    assert standings["Prezicika Metrology"]["vote"]["manner"] == "mail_link"
    assert (content["course"], content["supersedes"]) == ([], [])


def test_the_words_are_lithuanian_in_one_and_english_in_the_other(decided):
    record = decided.minutes.get()
    lithuanian = everything(words_of(record, "lt"))
    english = everything(words_of(record, "en"))
    assert f"Klasterio steigėjų balsavimo protokolas Nr.\xa0{record.number}" in lithuanian
    assert "Nuspręsta: pritarti prašymui tapti klasterio nariu." in lithuanian
    assert "Kvorumas yra: balsavo 4 iš 4 balso teisę turinčių steigėjų, reikėjo bent 2." in lithuanian
    assert "2026\xa0m. lapkričio\xa04\xa0d. raštas arba posėdis: Raštas Nr. 12" in lithuanian
    assert f"Minutes of the founders’ vote no. {record.number}" in english
    assert "Resolved: to approve the application to join the cluster." in english
    assert "There is a quorum: 4 of 4 entitled founders voted; at least 2 had to." in english
    assert "The vote that it had cast before is not counted." in english
    assert "At least 3 of 5 founders must vote." in english  # as the rule was at the opening; one recused itself since
    assert "Gaminame tokius pat įrankius." in english


def test_comments_stand_in_the_minutes_even_where_founders_do_not_read_them_in_the_portal(decided):
    assert not decided.ballot.rule.comments_shown
    for language in LANGUAGES:
        assert "Pritariame.\nLaukiame." in everything(words_of(decided.minutes.get(), language))


def test_an_objection_is_told_and_its_vote_is_not_counted(applicant, coordinator, founders, clock):
    application = factories.voting(applicant, coordinator)
    voting.record_vote(application, coordinator, founders[0], "against", date(2026, 1, 5), "Raštas Nr. 3")
    voting.object_to_vote(application, founders[0].voter, "Rašto nesiuntėme.")
    close_at_deadline(application, clock)
    words = everything(words_of(application.minutes.get(), "lt"))
    assert "Neskaičiuojamas" in words
    assert ": Rašto nesiuntėme." in words
    assert "Sprendimas nepriimtas: nebuvo kvorumo." in words
    assert "Kvorumo nėra: balsavo 0 iš 5" in words


def test_moments_are_those_of_vilnius_across_the_clock_change():
    with translation.override("lt"):
        assert at("2026-10-24T20:59:59+00:00") == "2026\xa0m. spalio\xa024\xa0d. 23.59"
        assert at("2026-10-25T21:59:59+00:00") == "2026\xa0m. spalio\xa025\xa0d. 23.59"
        assert at("2026-03-29T01:30:00+00:00") == "2026\xa0m. kovo\xa029\xa0d. 04.30"
        assert on("2026-12-31T23:30:00+00:00") == "2027\xa0m. sausio\xa01\xa0d."
    with translation.override("en"):
        assert at("2026-11-24T12:05:00+00:00") == "24 November 2026, 14:05"


def test_an_extension_after_a_lapse_is_told_and_the_earlier_minutes_are_superseded(
    applicant, coordinator, founders, clock
):
    application = factories.voting(applicant, coordinator)
    close_at_deadline(application, clock)
    lapsed = application.minutes.get()
    balloting.extend_voting(application, coordinator, 7, "Trūko balsų.")
    for founder in founders[:3]:
        voting.cast_vote(application, founder.voter, "for")
    decision = known(application.minutes.last())
    assert [event["event"] for event in decision.content["course"]] == ["closed", "extend_voting"]
    assert decision.content["supersedes"] == [{"number": lapsed.number, "issued_at": lapsed.issued_at.isoformat()}]
    words = everything(words_of(decision, "lt"))
    assert "Balsavimas baigtas nesusidarius kvorumui." in words
    assert "Priežastis: Trūko balsų." in words
    assert f"protokolą Nr.\xa0{lapsed.number} dėl to paties prašymo" in words


def test_a_reminder_is_no_extension(applicant, coordinator, founders, clock):
    application = factories.voting(applicant, coordinator)
    balloting.remind_voters(application, coordinator)
    close_at_deadline(application, clock)
    assert application.minutes.get().content["course"] == []
    balloting.extend_voting(application, coordinator, 7, "Trūko balsų.")
    clock(timezone.now() + timedelta(days=1))
    balloting.remind_voters(application, coordinator)
    for founder in founders[:3]:
        voting.cast_vote(application, founder.voter, "for")
    assert [event["event"] for event in known(application.minutes.last()).content["course"]] == [
        "closed",
        "extend_voting",
    ]


def test_a_new_verb_that_sets_a_new_deadline_is_told_as_it_declares(applicant, coordinator, founders):
    """Nothing else has to list it."""

    @verb(
        Taker.COORDINATOR,
        sources=(Status.VOTING,),
        targets=(Status.VOTING,),
        history_line=HistoryLine("Paused", text="reason", of_ballot=True, new_deadline="Paused until %(moment)s."),
    )
    def pause_voting(application: Application, by: User) -> None:
        ballot = application.ballot
        ballot.closes_at, ballot.reason = ballot.closes_at + timedelta(days=9), "Šventės."
        ballot.save()

    application = factories.voting(applicant, coordinator)
    try:
        pause_voting(application, coordinator)
        for founder in founders[:3]:
            voting.cast_vote(application, founder.voter, "for")
        (event,) = known(application.minutes.last()).content["course"]
        words = everything(words_of(known(application.minutes.last()), "en"))
    finally:
        del VERBS["pause_voting"]
    assert (event["event"], event["reason"]) == ("pause_voting", "Šventės.")
    with translation.override("en"):
        assert f"Paused until {at(event['until'])}.\nReason: Šventės." in words


def test_a_decision_reopened_until_the_same_deadline_is_told(applicant, coordinator, founders, clock):
    """Decided and reopened on the day of the opening, it ends when the first round would have ended."""
    application = factories.rejected(applicant, coordinator, founders)
    before = application.ballot.closes_at
    assert balloting.reopen_voting(application, coordinator, 14, "Naujos žinios.").ballot.closes_at == before
    close_at_deadline(Application.objects.get(pk=application.pk), clock)
    assert [event["event"] for event in known(application.minutes.last()).content["course"]] == [
        "closed",
        "reopen_voting",
    ]


def test_a_reopened_decision_has_minutes_of_its_own(applicant, coordinator, founders):
    application = factories.voting(applicant, coordinator)
    for founder in founders[:3]:
        voting.cast_vote(application, founder.voter, "against")
    balloting.reopen_voting(application, coordinator, 7, "Paaiškėjo naujų aplinkybių.")
    for founder in founders[:3]:
        voting.cast_vote(application, founder.voter, "for")
    first, second = application.minutes.all()
    assert (first.round, first.content["outcome"], second.round, second.content["outcome"]) == (
        1, "rejected", 2, "approved",
    )  # fmt: skip
    assert [event["event"] for event in second.content["course"]] == ["closed", "reopen_voting"]
    assert second.content["course"][1]["reason"] == "Paaiškėjo naujų aplinkybių."
    assert {entry["vote"]["choice"] for entry in first.content["founders"] if entry["vote"]} == {"against"}


def test_when_all_founders_recuse_themselves_the_minutes_say_that_the_decision_is_taken_elsewhere(
    applicant, coordinator, founders, clock
):
    application = factories.voting(applicant, coordinator)
    for founder in founders:
        application.refresh_from_db()
        if application.status == Status.VOTING:
            voting.recuse(application, founder.voter, "affiliate")
    application.refresh_from_db()
    if application.status == Status.VOTING:
        close_at_deadline(application, clock)
    words = everything(words_of(application.minutes.get(), "lt"))
    assert "visi steigėjai nusišalino. Sprendimas priimamas ne portale." in words
    assert "Kvorumo negali būti" in words


def test_admission_adds_a_second_edition_and_leaves_the_first_as_it_was(decided, coordinator):
    first = decided.minutes.get()
    Member.objects.filter(name="Aedilis").update(name="Aedilis Nova")
    admitted = admission.admit(decided, coordinator)
    kept, second = admitted.minutes.all()
    assert (bytes(kept.pdf_lt), kept.sha256_lt) == (bytes(first.pdf_lt), first.sha256_lt)
    assert (second.number, second.edition) == (first.number, 2)
    assert second.content == {
        **first.content,
        "admission": {
            "member": known(admitted.member).number,
            "on": known(known(admitted.member).joined_on).isoformat(),
        },
    }
    words = everything(words_of(second, "lt"))
    assert f"nario numeris – {known(admitted.member).number}." in words
    assert "Ši redakcija papildyta įrašu apie priėmimą" in words
    assert "Aedilis Nova" not in words


def test_an_example_says_that_it_is_one(applicant, coordinator, founders):
    application = factories.approved(applicant, coordinator, founders, is_example=True)
    assert words_of(application.minutes.get(), "lt")["example"].startswith("Pavyzdys")


# The PDF


def test_the_pdf_is_archivable_accessible_and_in_its_language(decided):
    record = decided.minutes.get()
    for language in LANGUAGES:
        pdf = bytes(getattr(record, f"pdf_{language}"))
        assert pdf.startswith(b"%PDF-1.7")
        assert b"<pdfaid:part>2</pdfaid:part><pdfaid:conformance>A</pdfaid:conformance>" in pdf
        assert b"<pdfuaid:part>1</pdfuaid:part>" in pdf
        assert f"/Lang({language})".encode() in pdf


def test_the_same_content_gives_the_same_bytes(decided):
    record = decided.minutes.get()
    assert pdf.rendered(record, "lt") == bytes(record.pdf_lt)
    assert pdf.rendered(record, "en") == bytes(record.pdf_en)


def test_a_long_name_of_the_cluster_stays_within_the_margins(decided):
    Identity.objects.update(name_lt="ir ne tik " * 12)
    data = {**words_of(decided.minutes.get(), "lt"), **pdf.look(), "cluster": Identity.objects.get().name_lt}
    sheets = typst.compile(
        pdf.LAYOUT.read_bytes(), format="png", ppi=72, ignore_system_fonts=True, sys_inputs={"data": json.dumps(data)}
    )
    for sheet in sheets if isinstance(sheets, list) else [sheets]:
        with Image.open(io.BytesIO(sheet)) as picture:
            margin = picture.convert("L").crop((picture.width - 56, 0, picture.width, picture.height))  # 20 mm
        assert margin.getextrema() == (255, 255)


@pytest.mark.parametrize("text", NASTY, ids=range(len(NASTY)))
def test_no_text_stops_a_decision(text, applicant, coordinator, founders):
    name = clean_line(text[:120]) or "X"
    application = factories.voting(applicant, coordinator, name=name, legal_name=clean_line(text[:200]) or "X")
    voting.recuse(application, founders[4].voter, "other", "x" + text[:499])
    voting.record_vote(application, coordinator, founders[3], "for", date(2026, 1, 5), "x" + text[:199])
    for founder in founders[:3]:
        voting.cast_vote(application, founder.voter, "for", text)
    application.refresh_from_db()
    assert application.status == Status.APPROVED
    record = application.minutes.get()
    assert record.content["applicant"]["name"] == name
    assert record.content["founders"][0]["vote"]["comment"] == clean_text(text.strip())


def test_a_sign_that_the_font_lacks_is_marked_and_explained_and_kept_in_the_content(applicant, coordinator, founders):
    application = factories.approved(applicant, coordinator, founders, name="Žalia 漢 ūkis")
    record = application.minutes.get()
    words = words_of(record, "lt")
    assert words["sections"][0]["facts"][0][1] == "Žalia □ ūkis"
    assert "Ženklas □ žymi rašmenį" in words["sections"][-1]["sentences"][-1]
    assert record.content["applicant"]["name"] == "Žalia 漢 ūkis"


def test_the_font_has_every_character_that_is_taken_for_covered():
    covered = [chr(code) for first, last in glyphs.COVERED for code in range(first, last + 1)]
    characters = [character for character in covered if glyphs.shown(character) == character]
    assert len(characters) > 850
    assert set("AĄBCČDEĘĖFGHIĮYJKLMNOPRSŠTUŲŪVZŽaąbcčdeęėfghiįyjklmnoprsštuųūvzž„“–€№") < set(characters)
    source = """
    #set document(title: "x")
    #set text(font: "Libertinus Serif", fallback: false, lang: "lt")
    #let all = json(bytes(sys.inputs.all)).join(" ")
    #all #text(weight: 600, all) #text(style: "italic", all)"""
    inputs = {"all": json.dumps([*characters, glyphs.MARK])}
    compiled = typst.compile(
        source.encode(),
        format="pdf",
        pdf_standards=["a-2a", "ua-1"],
        ignore_system_fonts=True,
        sys_inputs=inputs,
    )
    assert compiled.startswith(b"%PDF")


@given(strategies.text(max_size=300))
@settings(max_examples=300, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_what_is_set_consists_of_characters_that_the_font_has(text):
    shown = glyphs.settable(text)
    assert all(character in f"\n\u200b{glyphs.MARK}" or glyphs.shown(character) == character for character in shown)
    assert not any(unicodedata.category(character) == "Cc" for character in shown.replace("\n", ""))


def test_a_run_without_blanks_may_be_broken_and_ordinary_words_are_left_alone():
    assert glyphs.settable("x" * 31) == "\u200b".join("x" * 31)
    assert glyphs.settable("nebeprisikiškiakopūsteliaujant") == "nebeprisikiškiakopūsteliaujant"
    assert glyphs.settable("vardenis.pavardenis@example.org"[:30]) == "vardenis.pavardenis@example.org"[:30]


# Numbers


def test_the_year_is_that_of_vilnius(applicant, coordinator, founders, clock):
    clock(datetime(2026, 12, 31, 21, 30, tzinfo=UTC))
    application = factories.voting(applicant, coordinator)
    other = factories.voting(factories.person(), coordinator)
    for founder in founders[:3]:
        voting.cast_vote(application, founder.voter, "for")
    clock(datetime(2026, 12, 31, 23, 30, tzinfo=UTC))
    for founder in founders[:3]:
        voting.cast_vote(other, founder.voter, "for")
    assert (application.minutes.get().number, other.minutes.get().number) == ("2026-01", "2027-01")
    clock(datetime(2027, 1, 4, 8, 0, tzinfo=UTC))
    assert known(admission.admit(application, coordinator).minutes.last()).number == "2026-01"


def in_threads(*works) -> list[Exception]:
    """Run the works at the same moment, each over a connection of its own; returns what they raised."""
    start, raised = threading.Barrier(len(works)), []

    def run(work) -> None:
        try:
            start.wait(60)
            work()
        except Exception as error:
            raised.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return raised


class ChangedTheirMind(Exception):
    """Raised by the test after the minutes are written."""


@pytest.mark.django_db(transaction=True)
def test_numbers_have_no_gaps_and_no_doubles_however_many_ballots_close_at_once(applicant, coordinator, founders):
    ballots = [factories.voting(factories.person(), coordinator) for _ in range(8)]
    for application in ballots:
        for founder in founders[:2]:
            voting.cast_vote(application, founder.voter, "for")

    def decide(application):
        return lambda: voting.cast_vote(application, founders[2].voter, "for")

    def decide_and_fail(application):
        def work() -> None:
            with transaction.atomic():
                voting.cast_vote(application, founders[2].voter, "for")
                raise ChangedTheirMind

        return work

    raised = in_threads(*map(decide, ballots[:6]), *map(decide_and_fail, ballots[6:]))
    assert [type(error) for error in raised] == [ChangedTheirMind, ChangedTheirMind]
    assert list(Minutes.objects.values_list("sequence", flat=True)) == [1, 2, 3, 4, 5, 6]
    assert Minutes.objects.values("application").distinct().count() == 6


# Never changed


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE applications_minutes SET content = '{}'",
        "UPDATE applications_minutes SET sequence = sequence + 1",
        "UPDATE applications_minutes SET pdf_lt = '', sha256_lt = ''",
        "DELETE FROM applications_minutes",
    ],
)
@pytest.mark.parametrize("door", ["", "open"])
def test_the_database_refuses_every_change(statement, door, decided):
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('portal.door', %s, true)", [door])
        with pytest.raises(DatabaseError, match="Cannot update or delete"), transaction.atomic():
            cursor.execute(statement)
    kept = Minutes.objects.get()
    assert (kept.sequence, kept.content["outcome"]) == (1, "approved")
    assert checked_pdf(kept, "lt") == bytes(kept.pdf_lt)


# Downloads


def test_each_language_is_downloaded_as_a_file_with_a_good_name(decided, coordinator, client):
    record = decided.minutes.get()
    client.force_login(coordinator, backend="django.contrib.auth.backends.ModelBackend")
    for language, name in (("lt", "protokolas"), ("en", "minutes")):
        response = client.get(f"/balsavimai/{decided.pk}/protokolas/{record.number}.{language}.pdf")
        assert response.status_code == 200
        assert response.content == bytes(getattr(record, f"pdf_{language}"))
        assert response["Content-Type"] == "application/pdf"
        assert response["Content-Disposition"] == f'inline; filename="{name}-{record.number}.{language}.pdf"'
        assert response["Cache-Control"] == "private, no-store"
        assert response["X-Content-Type-Options"] == "nosniff"
        assert "Content-Security-Policy" not in response  # a browser's own reader of PDFs needs none


def test_the_second_edition_has_an_address_of_its_own(decided, coordinator, client):
    admission.admit(decided, coordinator)
    second = decided.minutes.get(edition=2)
    client.force_login(coordinator, backend="django.contrib.auth.backends.ModelBackend")
    response = client.get(f"/en/ballots/{decided.pk}/minutes/{second.number}-2.en.pdf")
    assert response.content == bytes(second.pdf_en)


def test_there_is_nothing_under_another_number_language_or_application(decided, coordinator, client):
    record = decided.minutes.get()
    client.force_login(coordinator, backend="django.contrib.auth.backends.ModelBackend")
    for pk, name in (
        (decided.pk, "2026-99.lt.pdf"),
        (decided.pk, f"{record.number}.de.pdf"),
        (decided.pk, f"{record.number}-2.lt.pdf"),
        (decided.pk + 1000, f"{record.number}.lt.pdf"),
    ):
        assert client.get(reverse("ballots:minutes", args=[pk, name])).status_code == 404


def test_only_voters_of_founders_entitled_then_and_the_coordinator_read_them(decided, founders, coordinator, client):
    address = reverse("ballots:minutes", args=[decided.pk, decided.minutes.get().file_name("lt")])
    later = factories.founder("Vėlesnis steigėjas")
    expected = {
        founders[0].voter: 200,
        founders[1].voter: 200,  # recused, but entitled
        coordinator: 200,
        later.voter: 404,
        decided.applicant: 404,
        factories.person(): 404,
    }
    for person, status in expected.items():
        client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
        assert (str(person), client.get(address).status_code) == (str(person), status)
    client.logout()
    assert client.get(address).status_code == 302


def test_minutes_outlive_the_applicants_withdrawal(decided, founders, client):
    joining.withdraw(decided, decided.applicant)
    address = reverse("ballots:minutes", args=[decided.pk, decided.minutes.get().file_name("lt")])
    client.force_login(founders[0].voter, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(address).status_code == 200


def test_an_altered_file_is_never_handed_out(decided, coordinator, client, caplog):
    record = decided.minutes.get()
    forged = bytes(record.pdf_lt).replace(b"/Lang(lt)", b"/Lang(ru)")
    with pgtrigger.ignore("applications.Minutes:never_changed"):
        Minutes.objects.filter(pk=record.pk).update(pdf_lt=forged)
    client.force_login(coordinator, backend="django.contrib.auth.backends.ModelBackend")
    with caplog.at_level(logging.ERROR, logger="applications.minutes.views"):
        response = client.get(f"/balsavimai/{decided.pk}/protokolas/{record.number}.lt.pdf")
    assert response.status_code == 503
    assert response["Cache-Control"] == "private, no-store"
    assert b"%PDF" not in response.content
    assert "object-src 'none'" in response["Content-Security-Policy"]
    assert "Šio protokolo parodyti negalima" in response.content.decode()
    (entry,) = (entry for entry in caplog.records if entry.name == "applications.minutes.views")
    assert entry.levelno == logging.ERROR
    assert f"minutes {record.number}.lt.pdf" in entry.getMessage()
    assert hashlib.sha256(forged).hexdigest() in entry.getMessage()
    intact = client.get(reverse("ballots:minutes", args=[decided.pk, record.file_name("en")]))
    assert intact.status_code == 200


def test_the_links_show_number_size_and_checksum_in_one_query(decided, coordinator, django_assert_num_queries):
    admission.admit(decided, coordinator)
    with translation.override("lt"), django_assert_num_queries(1):
        html = render_to_string("applications/ballot/minutes_links.html", {"minutes": decided.minutes.listed()})
    for record in decided.minutes.all():
        for language in LANGUAGES:
            address = f"/balsavimai/{decided.pk}/protokolas/{record.file_name(language)}"
            assert f'href="{address}" hreflang="{language}"' in html
            assert getattr(record, f"sha256_{language}") in html
            assert f"{len(getattr(record, f'pdf_{language}')) / 1024:.1f}".replace(".", ",") in html
    assert "su įrašu apie priėmimą" in html


# Of other versions: fields and values come and go with releases; the content of old minutes stays as it was written.


@pytest.fixture
def rich(decided):
    """Content with something at every place: votes of all manners, an objection, a recusal, all that may happen to a
    ballot, earlier minutes.
    """
    content = known(decided.minutes.get()).content
    moment = content["closed_at"]
    content["founders"][2]["vote"]["objected_at"], content["founders"][2]["vote"]["objection"] = moment, "Ne mūsų."
    content["course"] = [
        {"event": "closed", "at": moment, "outcome": "rejected"},
        {"event": "reopen_voting", "at": moment, "until": moment, "reason": "Trūko rašto."},
        {"event": "extend_voting", "at": moment, "until": moment, "reason": "Atostogos."},
    ]
    content["supersedes"] = [{"number": "2026-00", "issued_at": moment}]
    return content


def paths(content, path=()):
    """Where everything in the content is, containers included."""
    entries = content.items() if isinstance(content, dict) else enumerate(content) if isinstance(content, list) else ()
    for name, inner in entries:
        yield (*path, name)
        yield from paths(inner, (*path, name))


def place(content, path):
    """The container of what is at `path`."""
    for name in path[:-1]:
        content = content[name]
    return content


def in_words(content, language) -> str:
    return everything(words_of(Minutes(year=2026, sequence=9, issued_at=timezone.now(), content=content), language))


def test_whatever_the_content_of_minutes_lacks_the_rest_is_put_into_words(rich):
    whole = {language: in_words(rich, language) for language in LANGUAGES}
    for path in paths(rich):
        lacking = copy.deepcopy(rich)
        del place(lacking, path)[path[-1]]
        for language in LANGUAGES:
            text = in_words(lacking, language)
            assert "None" not in text, path
            new = set(text.splitlines()) - set(whole[language].splitlines())
            assert not any("all founders recused" in line or "visi steigėjai" in line for line in new), path


def test_a_value_that_is_no_longer_known_stands_for_itself_in_the_minutes(rich):
    rich["founders"][1]["vote"] = None  # it has recused itself: what it voted before is not said
    choices = {"event", "outcome", "threshold", "choice", "manner", "interest"}
    moments = {
        "submitted_at",
        "opened_at",
        "closes_at",
        "closed_at",
        "at",
        "until",
        "issued_at",
        "declared_at",
        "cast_at",
    }
    days = {"objected_at", "decided_on"}  # of some votes only
    names = choices | moments | days
    seen = set()
    for path in paths(rich):
        name, other = path[-1], copy.deepcopy(rich)
        if name not in names or not place(other, path)[name]:
            continue
        seen.add(name)
        place(other, path)[name] = "pigeon"
        for language in LANGUAGES:
            assert "pigeon" in in_words(other, language).lower(), path
    assert seen == names
