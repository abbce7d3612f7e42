"""The ballot paper in somebody's hands, and the two ways to it: by logging in, and by the link in an email."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from applications.ballot.links import VoteLink
from applications.exceptions import VotingClosed
from applications.models import Application, Ballot, Status, Vote
from applications.permissions import may_see_ballot
from members.models import Member, User
from members.permissions import founder_of, signed_in


@dataclass
class Paper:
    """A ballot paper in somebody's hands: whose, for which founder, and by which link if not by logging in."""

    application: Application
    person: User
    founder: Member
    link: VoteLink | None = None
    forms: dict[str, Form] = field(default_factory=dict)

    def address(self, name: str = "") -> str:
        """The address of the paper, or of one of its actions ("recuse", "object")."""
        suffix = f"-{name}" if name else ""
        if self.link:
            return reverse(f"ballots:link{suffix}", args=[self.link.token])
        return reverse(f"ballots:{name or 'detail'}", args=[self.application.pk])

    @property
    def recuse_url(self) -> str:
        return self.address("recuse")

    @property
    def object_url(self) -> str:
        return self.address("object")

    @property
    def own_vote(self) -> Vote | None:
        """The vote that the founder has cast itself."""
        cast = self.application.ballot.votes.exclude(manner=Vote.Manner.RECORDED)
        return cast.filter(founder=self.founder).first()

    @property
    def is_open(self) -> bool:
        return self.application.status == Status.VOTING and bool(self.application.ballot.time_left)

    def check(self, may: Callable[[Ballot, User, VoteLink | None], object]) -> None:
        """Raise what is refused however the form is filled in: VotingClosed, or what `may` raises."""
        if not self.is_open:
            raise VotingClosed
        may(self.application.ballot, self.person, self.link)


View = Callable[..., HttpResponseBase]


def for_voters(view: View) -> View:
    """Give the view the founder for which this person votes; refuse everybody else."""

    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        founder = founder_of(request.user)
        if founder is None:
            raise PermissionDenied
        return view(request, founder, *args, **kwargs)

    return checked


def by_log_in(view: View) -> View:
    """Give the view the paper of the person who is logged in; others' ballots are not found."""

    @wraps(view)
    @for_voters
    def checked(request: HttpRequest, founder: Member, pk: int) -> HttpResponseBase:
        application = get_object_or_404(Application.objects.select_related("ballot__rule", "municipality"), pk=pk)
        if not may_see_ballot(request.user, application):
            raise Http404
        return view(request, Paper(application, signed_in(request), founder))

    return checked


def by_link(view: View) -> View:
    """Give the view the paper that an emailed link opens. A link that has ended leads to the log-in, in words, and gives
    back what was typed into its form.

    Nothing is changed by following it, however often an email scanner does.
    """

    @login_not_required
    @never_cache
    @wraps(view)
    def checked(request: HttpRequest, token: str, **kwargs: Any) -> HttpResponseBase:
        link = VoteLink.read(token)
        applications = Application.objects.select_related("ballot__rule", "municipality")
        application = applications.filter(ballot=link.ballot_id).first() if link else None
        person = link.person() if link else None
        if link is None or application is None or person is None:
            return link_ended(request, _("This link is not valid. It may not have been copied in full."))
        paper = Paper(application, person, Member.objects.get(pk=link.founder_id), link)
        if not paper.is_open:
            return link_ended(request, _("Voting on this application has closed."), application)
        if link.is_spent(application.ballot):
            return link_ended(
                request,
                _("Your organisation has voted or recused itself, so this link has been used."),
                application,
            )
        return view(request, paper, **kwargs)

    return checked


def link_ended(request: HttpRequest, why: str, application: Application | None = None) -> HttpResponse:
    """Why the link opens nothing, what was typed, and the way on by logging in."""
    context = {"why": why, "application": application, "typed": typed_words(request)}
    response = render(request, "applications/ballot/link_ended.html", context, status=410)
    response["X-Robots-Tag"] = "noindex"
    return response


def typed_words(request: HttpRequest) -> str:
    """What the person wrote into the form that was sent, whichever it was."""
    return next(filter(None, (request.POST.get(name, "").strip() for name in ("comment", "word", "objection"))), "")
