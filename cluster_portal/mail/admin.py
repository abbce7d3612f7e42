"""The coordinator's view of the mail: what became of each, the words of every kind, who wants what, who gets none."""

from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from cluster_portal.base.known import known
from cluster_portal.desk.admin import DeskAdmin
from cluster_portal.mail import outbox
from cluster_portal.mail.forms import WordsForm
from cluster_portal.mail.kinds import KINDS, EmailKind
from cluster_portal.mail.models import BadAddress, OutgoingMail, Subscription, Wording
from cluster_portal.mail.topics import in_words
from cluster_portal.mail.views import framed, framed_faults
from cluster_portal.mail.words import default_words, example


class StaffReads(DeskAdmin):
    """The coordinator's staff see all of it; rows are neither added nor edited nor deleted by form."""

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        return super().changeform_view(
            request, object_id, form_url, {"title": self.list_title, **(extra_context or {})}
        )

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(OutgoingMail)
class OutgoingMailAdmin(StaffReads):
    """What was emailed to whom. Confidential bodies are not shown; what failed or waits is sent again or discarded."""

    list_title = gettext_lazy("Outgoing emails")
    list_display = ["subject", "recipient", "language", "status", "created_at", "sent_at"]
    list_filter = ["status", "announcement", "language"]
    show_facets = admin.ShowFacets.ALWAYS
    search_fields = ["to", "subject", "topic"]
    search_help_text = gettext_lazy("Search by recipient or subject")
    date_hierarchy = "created_at"
    actions = ["resend", "discard"]
    change_form_template = "admin/mail/outgoingmail/change_form.html"
    fields = [
        "status", "recipient", "language", "subject", "body", "announcement", "concerns", "message_id", "attempts", "created_at",
        "due_at", "sent_at", "error",
    ]  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("content")

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """The pages of applications and members link to their emails."""
        return lookup in ("topic", "to__in") or super().lookup_allowed(lookup, value, request)

    def get_urls(self) -> list[URLPattern]:
        ours = [
            path(f"{name}/", self.admin_site.admin_view(require_POST(view)), name=f"mail_outgoingmail_{name}")
            for name, view in (("resend", self.resend_view), ("discard", self.discard_view))
        ]
        html = path("<int:pk>/html/", self.admin_site.admin_view(self.html_view), name="mail_outgoingmail_html")
        return [*ours, html, *super().get_urls()]

    def html_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """The HTML alone, for the frame of the mail's page."""
        mail = self.get_object(request, str(pk))
        if mail is None or not self.has_view_permission(request):
            raise Http404
        return framed(request, "" if mail.confidential else mail.html)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        this = OutgoingMail.objects.filter(pk=object_id) if object_id.isdecimal() else OutgoingMail.objects.none()
        context = {
            "may_resend": outbox.resendable(this).exists(),
            "may_discard": outbox.discardable(this).exists(),
        }
        return super().change_view(request, object_id, form_url, {**context, **(extra_context or {})})

    @admin.action(description=gettext_lazy("Send again …"))
    def resend(self, request: HttpRequest, mails: QuerySet) -> HttpResponse:
        return self.asked(request, mails, "resend")

    @admin.action(description=gettext_lazy("Discard …"))
    def discard(self, request: HttpRequest, mails: QuerySet) -> HttpResponse:
        return self.asked(request, mails, "discard")

    def resend_view(self, request: HttpRequest) -> HttpResponse:
        return self.act(request, "resend")

    def discard_view(self, request: HttpRequest) -> HttpResponse:
        return self.act(request, "discard")

    def act(self, request: HttpRequest, verb: str) -> HttpResponse:
        """Ask first, do it once it is confirmed."""
        numbers = [int(number) for number in request.POST.get("mails", "").split(",") if number.isdecimal()]
        mails = OutgoingMail.objects.filter(pk__in=numbers)
        if "confirmed" not in request.POST:
            return self.asked(request, mails, verb)
        if verb == "resend":
            chosen, do, done = outbox.resendable(mails), outbox.resend, _("Sent again by hand")
        else:
            chosen, do, done = outbox.discardable(mails), outbox.discard, _("Discarded by hand")
        LogEntry.objects.log_actions(known(request.user.pk), chosen, CHANGE, change_message=done)
        count = do(mails)
        if verb == "resend":
            said = ngettext("%(count)d email is on its way again.", "%(count)d emails are on their way again.", count)
        else:
            said = ngettext("%(count)d email was discarded.", "%(count)d emails were discarded.", count)
        self.message_user(request, said % {"count": count}, messages.SUCCESS if count else messages.WARNING)
        return redirect("admin:mail_outgoingmail_changelist")

    def asked(self, request: HttpRequest, mails: QuerySet, verb: str) -> HttpResponse:
        """The page that says what will happen, and asks."""
        chosen = outbox.resendable(mails) if verb == "resend" else outbox.discardable(mails)
        numbers = list(chosen.values_list("pk", flat=True))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Send again") if verb == "resend" else _("Discard"),
            "verb": verb,
            "url": reverse(f"admin:mail_outgoingmail_{verb}"),
            "mails": chosen.order_by("pk")[:20],
            "count": len(numbers),
            "more": max(len(numbers) - 20, 0),
            "left_out": mails.count() - len(numbers),
            "uncertain": chosen.filter(status=OutgoingMail.Status.UNCERTAIN).count(),
            "numbers": ",".join(map(str, numbers)),
        }
        return TemplateResponse(request, "admin/mail/outgoingmail/confirm.html", context)

    @admin.display(description=gettext_lazy("recipient"), ordering="to")
    def recipient(self, mail: OutgoingMail) -> str:
        return mail.recipient

    @admin.display(description=gettext_lazy("concerns"))
    def concerns(self, mail: OutgoingMail) -> str:
        return in_words(mail.topic)

    @admin.display(description=gettext_lazy("text"))
    def body(self, mail: OutgoingMail) -> str:
        if mail.confidential:
            return _("Not shown: this email is for its recipient alone.")
        return mail.text if mail.content else _("No longer kept: the email is old.")


@admin.register(BadAddress)
class BadAddressAdmin(StaffReads):
    """Addresses that a server refused for good; one that takes mail again goes off the list by itself."""

    list_title = gettext_lazy("Addresses that do not accept email")
    list_display = ["address", "answer", "since"]
    search_fields = ["address"]
    search_help_text = gettext_lazy("Search by address")
    actions = ["forget"]

    @admin.action(description=gettext_lazy("Remove from the list"))
    def forget(self, request: HttpRequest, addresses: QuerySet) -> None:
        count = addresses.delete()[0]
        said = ngettext(
            "%(count)d address was removed from the list.", "%(count)d addresses were removed from the list.", count
        )
        self.message_user(request, said % {"count": count}, messages.SUCCESS if count else messages.WARNING)


@admin.register(Subscription)
class SubscriptionAdmin(StaffReads):
    """Who chose to get an announcement, or not to."""

    list_title = gettext_lazy("Subscriptions")
    list_display = ["address", "announcement", "wanted", "language", "changed_at"]
    list_filter = ["announcement", "wanted", "language"]
    search_fields = ["address"]
    search_help_text = gettext_lazy("Search by address")
    actions = ["leave"]

    @admin.action(description=gettext_lazy("End at the person’s request"))
    def leave(self, request: HttpRequest, subscriptions: QuerySet) -> None:
        count = len(subscriptions)
        for one in subscriptions:
            Subscription.objects.choose(one.address, one.announcement, False, one.language)
        said = ngettext("%(count)d subscription was ended.", "%(count)d subscriptions were ended.", count)
        self.message_user(request, said % {"count": count}, messages.SUCCESS if count else messages.WARNING)


@admin.register(Wording)
class WordingAdmin(StaffReads):
    """Every email of the portal with its words in both languages: edited, looked at, reset to the default."""

    list_title = gettext_lazy("The texts of the emails")

    def get_urls(self) -> list[URLPattern]:
        path_of_words = "<str:language>/<path:template>/"
        ours = [
            path(f"{name}/{path_of_words}", self.admin_site.admin_view(view), name=f"mail_wording_{name}")
            for name, view in (("edit", self.edit_view), ("preview", self.preview_view), ("reset", self.reset_view))
        ]
        return [*ours, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        changed = set(Wording.objects.values_list("template", "language"))
        languages = settings.LANGUAGES
        rows = [
            (kind, [(code, name, (kind.template, code) in changed) for code, name in languages])
            for kind in KINDS.values()
        ]
        return self.page(request, "list", title=self.list_title, rows=rows)

    def email_kind(self, request: HttpRequest, template: str, language: str) -> EmailKind:
        """The kind of mail; raises Http404 where there is none such."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if template not in KINDS or language not in dict(settings.LANGUAGES):
            raise Http404
        return KINDS[template]

    def page(self, request: HttpRequest, name: str, **context: Any) -> HttpResponse:
        whole = {**self.admin_site.each_context(request), "opts": self.opts, **context}
        return TemplateResponse(request, f"admin/mail/wording/{name}.html", whole)

    def edit_view(self, request: HttpRequest, language: str, template: str) -> HttpResponse:
        """The words as they are; saved, they serve from the next email on. What is typed stays when it is refused."""
        kind = self.email_kind(request, template, language)
        form = WordsForm(kind, language, request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            words = form.words
            if words == default_words(kind, language):
                self.put_back(request, template, language)
            else:
                wording, _created = Wording.objects.update_or_create(
                    template=template,
                    language=language,
                    defaults={"subject": words.subject, "text": words.text, "changed_by_id": known(request.user.pk)},
                )
                self.log_change(request, wording, form.changed_data)
            self.message_user(request, _("Saved: the new text applies from the next email."), messages.SUCCESS)
            return redirect("admin:mail_wording_changelist")
        now = Wording.objects.filter(template=template, language=language).select_related("changed_by").first()
        return self.page(request, "edit", title=kind.title, kind=kind, language=language, form=form, wording=now)

    def put_back(self, request: HttpRequest, template: str, language: str) -> None:
        wordings = Wording.objects.filter(template=template, language=language)
        self.log_deletions(request, wordings)
        wordings.delete()

    def preview_view(self, request: HttpRequest, language: str, template: str) -> HttpResponseBase:
        """The email with examples for its placeholders, as typed (POST) or as it is (GET); for a frame."""
        kind = self.email_kind(request, template, language)
        current = WordsForm(kind, language).initial
        form = WordsForm(kind, language, request.POST if request.method == "POST" else current)
        if not form.is_valid():
            return framed_faults(request, form)
        mail = example(kind, language, form.words)
        if request.GET.get("part") == "text":
            return framed(request, mail["text"], "text/plain")
        return framed(request, mail["html"])

    def reset_view(self, request: HttpRequest, language: str, template: str) -> HttpResponse:
        """Back to the default words, after asking."""
        kind = self.email_kind(request, template, language)
        if request.method == "POST":
            self.put_back(request, template, language)
            self.message_user(request, _("The default text is restored."), messages.SUCCESS)
            return redirect("admin:mail_wording_edit", language, template)
        return self.page(
            request, "reset", title=kind.title, kind=kind, language=language, words=default_words(kind, language)
        )
