"""A person's own details."""

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from members.models import User
from members.people.forms import DetailsForm
from members.permissions import signed_in


@require_http_methods(["GET", "HEAD", "POST"])
@transaction.atomic
def my_details(request: HttpRequest) -> HttpResponse:
    """A person's own name and language; the address and the password have allauth's pages."""
    user = signed_in(request)
    if request.method == "POST":
        user = User.objects.select_for_update().get(pk=user.pk)
    form = DetailsForm(request.POST if request.method == "POST" else None, instance=user)
    if form.is_valid():
        form.save()
        messages.success(request, _("Your details have been saved."))
        return redirect("my-details")
    return render(request, "members/my_details.html", {"form": form})
