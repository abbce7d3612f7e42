"""The minutes of a decision: numbered, gathered once, in both languages, proved by checksums.

The content is gathered at the closing, kept as data beside the PDFs, and never changed: ISO moments, codes and names,
no words of either language. `pdf.py` puts it into words and sets it.
"""

import hashlib
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import timezone

from applications.minutes.pdf import rendered
from applications.models import Application, Ballot, Minutes, Recusal, Vote
from applications.workflow.door import VERBS
from cluster_portal.base.known import known
from cluster_portal.base.numbering import next_number
from members.models import Member, Municipality

LANGUAGES = [code for code, _name in settings.LANGUAGES]


class Damaged(Exception):
    """A stored PDF is not the one whose checksum was kept."""


def issue(application: Application, ballot: Ballot) -> Minutes:
    """The minutes of the ballot that was just closed, under the next number of the year of its closing in Vilnius.

    Called in the closing's transaction: without the minutes there is no decision, and the other way round.
    """
    year = timezone.localtime(known(ballot.closed_at), timezone.get_default_timezone()).year
    content = content_of(application, ballot)
    return record(application, known(ballot.closed_at), year, next_number(Minutes, "sequence", year=year), 1, content)


def issue_admission(application: Application) -> Minutes:
    """A second edition of the decision's minutes, which adds the admission: member number and day, and the decision
    that admits where all founders had recused themselves.

    All else is the first edition's content, whatever has changed in the register since.
    """
    decision, member = known(application.minutes.filter(edition=1).last()), known(application.member)
    admission = {"member": member.number, "on": known(member.joined_on).isoformat()}
    if application.outside_decision:
        admission["outside_decision"] = application.outside_decision
    content = {**decision.content, "round": decision.round, "admission": admission}
    return record(application, timezone.now(), decision.year, decision.sequence, 2, content)


def record(
    application: Application, issued_at: datetime, year: int, sequence: int, edition: int, content: dict[str, Any]
) -> Minutes:
    """Write the row with both PDFs and their checksums."""
    minutes = Minutes(
        application=application,
        year=year,
        sequence=sequence,
        edition=edition,
        round=content["round"],
        issued_at=issued_at,
        content=content,
    )
    for language in LANGUAGES:
        pdf = rendered(minutes, language)
        setattr(minutes, f"pdf_{language}", pdf)
        setattr(minutes, f"sha256_{language}", hashlib.sha256(pdf).hexdigest())
    minutes.save(force_insert=True)
    return minutes


def checked_pdf(minutes: Minutes, language: str) -> bytes:
    """The stored PDF in one language; raises Damaged unless it is, byte for byte, the one that was issued."""
    pdf = bytes(getattr(minutes, f"pdf_{language}"))
    kept = getattr(minutes, f"sha256_{language}")
    found = hashlib.sha256(pdf).hexdigest()
    if found != kept:
        raise Damaged(f"minutes {minutes.file_name(language)}: SHA-256 is {found}, not {kept} as when they were issued")
    return pdf


def content_of(application: Application, ballot: Ballot) -> dict[str, Any]:
    """What the minutes say, as plain data. The ballot is read again, so that nothing remembered from before speaks."""
    ballot = Ballot.objects.select_related("rule").get(pk=ballot.pk)
    tally = ballot.tally()
    return {
        "applicant": {
            "name": application.name,
            "legal_name": application.legal_name,
            "company_code": application.company_code,
            "municipality": place(application.municipality),
        },
        "is_example": application.is_example,
        "submitted_at": known(application.submitted_at).isoformat(),
        "rule": {"version": ballot.rule_id, **ballot.rule.as_data()},
        "round": ballot.round,
        "opened_at": ballot.opened_at.isoformat(),
        "closes_at": ballot.closes_at.isoformat(),
        "closed_at": known(ballot.closed_at).isoformat(),
        "course": course_of(ballot),
        "founders": founders_of(ballot),
        "count": {
            "founders": tally.founders,
            "recused": tally.recused,
            "entitled": tally.entitled,
            "needed": tally.needed,
            "voted": tally.voted,
            "for": tally.for_,
            "against": tally.against,
            "abstain": tally.abstain,
            "missing": tally.missing,
        },
        "outcome": ballot.outcome,
        "supersedes": [
            {"number": earlier.number, "issued_at": earlier.issued_at.isoformat()}
            for earlier in application.minutes.filter(edition=1)
        ],
    }


def place(municipality: Municipality | None) -> dict[str, str] | None:
    """The municipality by its code and by its names of that day."""
    if municipality is None:
        return None
    return {"code": municipality.code, **{code: getattr(municipality, f"name_{code}") for code in LANGUAGES}}


def course_of(ballot: Ballot) -> list[dict[str, Any]]:
    """What happened to the ballot between its opening and the present closing: earlier closings, and the verbs that set
    it a new deadline; others, as a reminder, leave rows as well.
    """
    events: list[dict[str, Any]] = []
    for row in ballot.history.select_related("pgh_context").order_by("pgh_id"):
        verb = VERBS.get(row.pgh_context.metadata.get("verb")) if row.pgh_context else None
        if row.outcome:
            events.append({"event": "closed", "at": row.closed_at.isoformat(), "outcome": row.outcome})
        elif verb and verb.history_line and verb.history_line.new_deadline:
            events.append(
                {
                    "event": verb.name,
                    "at": row.pgh_created_at.isoformat(),
                    "until": row.closes_at.isoformat(),
                    "reason": row.reason,
                }
            )
    return events[:-1]  # the last is the present closing


def founders_of(ballot: Ballot) -> list[dict[str, Any]]:
    """Every entitled founder, in the order of the register, with its vote and its recusal."""
    votes = {vote.founder_id: vote for vote in ballot.votes.select_related("voter")}
    recusals = {recusal.founder_id: recusal for recusal in ballot.recusals.select_related("declared_by")}
    return [
        founder_entry(founder, votes.get(founder.pk), recusals.get(founder.pk)) for founder in ballot.entitled.all()
    ]


def founder_entry(founder: Member, vote: Vote | None, recusal: Recusal | None) -> dict[str, Any]:
    """How one founder stands on the ballot. A vote that does not count is kept too."""
    return {
        "number": founder.number,
        "name": founder.name,
        "legal_name": founder.legal_name,
        "vote": vote
        and {
            "choice": vote.choice,
            "comment": vote.comment,
            "manner": vote.manner,
            "cast_at": vote.cast_at.isoformat(),
            "by": str(vote.voter),
            "decided_on": vote.decided_on and vote.decided_on.isoformat(),
            "reference": vote.reference,
            "objected_at": vote.objected_at and vote.objected_at.isoformat(),
            "objection": vote.objection,
        },
        "recusal": recusal
        and {
            "interest": recusal.interest,
            "word": recusal.word,
            "manner": recusal.manner,
            "declared_at": recusal.declared_at.isoformat(),
            "by": str(recusal.declared_by),
        },
    }
