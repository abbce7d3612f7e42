"""The outbox: every email is a row, written in the transaction that causes it and delivered after it.

Beside it what the mail needs to know about addresses and words: who wants which announcement, which addresses a
server refused for good, and the coordinator's own words for an email.
"""

from django.conf import settings
from django.core import signing
from django.db import models, transaction
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cluster_portal.base.erased import is_erased
from cluster_portal.base.text import AddressField

# Stands in a content for the link that takes its recipient off the list; each email puts its own in.
LEAVE_MARK = "https://leave.invalid/"
LEAVE_SALT = "cluster_portal.mail.leave"


class Announcement(models.TextChoices):
    """What a person may choose to receive or not; every other email concerns its recipient and always comes."""

    MEMBERS = "members", _("New members of the cluster")
    NEWS = "news", _("News of the cluster")


class Content(models.Model):
    """What an email says, shared by all its recipients of one language; pruned when it is old and all is sent."""

    text = models.TextField(_("text"))
    html = models.TextField(_("HTML"), blank=True)
    created_at = models.DateTimeField(_("written at"), auto_now_add=True, db_index=True)

    class Meta:
        verbose_name = _("email content")
        verbose_name_plural = _("email contents")

    def __str__(self) -> str:
        return self.text[:60]


class OutgoingMailQuerySet(models.QuerySet):
    def take_back(self) -> int:
        """Discard those that wait, for they no longer hold; one that is on its way is not tried a second time. Returns
        how many.

        One statement, so that none slips through while it goes from one state to the other.
        """
        status = OutgoingMail.Status
        waiting = models.When(status=status.QUEUED, then=models.Value(status.DISCARDED))
        return self.filter(status__in=[status.QUEUED, status.SENDING]).update(
            recalled=True, status=models.Case(waiting, default=models.F("status"))
        )


class OutgoingMail(models.Model):
    """One email to one recipient. `delivery.py` alone moves it on from `queued`; people resend or discard by `outbox.py`."""

    class Status(models.TextChoices):
        QUEUED = "queued", _("queued")
        SENDING = "sending", _("being sent")
        SENT = "sent", _("sent")
        FAILED = "failed", _("failed")
        UNCERTAIN = "uncertain", _("uncertain")
        DISCARDED = "discarded", _("discarded")

    key = models.CharField(_("deduplication key"), max_length=400)
    topic = models.CharField(_("concerns"), max_length=100, blank=True)
    to = AddressField(_("recipient"))
    language = models.CharField(_("language"), max_length=2, choices=settings.LANGUAGES)
    subject = models.CharField(_("subject"), max_length=250)
    content = models.ForeignKey(Content, models.SET_NULL, null=True, related_name="mails", verbose_name=_("text"))
    announcement = models.CharField(_("announcement"), max_length=10, choices=Announcement, blank=True)
    confidential = models.BooleanField(_("confidential"), default=False)
    urgent = models.BooleanField(_("goes first"), default=False, db_default=False)
    message_id = models.CharField(_("identifier in the mail server’s log"), max_length=200)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.QUEUED)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    due_at = models.DateTimeField(_("due"))
    claim = models.UUIDField(_("claim"), null=True, blank=True, editable=False)
    claimed_at = models.DateTimeField(_("claimed"), null=True, blank=True)
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)
    error = models.TextField(_("the server’s answer"), blank=True)
    recalled = models.BooleanField(_("taken back"), default=False, db_default=False, editable=False)
    created_at = models.DateTimeField(_("queued at"), auto_now_add=True)

    objects = OutgoingMailQuerySet.as_manager()

    class Meta:
        verbose_name = _("outgoing email")
        verbose_name_plural = _("outgoing emails")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["topic"], name="mail_topic"),
            models.Index(fields=["-urgent", "due_at", "id"], condition=models.Q(status="queued"), name="mail_due"),
            models.Index(fields=["claimed_at"], condition=models.Q(status="sending"), name="mail_in_flight"),
            models.Index(
                fields=["status"], condition=models.Q(status__in=["failed", "uncertain"]), name="mail_trouble"
            ),
        ]
        constraints = [
            # Of the class that finds a key by its beginning as well: one index for both.
            models.UniqueConstraint(fields=["key"], name="mail_once", opclasses=["varchar_pattern_ops"]),
            models.CheckConstraint(
                condition=models.Q(status__in=["queued", "sending", "sent", "failed", "uncertain", "discarded"]),
                name="mail_status_known",
            ),
            models.CheckConstraint(
                condition=models.Q(status="sent", sent_at__isnull=False)
                | ~models.Q(status="sent") & models.Q(sent_at__isnull=True),
                name="mail_sent_has_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject} → {self.recipient}"

    @property
    def recipient(self) -> str:
        """The address as people read it."""
        return gettext("erased address") if is_erased(self.to) else self.to

    @property
    def text(self) -> str:
        """The plain text as this recipient gets it; empty once it was pruned or wiped."""
        return self.addressed(self.content.text) if self.content else ""

    @property
    def html(self) -> str:
        """The HTML as this recipient gets it; empty once it was pruned or wiped."""
        return self.addressed(self.content.html) if self.content else ""

    def addressed(self, words: str) -> str:
        """The words with this recipient's link to leave."""
        return words.replace(LEAVE_MARK, self.leave_url) if self.announcement else words

    @property
    def leave_url(self) -> str:
        """Where this recipient stops this announcement, without logging in; the address carries its own proof.

        It holds no time of signing: an email's text, HTML and headers name one address, whenever each is made.
        """
        token = signing.Signer(salt=LEAVE_SALT).sign_object([self.to.lower(), self.announcement, self.language])
        return settings.SITE_URL + reverse("mail-leave", args=[token])


class SubscriptionQuerySet(models.QuerySet):
    def refused(self, announcement: str) -> set[str]:
        """The lower-case addresses that do not want this announcement."""
        return set(self.filter(announcement=announcement, wanted=False).values_list("address", flat=True))

    def wanting(self, announcement: str) -> "SubscriptionQuerySet":
        """Those who asked for this announcement."""
        return self.filter(announcement=announcement, wanted=True).order_by("id")

    @transaction.atomic
    def choose(self, address: str, announcement: str, wanted: bool, language: str) -> None:
        """Remember that an address wants an announcement, or does not; the last word holds, for what waits as well."""
        if not wanted:
            OutgoingMail.objects.filter(announcement=announcement, to__iexact=address).take_back()
        self.update_or_create(
            address=address.lower(), announcement=announcement, defaults={"wanted": wanted, "language": language}
        )

    @transaction.atomic
    def move(self, old: str, new: str) -> None:
        """Take along what a person chose under an earlier address; what the new one has chosen itself stands."""
        chosen = list(self.filter(address=new.lower()).values_list("announcement", flat=True))
        mine = self.filter(address=old.lower())
        mine.filter(announcement__in=chosen).delete()
        mine.update(address=new.lower())


class Subscription(models.Model):
    """Whether an address wants an announcement. Without a row, representatives hear of new members, nobody of news."""

    address = AddressField(_("email address"))
    announcement = models.CharField(_("announcement"), max_length=10, choices=Announcement)
    wanted = models.BooleanField(_("wanted"))
    language = models.CharField(_("language"), max_length=2, choices=settings.LANGUAGES)
    changed_at = models.DateTimeField(_("chosen at"), auto_now=True)

    objects = SubscriptionQuerySet.as_manager()

    class Meta:
        verbose_name = _("subscription")
        verbose_name_plural = _("subscriptions")
        ordering = ["address", "announcement"]
        constraints = [
            models.UniqueConstraint(fields=["address", "announcement"], name="subscription_once"),
            models.CheckConstraint(condition=models.Q(address=Lower("address")), name="subscription_lower_case"),
        ]

    def __str__(self) -> str:
        return f"{self.address}: {self.get_announcement_display()}"


class BadAddress(models.Model):
    """An address that a mail server refused for good; forgotten when a later mail is accepted."""

    address = AddressField(_("email address"), unique=True)
    answer = models.TextField(_("the server’s answer"))
    since = models.DateTimeField(_("since"), auto_now_add=True)

    class Meta:
        verbose_name = _("failing address")
        verbose_name_plural = _("failing addresses")
        ordering = ["-since"]
        constraints = [models.CheckConstraint(condition=models.Q(address=Lower("address")), name="bad_address_lower")]

    def __str__(self) -> str:
        return self.address


class Wording(models.Model):
    """The coordinator's words for one email in one language, in the place of the default ones."""

    template = models.CharField(_("mail"), max_length=100)
    language = models.CharField(_("language"), max_length=2, choices=settings.LANGUAGES)
    subject = models.CharField(_("subject"), max_length=200)
    text = models.TextField(_("text"))
    changed_at = models.DateTimeField(_("changed"), auto_now=True)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("changed by")
    )

    class Meta:
        verbose_name = _("text of an email")
        verbose_name_plural = _("texts of the emails")
        constraints = [models.UniqueConstraint(fields=["template", "language"], name="wording_once")]

    def __str__(self) -> str:
        return f"{self.template} ({self.language})"


class Pace(models.Model):
    """The one row that all workers share where MAIL_RATE is set: when the next email may go."""

    next_at = models.DateTimeField()

    class Meta:
        verbose_name = verbose_name_plural = _("sending rate")

    def __str__(self) -> str:
        return self.next_at.isoformat()


class Stoppage(models.Model):
    """The one row that is there while the mail server takes nothing from us: why, since when, and how often we tried."""

    answer = models.TextField(_("the server’s answer"))
    tries = models.PositiveIntegerField(_("attempts"), default=1)
    since = models.DateTimeField(_("since"), auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = _("mail stopped")

    def __str__(self) -> str:
        return self.answer
