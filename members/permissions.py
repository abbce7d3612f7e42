"""Who may do what with members. Deny by default: a view names one of these."""

from functools import cached_property

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest

from cluster_portal.desk.permissions import is_coordinator
from members.models import Member, Representative, User


def signed_in(request: HttpRequest) -> User:
    """The person of a page that `LogInMiddleware` closes to everybody else."""
    if not request.user.is_authenticated:
        raise PermissionDenied
    return request.user


def founder_of(user: User | AnonymousUser) -> Member | None:
    """The active founder for which this person votes, or None."""
    if not user.is_authenticated:
        return None
    return Member.objects.filter(
        is_founder=True,
        status=Member.Status.ACTIVE,
        representatives__user=user,
        representatives__role=Representative.Role.VOTER,
    ).first()


def organisations_of(user: User | AnonymousUser) -> QuerySet[Member]:
    """The members whose pages this person may edit (as owner or editor), in the directory's order."""
    if not user.is_authenticated:
        return Member.objects.none()
    roles = Representative.objects.filter(user=user, role__in=[Representative.Role.OWNER, Representative.Role.EDITOR])
    return Member.objects.exclude(status=Member.Status.FORMER).filter(pk__in=roles.values("member"))


class Roles:
    """What the page's menu needs to know of the person; each is asked at most once a request."""

    def __init__(self, user: User | AnonymousUser) -> None:
        self.user = user

    @cached_property
    def is_coordinator(self) -> bool:
        return is_coordinator(self.user)

    @cached_property
    def is_voter(self) -> bool:
        return founder_of(self.user) is not None

    @cached_property
    def is_representative(self) -> bool:
        return organisations_of(self.user).exists()
