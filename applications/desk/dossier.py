"""Everything that the coordinator sees about one application on one screen."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from operator import attrgetter
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import formats, timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from applications.ballot.counting import Tally
from applications.models import (
    Application,
    BallotHistory,
    RecusalHistory,
    Status,
    Vote,
    VoteHistory,
)
from applications.models.history import HistoryRow, moment, verb_of
from applications.models.vote import FoundersVote
from applications.workflow.door import VERBS, HistoryLine
from applications.workflow.outcome import ENDS
from cluster_portal.base.history import user_key
from cluster_portal.country.lt.codes import company_code_is_valid, vat_code_is_valid
from cluster_portal.mail.models import OutgoingMail
from members.models import User


@dataclass(frozen=True)
class Event:
    """One line of the history: when, who (None: a scheduled task), what and in which words."""

    at: datetime
    who: User | None
    what: str
    text: str = ""


class Dossier:
    """Read from the database when asked; `application` is as loaded."""

    def __init__(self, application: Application) -> None:
        self.application = application

    @property
    def company_code_check(self) -> str:
        """The words on the company code's check; empty when there is no code."""
        application = self.application
        return code_check(
            application.company_code,
            company_code_is_valid(application.company_code),
            application.company_code_confirmed,
        )

    @property
    def vat_code_check(self) -> str:
        application = self.application
        return code_check(application.vat_code, vat_code_is_valid(application.vat_code), application.vat_code_confirmed)

    @property
    def earlier(self) -> QuerySet:
        """Other submitted applications of the same company code or the same person."""
        same = Q(applicant=self.application.applicant)
        if self.application.company_code:
            same |= Q(company_code=self.application.company_code)
        others = Application.objects.filter(same, submitted_at__isnull=False)
        return others.exclude(pk=self.application.pk)

    @cached_property
    def stands(self) -> list[FoundersVote]:
        """How each entitled founder stands; empty without a ballot."""
        return self.application.ballot.stands() if hasattr(self.application, "ballot") else []

    @cached_property
    def tally(self) -> Tally | None:
        return self.application.ballot.tally() if hasattr(self.application, "ballot") else None

    @property
    def mails(self) -> QuerySet:
        return OutgoingMail.objects.filter(topic=self.application.topic)

    @property
    def minutes(self) -> QuerySet:
        """The minutes of its decisions, without the PDFs themselves."""
        return self.application.minutes.listed()

    @property
    def events(self) -> list[Event]:
        """The history, the newest first: who did what, when and from where."""
        rows = [
            (row, words)
            for history, words in (
                (self.application.history.exclude(status=Status.DRAFT), application_words),
                (BallotHistory.objects.filter(application=self.application), ballot_words),
                (
                    VoteHistory.objects.filter(ballot__application=self.application).select_related("founder"),
                    vote_words,
                ),
                (
                    RecusalHistory.objects.filter(ballot__application=self.application).select_related("founder"),
                    recusal_words,
                ),
            )
            for row in history.select_related("pgh_context").order_by("pgh_id")
        ]
        people = User.objects.in_bulk({key for row, _words in rows if (key := user_key(row))})
        lines = [(row, words(row)) for row, words in rows]
        events = [Event(moment(row), people.get(user_key(row) or 0), *words) for row, words in lines if words]
        return sorted(events, key=attrgetter("at"), reverse=True)


def code_check(code: str, valid: bool, confirmed: bool) -> str:
    """The result of a check digit in words."""
    if not code:
        return ""
    if valid:
        return _("The check digit is right.")
    if confirmed:
        return _("The check digit is wrong; the applicant confirmed the code all the same.")
    return _("The check digit is wrong.")


def application_words(row: Any) -> tuple[str, str] | None:
    """What happened to the application at a history row, and the words that went with it; None if another row tells."""
    line = history_line_of(row)
    if line:
        return None if line.of_ballot else (str(line.words), getattr(row, line.text) if line.text else "")
    if row.status in ENDS:
        return _("Voting closed: %(status)s") % {"status": row.get_status_display()}, ""
    return capfirst(row.get_status_display()), ""  # by hand in the database, or by a verb that is no more


def ballot_words(row: Any) -> tuple[str, str] | None:
    """The same for a row of the ballot."""
    line = history_line_of(row)
    if not line or not line.of_ballot:
        return None
    text = getattr(row, line.text) if line.text else ""
    if not line.new_deadline:
        return str(line.words), text
    until = formats.date_format(timezone.localtime(row.closes_at), "DATE_FORMAT")
    return _("%(what)s until %(day)s") % {"what": line.words, "day": until}, text


def history_line_of(row: HistoryRow) -> HistoryLine | None:
    """How the verb that wrote a row is told."""
    declared = VERBS.get(verb_of(row))
    return declared.history_line if declared else None


def vote_words(row: Any) -> tuple[str, str]:
    if row.pgh_label == "set_aside":
        return _("%(founder)s: the vote “%(choice)s” was set aside") % {
            "founder": row.founder,
            "choice": row.get_choice_display(),
        }, ""
    if row.objected_at:
        return _("%(founder)s objected to the recorded vote") % {"founder": row.founder}, row.objection
    manner = row.get_manner_display()
    if row.manner == Vote.Manner.RECORDED:
        manner = f"{manner}, {row.decided_on:%Y-%m-%d}, {row.reference}"
    what = _("%(founder)s: vote “%(choice)s” (%(manner)s)")
    return what % {"founder": row.founder, "choice": row.get_choice_display(), "manner": manner}, row.comment


def recusal_words(row: Any) -> tuple[str, str]:
    what = _("%(founder)s recused itself: %(interest)s (%(manner)s)")
    return what % {
        "founder": row.founder,
        "interest": row.get_interest_display(),
        "manner": row.get_manner_display(),
    }, row.word
