"""The verb that makes an approved applicant a member."""

from collections.abc import Mapping

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications import emails
from applications.minutes.issuing import issue_admission
from applications.models import Application, Status
from applications.workflow.door import HistoryLine, Taker, required, set_status, verb
from applications.workflow.joining import refuse_known
from cluster_portal.base.database import lock_table
from cluster_portal.base.numbering import number_after_the_last
from cluster_portal.mail.words import Words
from members.models import Member, Representative, User
from news.announcement import announce


def is_decided(application: Application) -> bool:
    """Whether the founders approved, or a decision outside the portal may stand in for theirs: none was left to vote."""
    return application.status == Status.APPROVED or application.ballot.tally().all_recused


@verb(
    Taker.COORDINATOR,
    sources=(Status.APPROVED, Status.LAPSED),
    targets=(Status.ADMITTED,),
    history_line=HistoryLine(gettext_lazy("Admitted to the cluster"), text="outside_decision"),
    holds=is_decided,
)
def admit(
    application: Application, by: User, words: Mapping[str, Words] | None = None, outside_decision: str = ""
) -> Application:
    """The member, its owner, the announcement and the emails, all or nothing.

    From a lapse, and only then, `outside_decision` names the decision that admits; raises Refused where it is missing.
    `words` by language are the announcement's for this admission only.
    """
    lock_table(Member)  # numbers and addresses are each given once
    refuse_known(application)
    if application.ballot.tally().all_recused:
        missing = _("Name the decision that admits the organisation.")
        application.outside_decision = required(outside_decision, missing)
    member = member_to_be(application)
    member.save()
    member.areas.set(application.areas.all())
    Representative.objects.get_or_create(member=member, user=application.applicant, role=Representative.Role.OWNER)
    application.member = member
    set_status(application, Status.ADMITTED, "member", "outside_decision")
    issue_admission(application)
    emails.member_admitted(application, member, announce(member), words)
    return application


def member_to_be(application: Application) -> Member:
    """The member with the application's data, not saved: the record of an earlier membership, or a new one under the
    next number and a free address.
    """
    member = former_member(application)
    if member is None:
        member = Member(slug=Member.free_slug(application.name), number=number_after_the_last(Member))
    for name in Application.COPIED:
        setattr(member, name, getattr(application, name))
    member.joined_on = timezone.localdate()
    member.is_example = application.is_example
    member.status = Member.Status.ACTIVE
    return member


def former_member(application: Application) -> Member | None:
    """The record of the organisation's earlier membership, by its company code."""
    if not application.company_code:
        return None
    return Member.objects.filter(company_code=application.company_code, status=Member.Status.FORMER).first()
