"""A founder's vote or recusal on a ballot; the latest counts, all are kept as history."""

from typing import Any

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from applications.models.guard import only_by_workflow
from cluster_portal.base.dates import day_until_now
from cluster_portal.base.text import LineField, LongTextField
from members.models import Member


@pghistory.track(
    pghistory.InsertEvent("cast"),
    pghistory.UpdateEvent("changed"),
    pghistory.DeleteEvent("set_aside"),
    obj_field=pghistory.ObjForeignKey(related_name="history"),
    model_name="VoteHistory",
)
class Vote(models.Model):
    """A founder's vote, cast by one of its voters or recorded from paper; the latest counts, all are kept as history."""

    class Choice(models.TextChoices):
        FOR = "for", pgettext_lazy("vote", "for")
        AGAINST = "against", pgettext_lazy("vote", "against")
        ABSTAIN = "abstain", pgettext_lazy("vote", "abstained")

    class Manner(models.TextChoices):
        PAGE = "page", pgettext_lazy("manner of voting", "in the portal")
        MAIL_LINK = "mail_link", pgettext_lazy("manner of voting", "by the link in the email")
        RECORDED = "recorded", pgettext_lazy("manner of voting", "on paper or in a meeting")

    ballot = models.ForeignKey("applications.Ballot", models.CASCADE, related_name="votes", verbose_name=_("ballot"))
    founder = models.ForeignKey(Member, models.PROTECT, related_name="votes", verbose_name=_("founder"))
    voter = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("cast or recorded by"))
    choice = models.CharField(_("vote"), max_length=7, choices=Choice)
    comment = LongTextField(_("comment"), max_length=2000, blank=True)
    manner = models.CharField(_("manner"), max_length=9, choices=Manner, default=Manner.PAGE)
    decided_on = models.DateField(
        _("date of the document or meeting"), null=True, blank=True, validators=[day_until_now]
    )
    reference = LineField(_("document reference"), max_length=200, blank=True)
    objected_at = models.DateTimeField(_("founder objected"), null=True, blank=True)
    objection = LongTextField(_("objection"), max_length=2000, blank=True)
    cast_at = models.DateTimeField(_("cast"))
    history: Any  # made by pghistory

    class Meta:
        verbose_name = _("vote")
        verbose_name_plural = _("votes")
        ordering = ["cast_at"]
        constraints = [
            models.UniqueConstraint(fields=["ballot", "founder"], name="one_vote_a_founder"),
            models.CheckConstraint(condition=Q(choice__in=["for", "against", "abstain"]), name="vote_choice_known"),
            models.CheckConstraint(condition=Q(manner__in=["page", "mail_link", "recorded"]), name="vote_manner_known"),
            models.CheckConstraint(
                condition=Q(manner="recorded", decided_on__isnull=False) & ~Q(reference="")
                | ~Q(manner="recorded") & Q(decided_on__isnull=True, reference="", objected_at__isnull=True),
                name="recorded_vote_has_its_source",
            ),
        ]
        triggers = [only_by_workflow()]

    def __str__(self) -> str:
        return f"{self.founder}: {self.get_choice_display()}"

    @property
    def is_recorded(self) -> bool:
        return self.manner == self.Manner.RECORDED


@pghistory.track(
    pghistory.InsertEvent("declared"),
    obj_field=pghistory.ObjForeignKey(related_name="history"),
    model_name="RecusalHistory",
)
class Recusal(models.Model):
    """A founder steps aside because of a declared interest; it leaves the quorum's denominator, for good."""

    class Interest(models.TextChoices):
        COMPETITOR = "competitor", pgettext_lazy("interest", "competitor")
        AFFILIATE = "affiliate", pgettext_lazy("interest", "affiliated organisation")
        OTHER = "other", pgettext_lazy("interest", "other conflict of interest")

    ballot = models.ForeignKey("applications.Ballot", models.CASCADE, related_name="recusals", verbose_name=_("ballot"))
    founder = models.ForeignKey(Member, models.PROTECT, related_name="recusals", verbose_name=_("founder"))
    declared_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("declared by"))
    interest = models.CharField(_("reason for recusal"), max_length=10, choices=Interest)
    word = LineField(_("in your own words"), max_length=500, blank=True)
    manner = models.CharField(_("manner"), max_length=9, choices=Vote.Manner, default=Vote.Manner.PAGE)
    declared_at = models.DateTimeField(_("declared"))

    class Meta:
        verbose_name = _("recusal")
        verbose_name_plural = _("recusals")
        ordering = ["declared_at"]
        constraints = [
            models.UniqueConstraint(fields=["ballot", "founder"], name="one_recusal_a_founder"),
            models.CheckConstraint(
                condition=Q(interest__in=["competitor", "affiliate", "other"]), name="recusal_interest_known"
            ),
        ]
        triggers = [only_by_workflow()]

    def __str__(self) -> str:
        return f"{self.founder}: {self.get_interest_display()}"


class FoundersVote:
    """How one founder stands on a ballot."""

    def __init__(self, founder: Member, vote: Vote | None, recusal: Recusal | None) -> None:
        self.founder, self.recusal = founder, recusal
        self.vote = None if recusal else vote

    @property
    def counts(self) -> bool:
        """Whether there is a vote that is counted: not after a recusal, nor one to which the founder objected."""
        return self.vote is not None and self.vote.objected_at is None

    @property
    def state(self) -> str:
        """recused, for, against, abstain, objected or missing."""
        if self.recusal:
            return "recused"
        if self.vote is None:
            return "missing"
        return "objected" if self.vote.objected_at else self.vote.choice
