"""An organisation's application to join, and its attachments.

The state of an application changes only through the verbs of `applications/workflow/`; the constraints here and the history
triggers (pghistory) back it in the database.
"""

from typing import Any

import pghistory
from django.conf import settings
from django.core.files.storage import storages
from django.db import models
from django.db.models import Exists, F, FilteredRelation, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from phonenumber_field.modelfields import PhoneNumberField

from cluster_portal.base.files import RowFileField
from cluster_portal.base.text import AddressField, LineField, LongTextField
from members.models import Member, Organisation


class Status(models.TextChoices):
    """An application's statuses, in the words of the glossary."""

    DRAFT = "draft", pgettext_lazy("application", "draft")
    SUBMITTED = "submitted", pgettext_lazy("application", "submitted")
    INFORMATION_REQUESTED = "information_requested", pgettext_lazy("application", "information requested")
    VOTING = "voting", pgettext_lazy("application", "voting")
    APPROVED = "approved", pgettext_lazy("application", "approved")
    REJECTED = "rejected", pgettext_lazy("application", "rejected")
    LAPSED = "lapsed", pgettext_lazy("application", "lapsed")
    ADMITTED = "admitted", pgettext_lazy("application", "admitted")
    WITHDRAWN = "withdrawn", pgettext_lazy("application", "withdrawn")


# Statuses in which the organisation counts as applying: one such application a company code.
OPEN_STATUSES = [
    Status.SUBMITTED, Status.INFORMATION_REQUESTED, Status.VOTING, Status.APPROVED, Status.LAPSED,
]  # fmt: skip


# The constraints that hold it, by the field that breaks them
ONE_OPEN_APPLICATION = {
    "one_open_application_a_company": "company_code",
    "one_open_application_a_vat_code": "vat_code",
}


class ApplicationQuerySet(models.QuerySet["Application"]):
    def open(self) -> "ApplicationQuerySet":
        """Those under way, for the applicant too: a decision against it that was not told may still be reopened."""
        return self.filter(Q(status__in=OPEN_STATUSES) | Q(status=Status.REJECTED, applicant_told_at=None))

    def awaiting_vote_of(self, founder: Member) -> "ApplicationQuerySet":
        """Applications on which this founder may still vote and has not itself; a vote recorded for it waits for its word."""
        voted = self.model.objects.filter(
            ballot__votes__founder=founder, ballot__votes__manner__in=["page", "mail_link"]
        )
        recused = self.model.objects.filter(ballot__recusals__founder=founder)
        return (
            self.filter(status=Status.VOTING, ballot__entitled=founder)
            .exclude(pk__in=voted.values("pk"))
            .exclude(pk__in=recused.values("pk"))
        )

    def with_vote_of(self, founder: Member) -> "ApplicationQuerySet":
        """Applications on whose ballot this founder has voted, recused itself or missed its vote.

        Each has `my_choice` and `my_manner` (None without a vote that counts), `my_recusal` (None unless it stepped aside)
        and `has_minutes`.
        """
        return (
            self.filter(ballot__entitled=founder)
            .exclude(pk__in=self.model.objects.awaiting_vote_of(founder).values("pk"))
            .select_related("ballot")
            .annotate(
                my_vote=FilteredRelation(
                    "ballot__votes", condition=Q(ballot__votes__founder=founder, ballot__votes__objected_at=None)
                ),
                my_step=FilteredRelation("ballot__recusals", condition=Q(ballot__recusals__founder=founder)),
                my_choice=F("my_vote__choice"),
                my_manner=F("my_vote__manner"),
                my_recusal=F("my_step__interest"),
                has_minutes=Exists(self.model.objects.filter(pk=OuterRef("pk"), minutes__isnull=False)),
            )
        )

    def with_ballot(self) -> "ApplicationQuerySet":
        """With all that counting and showing the ballots reads, in a fixed number of queries."""
        return self.select_related("ballot__rule").prefetch_related(
            "ballot__votes__voter", "ballot__recusals__declared_by", "ballot__entitled"
        )

    def waiting_for_coordinator(self) -> "ApplicationQuerySet":
        """Those on which the next step is the coordinator's."""
        return self.filter(
            Q(status__in=[Status.SUBMITTED, Status.APPROVED, Status.LAPSED])
            | Q(status=Status.REJECTED, applicant_told_at=None)
        )


@pghistory.track(
    pghistory.InsertEvent("created"),
    pghistory.UpdateEvent("status", condition=pghistory.AnyChange("status", "applicant_told_at")),
    fields=["status", "information_request", "answer", "rejection_reason", "outside_decision"],
    obj_field=pghistory.ObjForeignKey(related_name="history"),
    model_name="ApplicationHistory",
)
class Application(Organisation):
    """An organisation's request to join."""

    STATUS = Status  # the templates' way to the words

    applicant = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="applications", verbose_name=_("applicant")
    )
    status = models.CharField(_("status"), max_length=25, choices=Status, default=Status.DRAFT)
    name = LineField(_("name"), max_length=120, blank=True)
    company_code_confirmed = models.BooleanField(_("company code confirmed in spite of its check digit"), default=False)
    vat_code_confirmed = models.BooleanField(_("VAT code confirmed in spite of its check digit"), default=False)
    contact_name = LineField(_("contact person"), max_length=120, blank=True)
    contact_email = AddressField(_("contact email"), blank=True)
    contact_phone = PhoneNumberField(_("contact phone"), blank=True)
    motivation = LongTextField(_("why you want to join"), max_length=5000, blank=True)
    consented_at = models.DateTimeField(_("confirmed by the applicant"), null=True, blank=True)
    information_request = LongTextField(_("what was asked"), max_length=5000, blank=True)
    answer = LongTextField(_("the applicant’s answer"), max_length=5000, blank=True)
    rejection_reason = LongTextField(_("reason for rejection"), max_length=5000, blank=True)
    applicant_told_at = models.DateTimeField(_("applicant told of the rejection"), null=True, blank=True)
    outside_decision = LineField(_("decision taken outside the portal"), max_length=200, blank=True)
    submitted_at = models.DateTimeField(_("submitted"), null=True, blank=True)
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    member = models.ForeignKey(  # several for an organisation that left and came back
        Member, models.PROTECT, null=True, blank=True, related_name="applications", verbose_name=_("member")
    )
    created_at = models.DateTimeField(_("started"), auto_now_add=True)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    objects = ApplicationQuerySet.as_manager()
    history: Any  # made by pghistory

    class Meta:
        verbose_name = _("application")
        verbose_name_plural = _("applications")
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=Status.values), name="application_status_known"),
            models.CheckConstraint(
                condition=Q(status=Status.ADMITTED, member__isnull=False)
                | ~Q(status=Status.ADMITTED) & Q(member__isnull=True),
                name="admitted_has_member",
            ),
            models.CheckConstraint(
                condition=Q(status__in=[Status.DRAFT, Status.WITHDRAWN])
                | Q(consented_at__isnull=False, submitted_at__isnull=False) & ~Q(name=""),
                name="submitted_is_complete",
            ),
            models.CheckConstraint(
                condition=Q(outside_decision="") | Q(status=Status.ADMITTED), name="outside_decision_admits"
            ),
            models.UniqueConstraint(
                fields=["company_code"],
                condition=Q(status__in=OPEN_STATUSES) & ~Q(company_code=""),
                name="one_open_application_a_company",
            ),
            models.UniqueConstraint(
                fields=["vat_code"],
                condition=Q(status__in=OPEN_STATUSES) & ~Q(vat_code=""),
                name="one_open_application_a_vat_code",
            ),
        ]
        indexes = [models.Index(fields=["status", "submitted_at"], name="application_queue")]

    def __str__(self) -> str:
        return self.name or str(_("Untitled application"))

    def get_absolute_url(self) -> str:
        return reverse("applications:detail", args=[self.pk])

    @property
    def topic(self) -> str:
        """The name under which its emails are filed in the outbox."""
        return f"application:{self.pk}"

    @property
    def is_editable(self) -> bool:
        """Whether the applicant may change it now."""
        return self.status in (Status.DRAFT, Status.INFORMATION_REQUESTED)

    @property
    def public_status(self) -> str:
        """The status as the applicant may know it: a decision against it is told by the coordinator, with its reason."""
        if self.status == Status.REJECTED and not self.applicant_told_at:
            return Status.VOTING
        return self.status


def private_storage():
    """Where attachments are kept: never under a public address."""
    return storages["private"]


class Attachment(models.Model):
    """A file that belongs to an application; kept in the private storage."""

    application = models.ForeignKey(
        Application, models.CASCADE, related_name="attachments", verbose_name=_("application")
    )
    file = RowFileField(_("file"), upload_to="attachments/%Y/%m/", storage=private_storage)
    name = LineField(_("file name"), max_length=200)
    content_type = models.CharField(_("kind"), max_length=40)
    size = models.PositiveIntegerField(_("size in bytes"))
    uploaded_at = models.DateTimeField(_("uploaded"), auto_now_add=True)

    class Meta:
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.name
