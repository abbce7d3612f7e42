"""The founders' side: what waits for my vote, and the ballot itself."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from applications.ballot.forms import BallotForm, ObjectionForm, RecusalForm
from applications.ballot.paper import Paper, by_link, by_log_in, for_voters, typed_words
from applications.exceptions import Refused
from applications.form.downloads import attachment_response
from applications.models import Application, Attachment, Status, Vote
from applications.workflow import voting
from cluster_portal.base import unsent
from cluster_portal.base.unsent import keeps_typed
from members.models import Member


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
            .order_by("ballot__closes_at", "pk"),
            "under_way": mine.filter(status=Status.VOTING).order_by("ballot__closes_at", "pk"),
            "past": mine.exclude(status=Status.VOTING).order_by("-ballot__closed_at", "-updated_at", "-pk"),
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
    form = BallotForm(request.POST, earlier=paper.own_vote)
    with refusals_shown(request):
        paper.check(voting.entitled_founder)
        if form.is_valid():
            data = form.cleaned_data
            voting.cast_vote(paper.application, paper.person, data["choice"], data["comment"], link=paper.link)
            chosen = Vote.Choice(data["choice"]).label
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
    with refusals_shown(request):
        paper.check(voting.entitled_founder)
        if form.is_valid():
            data = form.cleaned_data
            voting.recuse(paper.application, paper.person, data["interest"], data["word"], link=paper.link)
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
    with refusals_shown(request):
        paper.check(voting.vote_to_object_to)
        if form.is_valid():
            voting.object_to_vote(paper.application, paper.person, form.cleaned_data["objection"], link=paper.link)
            messages.success(request, _("The coordinator is being notified. The recorded vote no longer counts."))
            return redirect(paper.address())
    paper.forms["objection_form"] = form
    return show(request, paper, 422)


@contextmanager
def refusals_shown(request: HttpRequest) -> Iterator[None]:
    """The words of a refusal on the page; what is checked before the form is valid says them whatever the form lacks."""
    try:
        yield
    except Refused as refusal:
        messages.error(request, refusal.message)


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
        Application.objects.with_ballot().select_related("municipality"), pk=paper.application.pk
    )
    paper.application = application
    ballot = application.ballot
    stands = ballot.stands()
    mine = next((stand for stand in stands if stand.founder == paper.founder), None)
    vote = mine.vote if mine else None
    has_voted = vote is not None and not vote.is_recorded
    may_object = vote is not None and vote.is_recorded and not vote.objected_at
    has_forms = paper.is_open and not (mine and mine.recusal)
    form_is_gone = not has_forms or ("objection_form" in paper.forms and not may_object)
    context = {
        "paper": paper,
        "application": application,
        "ballot": ballot,
        "founder": paper.founder,
        "mine": mine,
        "has_voted": has_voted,
        "form": BallotForm(earlier=vote if has_voted else None),
        "recusal_form": RecusalForm(),
        "objection_form": ObjectionForm(),
        "is_open": paper.is_open,
        "may_object": may_object,
        "typed": typed_words(request) if form_is_gone else "",
        "tally": ballot.tally(),
        "rule_words": ballot.rule.in_words(len(stands)),
        "shown": stands if has_voted or not paper.is_open else None,
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
