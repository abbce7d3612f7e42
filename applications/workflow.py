"""The one door for every change of an application's state: the verbs of the applicant and of the coordinator.

The founders' ballot has its steps in `balloting.py`; they are called through this module too. Which verb is legal
when, and the lock and transaction that each goes through, are in `transitions.py`. pghistory's triggers write the
history; mails are queued in the same transaction.
"""

from collections.abc import Mapping

from django.db import IntegrityError, connection
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from applications import emails, minutes
from applications.balloting import (
    cast_vote,
    close_voting,
    extend_voting,
    object_to_vote,
    open_voting,
    record_vote,
    recuse,
    remind_voters,
    reopen_voting,
    required,
    set_status,
)  # fmt: skip
from applications.completeness import missing_fields
from applications.exceptions import AlreadyKnown, Incomplete
from applications.models import Application, Status
from applications.transitions import COORDINATORS_VERBS, TRANSITIONS, is_legal, legal_steps, step
from cluster_portal.mail.models import OutgoingMail
from cluster_portal.mail.outbox import rehearse
from cluster_portal.mail.words import Words
from members.models import Member, Representative, User
from news.announcement import announce
from news.emails import news_post

__all__ = [
    "COORDINATORS_VERBS", "TRANSITIONS", "admit", "cast_vote", "close_voting", "extend_voting", "former_member",
    "is_legal", "legal_steps", "object_to_vote", "open_voting", "record_vote", "recuse", "rehearse_admission", "reject",
    "remind_voters", "reopen_voting", "request_information", "resubmit", "submit", "withdraw",
]  # fmt: skip


def submit(application: Application, by: User) -> Application:
    """draft → submitted. Raises Incomplete, or AlreadyKnown where the organisation is a member or applies already."""
    try:
        with step("submit", application, by) as locked:
            refuse_incomplete(locked)
            refuse_known(locked)
            locked.status = Status.SUBMITTED
            locked.submitted_at = timezone.now()
            locked.save(update_fields=["status", "submitted_at", "updated_at"])
            emails.application_submitted(locked)
    except IntegrityError as error:  # two of the same company at the same moment
        raise AlreadyKnown(_("This organisation already has an open application.")) from error
    return locked


def refuse_incomplete(application: Application) -> None:
    """Raises Incomplete naming every missing field."""
    if missing := missing_fields(application):
        raise Incomplete(missing)


def refuse_known(application: Application) -> None:
    """Raises AlreadyKnown where the company or the VAT code is a member's or an open application's."""
    members = Member.objects.exclude(status=Member.Status.FORMER)
    others = Application.objects.open().exclude(pk=application.pk)
    for name, message in (
        ("company_code", _("An organisation with this company code is already a member of the cluster.")),
        ("vat_code", _("An organisation with this VAT code is already a member of the cluster.")),
    ):
        if not (code := getattr(application, name)):
            continue
        if members.filter(**{name: code}).exists():
            raise AlreadyKnown(message)
        if others.filter(**{name: code}).exists():
            raise AlreadyKnown(_("This organisation already has an open application."))


def request_information(application: Application, by: User, question: str) -> Application:
    """submitted → information requested; the applicant is asked `question` by mail and may edit again."""
    with step("request_information", application, by) as locked:
        locked.status = Status.INFORMATION_REQUESTED
        locked.information_request = required(question, _("Write what the applicant should clarify."))
        locked.answer = ""
        locked.save(update_fields=["status", "information_request", "answer", "updated_at"])
        emails.information_requested(locked)
    return locked


def resubmit(application: Application, by: User, answer: str) -> Application:
    """information requested → submitted, with the applicant's answer."""
    try:
        with step("resubmit", application, by) as locked:
            refuse_incomplete(locked)
            refuse_known(locked)
            locked.status = Status.SUBMITTED
            locked.answer = required(answer, _("Write your answer."))
            locked.save(update_fields=["status", "answer", "updated_at"])
            emails.application_answered(locked)
    except IntegrityError as error:
        raise AlreadyKnown(_("This organisation already has an open application.")) from error
    return locked


def reject(application: Application, by: User, reason: str) -> Application:
    """Tell the applicant of the decision against it, with its reason; closes a lapsed application as rejected."""
    with step("reject", application, by) as locked:
        now = timezone.now()
        locked.status = Status.REJECTED
        locked.rejection_reason = required(reason, _("Write the reason; the applicant will read it."))
        locked.decided_at = locked.decided_at or now
        locked.applicant_told_at = now
        locked.save(update_fields=["status", "rejection_reason", "decided_at", "applicant_told_at", "updated_at"])
        emails.application_rejected(locked)
    return locked


def withdraw(application: Application, by: User) -> Application:
    """Any open status → withdrawn, by the applicant; an open ballot ends without a decision."""
    with step("withdraw", application, by) as locked:
        set_status(locked, Status.WITHDRAWN)
        emails.application_withdrawn(locked)
    return locked


def admit(
    application: Application, by: User, words: Mapping[str, Words] | None = None, outside_decision: str = ""
) -> Application:
    """approved → admitted: the member, its owner, the announcement and the mails, all or nothing.

    Also from a lapse because all founders recused themselves: then, and only then, `outside_decision` names the
    decision that admits, and raises Refused where it is missing. `words` by language are the announcement's for this
    admission only.
    """
    try:
        with step("admit", application, by) as locked:
            refuse_known(locked)
            member = become_member(locked)
            Representative.objects.get_or_create(member=member, user=locked.applicant, role=Representative.Role.OWNER)
            locked.member = member
            if locked.ballot.tally().is_beyond_us:
                missing = _("Name the decision that admits the organisation.")
                locked.outside_decision = " ".join(required(outside_decision, missing).split())
            set_status(locked, Status.ADMITTED, "member", "outside_decision")
            minutes.issue_admission(locked)
            post = announce(member)
            emails.member_admitted(locked, post, words)
    except IntegrityError as error:
        raise AlreadyKnown(
            _("The admission was refused by the database: such a member exists already. Nothing was changed.")
        ) from error
    return locked


def rehearse_admission(
    application: Application, by: User, words: Mapping[str, Words] | None = None, outside_decision: str = ""
) -> list[OutgoingMail]:
    """Every mail that `admit` would cause, those to the subscribers of the news included; nothing of it happens.

    Raises the refusals of `admit`, but for that of a decision not yet named: no mail names it.
    """

    def act() -> list[str]:
        admitted = admit(application, by, words, outside_decision or "–")
        post = admitted.member.posts.latest("pk")
        news_post(post)
        return [admitted.topic, post.topic]

    return rehearse(act)


def become_member(application: Application) -> Member:
    """The new member with the application's data; an organisation that was a member before takes up its record again."""
    data = {name: getattr(application, name) for name in Application.COPIED}
    data |= {"joined_on": timezone.localdate(), "is_example": application.is_example}
    member = former_member(application)
    if member:
        for name, value in data.items():
            setattr(member, name, value)
        member.status = Member.Status.ACTIVE
        member.save()
    else:
        member = Member.objects.create(slug=Member.free_slug(application.name), number=next_number(), **data)
    member.areas.set(application.areas.all())
    return member


def former_member(application: Application) -> Member | None:
    """The record of the organisation's earlier membership, by its company code."""
    if not application.company_code:
        return None
    return Member.objects.filter(company_code=application.company_code, status=Member.Status.FORMER).first()


def next_number() -> int:
    """The next member number; the table is locked until the transaction ends, so no number is given twice."""
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE members_member IN SHARE ROW EXCLUSIVE MODE")
    return (Member.objects.aggregate(Max("number"))["number__max"] or 0) + 1
