"""Subscribing to the news by email: asked on a page, confirmed by a link in an email, left by a link in every email."""

from typing import Any

from django import forms
from django.contrib.auth.decorators import login_not_required
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from cluster_portal.base.prompts import Prompts
from cluster_portal.mail.models import Announcement, Subscription
from news import emails


class SubscribeForm(Prompts, forms.Form):
    prompts = {"email": _("Enter your email address, for example, vardas@example.org.")}

    email = forms.EmailField(
        label=_("Your email address"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )

    def clean(self) -> dict[str, Any]:
        if emails.too_many_asked():
            raise forms.ValidationError(_("Too many people are subscribing just now. Please try again in an hour."))
        super().clean()
        return self.cleaned_data


@login_not_required
@csrf_exempt  # anonymous, like the public pages: no cookie is needed to ask for an email
@require_http_methods(["GET", "HEAD", "POST"])
def subscribe(request: HttpRequest) -> HttpResponse:
    """Ask for the news. The answer is the same for every address, subscribed or not, so none can be probed."""
    form = SubscribeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        emails.confirm_subscription(form.cleaned_data["email"], get_language())
        return redirect(f"{reverse('news:subscribe')}?asked=1")
    context = {"form": form, "asked": "asked" in request.GET}
    return render(request, "news/subscribe.html", context, status=422 if form.errors else 200)


@login_not_required
@csrf_exempt  # the token in the address is the proof
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """The link in the email leads here; only the button subscribes, for mail programs look at links by themselves."""
    try:
        address, language = signing.loads(token, salt=emails.SALT, max_age=emails.LINK_VALID)
    except signing.BadSignature:
        return render(request, "news/confirm.html", {"address": ""}, status=404)
    if request.method == "POST":
        Subscription.objects.choose(address, Announcement.NEWS, True, language)
        return redirect(request.path)
    subscribed = Subscription.objects.filter(address=address, announcement=Announcement.NEWS, wanted=True).exists()
    return render(request, "news/confirm.html", {"address": address, "subscribed": subscribed})
