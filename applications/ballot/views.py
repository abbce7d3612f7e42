"""The founders' side: what waits for my vote, the ballot itself, and the same ballot opened by the link in an email."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from applications.ballot.forms import BallotForm, ObjectionForm, RecusalForm
from applications.ballot.links import VoteLink
from applications.exceptions import Refused
from applications.form.downloads import attachment_response
from applications.models import Application, Attachment, Status, Vote
from applications.permissions import may_see_ballot
from applications.workflow import voting
from cluster_portal.base import unsent
from cluster_portal.base.unsent import keeps_typed
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
    def is_open(self) -> bool:
        return self.application.status == Status.VOTING and bool(self.application.ballot.time_left)


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
    """Give the view the paper that a emailed link opens. A link that has ended leads to the log-in, in words, and gives
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


@for_voters
def list_ballots(request: HttpRequest, founder: Member) -> HttpResponse:
    """What waits for this founder's vote, where it may still change it, and what was decided."""
    mine = Application.objects.with_vote_of(founder)
    return render(
        request,
        "applications/ballot/list.html",
        {
            "founder": founder,
            "waiting": Application.objects.awaiting_vote_of(founder)
            .select_related("ballot")
            .order_by("ballot__closes_at"),
            "under_way": mine.filter(status=Status.VOTING).order_by("ballot__closes_at"),
            "past": mine.exclude(status=Status.VOTING).order_by("-ballot__closed_at", "-updated_at"),
        },
    )


def ballot(request: HttpRequest, paper: Paper) -> HttpResponse:
    """The application and the ballot paper; POST votes. What was typed before a log-out is shown again."""
    typed_before = unsent.typed(request)
    if request.method != "POST":
        if typed_before is not None:
            paper.forms["form"] = BallotForm(
                initial={"choice": typed_before.get("choice"), "comment": typed_before.get("comment")}
            )
            messages.info(request, _("You were logged out before the vote arrived. Please check it and send it again."))
        return show(request, paper)
    form = BallotForm(request.POST)
    if form.is_valid():
        try:
            voting.cast_vote(paper.application, paper.person, **form.cleaned_data, link=paper.link)
        except Refused as refusal:
            messages.error(request, refusal.message)
        else:
            chosen = Vote.Choice(form.cleaned_data["choice"]).label
            messages.success(request, _("Your vote is recorded: %(choice)s. Thank you.") % {"choice": chosen})
            return redirect(paper.address() if paper.link else "ballots:list")
    paper.forms["form"] = form
    return show(request, paper, 422)


def recuse(request: HttpRequest, paper: Paper) -> HttpResponse:
    """Step aside because of an interest; a GET (after a log-in) shows what was typed before."""
    if request.method != "POST":
        return shown_again(request, paper, "recusal_form", RecusalForm)
    unsent.typed(request)
    form = RecusalForm(request.POST)
    if form.is_valid():
        try:
            voting.recuse(paper.application, paper.person, **form.cleaned_data, link=paper.link)
        except Refused as refusal:
            messages.error(request, refusal.message)
        else:
            messages.success(request, _("Your organisation has recused itself from this decision."))
            return redirect(paper.address())
    paper.forms["recusal_form"] = form
    return show(request, paper, 422)


def object_to_vote(request: HttpRequest, paper: Paper) -> HttpResponse:
    """Say that the vote recorded from paper is not ours; a GET (after a log-in) shows what was typed before."""
    if request.method != "POST":
        return shown_again(request, paper, "objection_form", ObjectionForm)
    unsent.typed(request)
    form = ObjectionForm(request.POST)
    if form.is_valid():
        try:
            voting.object_to_vote(paper.application, paper.person, **form.cleaned_data, link=paper.link)
        except Refused as refusal:
            messages.error(request, refusal.message)
        else:
            messages.success(request, _("The coordinator is being notified. The recorded vote no longer counts."))
            return redirect(paper.address())
    paper.forms["objection_form"] = form
    return show(request, paper, 422)


def shown_again(request: HttpRequest, paper: Paper, name: str, form: type[Form]) -> HttpResponse:
    """The ballot with the form as it was filled in before the log-out; without anything typed just the ballot."""
    typed_before = unsent.typed(request)
    if typed_before is None:
        return redirect(paper.address())
    paper.forms[name] = form(typed_before)
    messages.info(
        request, _("Nothing has been sent yet. The form is at the end of the page: check it and send it again.")
    )
    return show(request, paper)


def show(request: HttpRequest, paper: Paper, status: int = 200) -> HttpResponse:
    """The page of the ballot. Others' votes are shown once this founder has voted itself or the ballot closed."""
    application = get_object_or_404(
        Application.objects.select_related("ballot__rule", "municipality"), pk=paper.application.pk
    )
    paper.application = application
    ballot = application.ballot
    mine = next((stand for stand in ballot.founders if stand.founder == paper.founder), None)
    vote = mine.vote if mine else None
    has_voted = vote is not None and not vote.is_recorded
    may_object = vote is not None and vote.is_recorded and not vote.objected_at
    has_forms = paper.is_open and not (mine and mine.recusal)
    form_is_gone = not has_forms or ("objection_form" in paper.forms and not may_object)
    first_form = BallotForm(initial={"choice": vote.choice, "comment": vote.comment} if has_voted and vote else None)
    context = {
        "paper": paper,
        "application": application,
        "ballot": ballot,
        "founder": paper.founder,
        "mine": mine,
        "has_voted": has_voted,
        "form": first_form,
        "recusal_form": RecusalForm(),
        "objection_form": ObjectionForm(),
        "is_open": paper.is_open,
        "may_object": may_object,
        "typed": typed_words(request) if form_is_gone else "",
        "tally": ballot.tally(),
        "rule_words": ballot.rule.in_words(ballot.entitled.count()),
        "shown": ballot.founders if has_voted or not paper.is_open else None,
        "comments_shown": ballot.rule.comments_shown,
        "minutes": None if paper.link else application.minutes.listed(),
        **paper.forms,
    }
    return render(request, "applications/ballot/detail.html", context, status=status)


@by_link
def link_attachment(request: HttpRequest, paper: Paper, attachment_pk: int) -> HttpResponseBase:
    """An attachment of the application that the link's ballot is about."""
    return attachment_response(request, get_object_or_404(Attachment, pk=attachment_pk, application=paper.application))


ballot_by_log_in, recuse_by_log_in, object_by_log_in = (
    keeps_typed(by_log_in(view)) for view in (ballot, recuse, object_to_vote)
)
ballot_by_link, recuse_by_link, object_by_link = (
    keeps_typed(by_link(view)) for view in (ballot, recuse, object_to_vote)
)
