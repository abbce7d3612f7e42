"""A member of the cluster, and the people who act for it."""

from typing import Any, Self

import pghistory
from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField

from cluster_portal.base.bilingual import Bilingual
from cluster_portal.base.dates import day_until_now, year_until_now
from cluster_portal.base.files import RowImageField
from cluster_portal.base.slugs import PageSlugField, free_slug
from cluster_portal.base.text import AddressField, LineField, LongTextField
from cluster_portal.country.lt.search import SearchQuerySet, search_name_field
from cluster_portal.country.lt.sorting import sort_key_field
from members.models.organisation import Organisation


class MemberQuerySet(SearchQuerySet):
    """Members as the portal asks for them."""

    corrections = "member_words"
    title_field = "search_name"

    def public(self) -> Self:
        """Those that the directory shows: all but former and suspended ones."""
        return self.filter(status="active")

    def founders(self) -> Self:
        return self.public().filter(is_founder=True)

    def rewrite_tags(self, names: list[str]) -> None:
        """Let the database's trigger put the tags' present names in place of `names`, which members carry."""
        self.filter(models.Q(offers__overlap=names) | models.Q(seeks__overlap=names)).update(search_vector=None)


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(),
    exclude=["search_vector", "search_name", "sort_key", "updated_at"],
    obj_field=pghistory.ObjForeignKey(related_name="events"),
)
class Member(Organisation):
    """An organisation admitted to the cluster. Founders are members."""

    class Status(models.TextChoices):
        ACTIVE = "active", _("active")
        SUSPENDED = "suspended", _("suspended")
        FORMER = "former", _("former")

    slug = PageSlugField(_("address in the directory"), max_length=80, unique=True)
    number = models.PositiveIntegerField(_("member number"), unique=True)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.ACTIVE)
    is_founder = models.BooleanField(_("founder"), default=False)
    is_coordinator = models.BooleanField(_("coordinator"), default=False)
    email = AddressField(_("public email"), blank=True)
    phone = PhoneNumberField(_("public phone"), blank=True)
    summary_en = LineField(_("summary (English)"), max_length=200, blank=True)
    description_en = LongTextField(_("description (English)"), max_length=5000, blank=True)
    founded = models.PositiveSmallIntegerField(
        _("year of foundation"), null=True, blank=True, validators=[year_until_now]
    )
    employees = models.PositiveIntegerField(_("employees"), null=True, blank=True)
    joined_on = models.DateField(_("joined on"), null=True, blank=True, validators=[day_until_now])
    logo = RowImageField(_("logo"), upload_to="logos/", blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)
    sort_key = sort_key_field("name")
    search_name = search_name_field()
    # Laid out by the database's trigger `member_lay_out`, whoever writes.
    search_vector = SearchVectorField(null=True, editable=False)

    SLUG = "narys"  # of a name without a letter of the alphabet

    objects = MemberQuerySet.as_manager()
    events: Any  # its history, made by pghistory
    summary = Bilingual()
    description = Bilingual()

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        ordering = ["sort_key", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["company_code"], condition=~models.Q(company_code=""), name="member_company_code_unique"
            ),
            models.UniqueConstraint(
                fields=["is_coordinator"], condition=models.Q(is_coordinator=True), name="one_coordinator"
            ),
            models.CheckConstraint(
                condition=models.Q(is_coordinator=False) | models.Q(is_founder=True), name="coordinator_is_founder"
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=["active", "suspended", "former"]), name="member_status_known"
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=["company", "institution", "other"]), name="member_kind_known"
            ),
        ]
        indexes = [
            models.Index(fields=["sort_key", "id"], condition=models.Q(status="active"), name="member_sorted"),
            models.Index(fields=["-joined_on", "sort_key"], name="member_joined"),
            GinIndex(fields=["search_vector"], name="member_search"),
            GinIndex(fields=["search_name"], opclasses=["gin_trgm_ops"], name="member_names"),
            GinIndex(fields=["offers"], name="member_offers"),
            GinIndex(fields=["seeks"], name="member_seeks"),
        ]

    def get_absolute_url(self) -> str:
        return reverse("members:detail", args=[self.slug])

    @property
    def is_active_founder(self) -> bool:
        """Whether it may vote now; on a ballot, where it is entitled as well."""
        return self.is_founder and self.status == Member.Status.ACTIVE

    @property
    def initials(self) -> str:
        return initials(self.name)

    @property
    def logo_url(self) -> str:
        return logo_url(self.logo.name)

    @staticmethod
    def free_slug(name: str) -> str:
        """An address for `name` that no member has (see there)."""
        return free_slug(Member, name, Member.SLUG)


def initials(name: str) -> str:
    """What stands in for a missing logo: the first letters of the name's first two words, „“ and the like dropped."""
    words = [word for word in ("".join(filter(str.isalnum, part)) for part in name.split()) if word]
    return "".join(word[0] for word in words[:2]).upper()


def logo_url(logo: str | None) -> str:
    """The address on this site of a logo by its file's name, or an empty string."""
    return reverse("media", args=[logo]) if logo else ""


MadeByDjango: Any = Member.areas.through


# By statement: an import writes many rows at once.
@pghistory.track(pghistory.InsertEvent(), pghistory.DeleteEvent(), obj_field=None, level=pghistory.Statement)
class MemberArea(MadeByDjango):
    """A member's area of activity, named here for its history."""

    class Meta:
        proxy = True


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(),
    pghistory.DeleteEvent(),
    obj_field=pghistory.ObjForeignKey(related_name="events"),
)
class Representative(models.Model):
    """A person acting for a member in one role."""

    class Role(models.TextChoices):
        OWNER = "owner", _("main representative")
        EDITOR = "editor", _("editor")
        VOTER = "voter", _("voter")

    member = models.ForeignKey(Member, models.CASCADE, related_name="representatives", verbose_name=_("member"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="representations", verbose_name=_("person")
    )
    role = models.CharField(_("role"), max_length=8, choices=Role)

    class Meta:
        verbose_name = _("representative")
        verbose_name_plural = _("representatives")
        constraints = [
            models.UniqueConstraint(fields=["member", "user", "role"], name="representative_once"),
            models.UniqueConstraint(fields=["user"], condition=models.Q(role="voter"), name="voter_of_one_founder"),
            models.CheckConstraint(
                condition=models.Q(role__in=["owner", "editor", "voter"]), name="representative_role_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} – {self.member} ({self.get_role_display()})"
