from csp.constants import NONE, SELF, UNSAFE_INLINE
from csp.decorators import csp_replace
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import transaction
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import translation
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from cluster_portal.mail.forms import AnnouncementsForm
from cluster_portal.mail.models import LEAVE_SALT, Announcement, BadAddress, OutgoingMail, Subscription


@login_not_required
def demo_mail(request: HttpRequest) -> HttpResponseBase:
    """Every email of the demo as its recipient sees it, newest first. Only with DEMO=1.

    `?mail=<id>` opens one, `?mail=<id>&part=html` is its HTML alone, for the frame of that page.
    """
    if request.GET.get("part") == "html":
        mail = chosen_mail(request)
        return framed(request, mail.html if mail else "")
    mails = OutgoingMail.objects.exclude(status=OutgoingMail.Status.DISCARDED)
    page = Paginator(mails, 30).get_page(request.GET.get("page"))
    return render(request, "mail/demo.html", {"page_obj": page, "mail": chosen_mail(request)})


def framed(request: HttpRequest, words: str, content_type: str = "text/html") -> HttpResponseBase:
    """An email's part for a frame of our own page: its inline styles apply, nothing in it runs and nothing is fetched."""

    @xframe_options_sameorigin
    @csp_replace({"default-src": [NONE], "style-src": [UNSAFE_INLINE], "frame-ancestors": [SELF]})
    def answer(request: HttpRequest) -> HttpResponse:
        return HttpResponse(words, content_type=f"{content_type}; charset=utf-8")

    return answer(request)


def framed_faults(request: HttpRequest, form: Form) -> HttpResponseBase:
    """In the place of an email that cannot be shown: what is wrong with its words, field by field."""
    faults = [
        (form[name].label if name in form.fields else _("Words"), fault)
        for name, messages_of_field in form.errors.items()
        for fault in messages_of_field
    ]
    return framed(request, format_html("<ul>{}</ul>", format_html_join("", "<li>{}: {}</li>", faults)))


def chosen_mail(request: HttpRequest) -> OutgoingMail | None:
    """The email named in the address, None where none is; raises Http404 where it is not there."""
    number = request.GET.get("mail", "")
    mails = OutgoingMail.objects.select_related("content")
    return get_object_or_404(mails, pk=int(number)) if number.isdecimal() and len(number) < 18 else None


@login_not_required
@csrf_exempt  # the token in the address is the proof, and mail programs post here without a cookie (RFC 8058)
@require_http_methods(["GET", "HEAD", "POST"])
def leave(request: HttpRequest, token: str) -> HttpResponseBase:
    """Stop an announcement, or take it up again, without logging in; looking at the page changes nothing.

    The address has no language of its own: the page speaks the language of the mail that held the link.
    """
    try:
        address, announcement, language = signing.Signer(salt=LEAVE_SALT).unsign_object(token)
    except signing.BadSignature:
        return render(request, "mail/leave.html", status=404)
    with translation.override(language):
        if request.method == "POST":
            Subscription.objects.choose(address, announcement, request.POST.get("again") == "1", language)
            if "List-Unsubscribe" not in request.POST:
                return HttpResponseRedirect(request.path, status=303)
        context = {
            "address": address,
            "announcement": Announcement(announcement).label,
            "has_left": Subscription.objects.filter(address=address, announcement=announcement, wanted=False).exists(),
        }
        response = render(request, "mail/leave.html", context)
        response["Content-Language"] = language
        response["X-Robots-Tag"] = "noindex"
        return response


def announcements(request: HttpRequest) -> HttpResponseBase:
    """Which announcements one wants, for oneself."""
    if not request.user.is_authenticated:
        raise PermissionDenied
    form = AnnouncementsForm(request.user.email, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            form.save(request.user.language)
        messages.success(request, _("Saved."))
        return redirect("announcements")
    bad = BadAddress.objects.filter(address=request.user.email.lower()).first()
    return render(request, "mail/announcements.html", {"form": form, "bad": bad}, status=422 if form.errors else 200)
