"""The pages where members' people keep their entries."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from cluster_portal.base import unsent
from cluster_portal.base.database import lock_table
from cluster_portal.base.unsent import keeps_typed
from members import emails
from members.models import Member
from members.organisation.forms import ProfileForm
from members.permissions import organisations_of, signed_in


@require_safe
def my_organisation(request: HttpRequest) -> HttpResponse:
    """To the page of the first member that this person acts for; from there a list leads to the others."""
    member = organisations_of(request.user).first()
    if member is None:
        raise PermissionDenied
    return redirect("edit-organisation", member.slug)


@keeps_typed
@require_http_methods(["GET", "HEAD", "POST"])
@transaction.atomic
def edit_organisation(request: HttpRequest, slug: str) -> HttpResponse:
    """The owner's and editors' form for their member's page; 403 for everyone else."""
    organisations = organisations_of(request.user)
    member = organisations.filter(slug=slug).first()
    if member is None:
        raise PermissionDenied
    if request.method == "POST":
        # Two who save at once come one after the other; the form tells the second what the first has changed. Not by the
        # row: an import holds the table and comes to the row later.
        lock_table(Member)
        member = Member.objects.get(pk=member.pk)
    typed_before = unsent.typed(request)
    form = ProfileForm(typed_before or request.POST or None, request.FILES or None, instance=member)
    if request.method == "POST" and form.is_valid():
        form.save()
        if edits := form.edits():
            emails.member_edited(member, signed_in(request), edits)
        messages.success(request, _("The page of your organisation has been saved."))
        return redirect("edit-organisation", slug)
    if form.errors:
        # The form has already written what was typed into the member; the page's head shows what is stored.
        member = Member.objects.get(pk=member.pk)
        if request.FILES.get("logo") and "logo" not in form.errors:
            form.add_error("logo", _("Please choose the picture again: browsers do not keep a chosen file."))
    context = {
        "form": form,
        "member": member,
        "organisations": organisations,
        "unsent": typed_before is not None,
    }
    return render(request, "members/my_organisation.html", context)
