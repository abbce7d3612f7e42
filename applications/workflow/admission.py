"""The verb that makes an approved applicant a member."""

from collections.abc import Mapping

from django.db import IntegrityError, connection
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from applications import emails
from applications.exceptions import AlreadyKnown
from applications.minutes.issuing import issue_admission
from applications.models import Application, Status
from applications.workflow.door import (
    required,
    set_status,
    step,
)
from applications.workflow.joining import refuse_known
from cluster_portal.base.known import known
from cluster_portal.mail.models import OutgoingMail
from cluster_portal.mail.outbox import rehearse
from cluster_portal.mail.words import Words
from members.models import Member, Representative, User
from news.announcement import announce
from news.emails import news_post


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
            issue_admission(locked)
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
        post = known(admitted.member).posts.latest("pk")
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
