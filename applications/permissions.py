"""Who may do what with applications. Deny by default: a view names one of these."""

from django.contrib.auth.models import AnonymousUser

from applications.models import Application, Status
from applications.workflow import joining
from cluster_portal.desk.permissions import is_coordinator
from members.models import User
from members.permissions import founder_of


def may_edit(user: User | AnonymousUser, application: Application) -> bool:
    """The applicant, while the application is a draft or was asked to be clarified."""
    return application.applicant_id == user.pk and application.is_editable


def may_withdraw(user: User | AnonymousUser, application: Application) -> bool:
    return application.applicant_id == user.pk and joining.withdraw.is_legal(application)


def may_see_status(user: User | AnonymousUser, application: Application) -> bool:
    """The status page in the applicant's words is the applicant's own."""
    return application.applicant_id == user.pk


def may_see_attachments(user: User | AnonymousUser, application: Application) -> bool:
    """The applicant; once it was submitted the coordinator; and the founders entitled to vote on it."""
    return (
        application.applicant_id == user.pk
        or (is_coordinator(user) and application.submitted_at is not None)
        or may_see_ballot(user, application)
    )


def may_see_ballot(user: User | AnonymousUser, application: Application) -> bool:
    """A voter of a founder that is entitled to vote, from the opening of the ballot on."""
    founder = founder_of(user)
    return (
        founder is not None
        and application.status not in (Status.DRAFT, Status.WITHDRAWN)
        and hasattr(application, "ballot")
        and application.ballot.entitled.filter(pk=founder.pk).exists()
    )


def may_see_minutes(user: User | AnonymousUser, application: Application) -> bool:
    """The coordinator, and voters of the founders entitled on that ballot, whatever became of the application since."""
    if is_coordinator(user):
        return True
    founder = founder_of(user)
    return founder is not None and application.ballot.entitled.filter(pk=founder.pk).exists()


def may_decide(user: User | AnonymousUser) -> bool:
    """The coordinator's staff work applications through."""
    return is_coordinator(user)
