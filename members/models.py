"""The register of members: organisations, the people who act for them, and the words that describe them."""

import pghistory
from django.conf import settings
from django.contrib.auth.models import AbstractUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.core.validators import RegexValidator
from django.db import models, transaction
from django.db.models import Func, Value
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField

from members.bilingual import Bilingual
from members.search import MemberQuerySet, search_name_field, sort_key_field


class Kind(models.TextChoices):
    """What a participant is; the cluster's founding documents know these three."""

    COMPANY = "company", _("Company")
    INSTITUTION = "institution", _("Research or study institution")
    OTHER = "other", _("Other organisation")


class UserManager(BaseUserManager):
    """Makes users known by their e-mail address, kept in lower case."""

    def create_user(self, email: str, password: str | None = None, **fields) -> "User":
        user = self.model(email=email.lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(),
    # Rights only: a person's name and address must be erasable, and history rows are not.
    fields=["is_active", "is_staff", "is_superuser"],
    obj_field=pghistory.ObjForeignKey(related_name="events"),
    model_name="UserEvent",
)
class User(AbstractUser):
    """A person with an account, known by e-mail; `language` is the one the portal writes to them in."""

    username = None
    email = models.EmailField(_("e-mail address"), unique=True)
    language = models.CharField(_("language"), max_length=2, choices=settings.LANGUAGES, default=settings.LANGUAGE_CODE)
    # Its password is published, so it opens only where DEMO=1 (`AccountAdapter.pre_login`).
    is_demo = models.BooleanField(_("demo account"), default=False, editable=False)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: list[str] = []
    objects = UserManager()

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_unique")]

    def __str__(self) -> str:
        return self.get_full_name() or self.email


class Area(models.Model):
    """One of the cluster's seven areas of activity."""

    slug = models.SlugField(unique=True)
    name_lt = models.CharField(_("name (Lithuanian)"), max_length=100)
    name_en = models.CharField(_("name (English)"), max_length=100)
    description_lt = models.TextField(_("description (Lithuanian)"), blank=True)
    description_en = models.TextField(_("description (English)"), blank=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    name = Bilingual()
    description = Bilingual()

    class Meta:
        verbose_name = _("area of activity")
        verbose_name_plural = _("areas of activity")
        ordering = ["position", "slug"]

    def __str__(self) -> str:
        return self.name


class County(models.Model):
    """One of the ten counties, by its ISO 3166-2 code (LT-MR)."""

    code = models.CharField(_("code"), max_length=5, primary_key=True)
    name_lt = models.CharField(_("name (Lithuanian)"), max_length=50)
    name_en = models.CharField(_("name (English)"), max_length=50)

    name = Bilingual()

    class Meta:
        verbose_name = _("county")
        verbose_name_plural = _("counties")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name


class Municipality(models.Model):
    """One of the sixty municipalities, by its ISO 3166-2 code (LT-25)."""

    code = models.CharField(_("code"), max_length=5, primary_key=True)
    name_lt = models.CharField(_("name (Lithuanian)"), max_length=50)
    name_en = models.CharField(_("name (English)"), max_length=50)
    county = models.ForeignKey(County, models.PROTECT, related_name="municipalities", verbose_name=_("county"))
    sort_key = sort_key_field("name_lt")

    name = Bilingual()

    class Meta:
        verbose_name = _("municipality")
        verbose_name_plural = _("municipalities")
        ordering = ["sort_key"]

    def __str__(self) -> str:
        return self.name


class Tag(models.Model):
    """A thing that members offer or seek, under one name in each language.

    Members' `offers` and `seeks` hold `name_lt`. People type freely; the database's trigger on members turns what they
    typed into the tag's own name, and makes a tag of a word that is new (`canonical_tags` in the migrations).
    """

    name_lt = models.CharField(_("name (Lithuanian)"), max_length=60, unique=True)
    name_en = models.CharField(_("name (English)"), max_length=60, blank=True)

    name = Bilingual()

    class Meta:
        verbose_name = _("tag")
        verbose_name_plural = _("tags")
        ordering = ["name_lt"]

    def __str__(self) -> str:
        return self.name

    def known_as(self, *names: str) -> None:
        """From now on `names` mean this tag, whichever tag they meant before."""
        for name in filter(None, names):
            key = Func(Value(name), function="tag_key", output_field=models.TextField())
            TagName.objects.bulk_create(
                [TagName(key=key, tag=self)], update_conflicts=True, unique_fields=["key"], update_fields=["tag"]
            )

    @transaction.atomic
    def rename(self, name_lt: str, name_en: str) -> None:
        """Give the tag these names, in every member as well; its old names still mean it where they are typed."""
        old = Tag.objects.select_for_update().get(pk=self.pk).name_lt
        self.name_lt, self.name_en = name_lt, name_en
        self.save()
        self.known_as(name_lt, name_en)
        Member.objects.rewrite_tags([old])

    @transaction.atomic
    def absorb(self, others: "models.QuerySet[Tag]") -> None:
        """Merge `others` into this tag: whatever they were called means this one, in every member as well."""
        merged = list(others.exclude(pk=self.pk).select_for_update().order_by("pk"))
        TagName.objects.filter(tag__in=merged).update(tag=self)
        Member.objects.rewrite_tags([self.name_lt, *(tag.name_lt for tag in merged)])
        Tag.objects.filter(pk__in=[tag.pk for tag in merged]).delete()


class TagName(models.Model):
    """One way in which a tag is called, in the shape of `tag_key`: lower case, no diacritics."""

    key = models.CharField(max_length=120, primary_key=True)
    tag = models.ForeignKey(Tag, models.CASCADE, related_name="names")

    def __str__(self) -> str:
        return self.key


class SearchWord(models.Model):
    """A word of some member or post, bare: what a slip of the pen may have been meant to be. The triggers add to it."""

    word = models.CharField(max_length=60, primary_key=True)

    class Meta:
        indexes = [GinIndex(fields=["word"], opclasses=["gin_trgm_ops"], name="search_word_near")]

    def __str__(self) -> str:
        return self.word


class WebsiteField(models.URLField):
    """An address typed without its scheme is taken for https, as Django itself will from version 6 on."""

    def formfield(self, **kwargs):
        return super().formfield(**{"assume_scheme": "https", **kwargs})


class Organisation(models.Model):
    """What is known of an organisation, applicant and member alike; `admit` copies these fields from one to the other."""

    COPIED = (
        "name", "legal_name", "kind", "company_code", "vat_code", "municipality", "address", "website",
        "summary_lt", "description_lt", "offers", "seeks",
    )  # fmt: skip

    name = models.CharField(_("name"), max_length=120)
    legal_name = models.CharField(_("full legal name"), max_length=200, blank=True)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind, default=Kind.COMPANY)
    company_code = models.CharField(
        _("company code"),
        max_length=9,
        blank=True,
        validators=[RegexValidator(r"^([0-9]{7}|[0-9]{9})\Z", _("A company code has nine digits (older ones seven)."))],
    )
    vat_code = models.CharField(
        _("VAT code"),
        max_length=14,
        blank=True,
        validators=[RegexValidator(r"^LT([0-9]{9}|[0-9]{12})\Z", _("A VAT code is LT and nine or twelve digits."))],
    )
    municipality = models.ForeignKey(
        Municipality, models.PROTECT, null=True, blank=True, verbose_name=_("municipality"), related_name="%(class)ss"
    )
    address = models.CharField(_("address"), max_length=200, blank=True)
    website = WebsiteField(_("website"), max_length=200, blank=True)
    areas = models.ManyToManyField(Area, blank=True, verbose_name=_("areas of activity"), related_name="%(class)ss")
    summary_lt = models.CharField(_("summary (Lithuanian)"), max_length=200, blank=True)
    description_lt = models.TextField(_("description (Lithuanian)"), max_length=5000, blank=True)
    offers = ArrayField(models.CharField(max_length=60), verbose_name=_("offers"), default=list, blank=True)
    seeks = ArrayField(models.CharField(max_length=60), verbose_name=_("seeks"), default=list, blank=True)
    is_example = models.BooleanField(
        _("example"), default=False, help_text=_("Demonstration data, not a real organisation.")
    )

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name


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

    slug = models.SlugField(_("address in the directory"), max_length=80, unique=True)
    number = models.PositiveIntegerField(_("member number"), unique=True)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.ACTIVE)
    is_founder = models.BooleanField(_("founder"), default=False)
    is_coordinator = models.BooleanField(_("coordinator"), default=False)
    email = models.EmailField(_("public e-mail"), blank=True)
    phone = PhoneNumberField(_("public phone"), blank=True)
    summary_en = models.CharField(_("summary (English)"), max_length=200, blank=True)
    description_en = models.TextField(_("description (English)"), max_length=5000, blank=True)
    founded = models.PositiveSmallIntegerField(_("year of foundation"), null=True, blank=True)
    employees = models.PositiveIntegerField(_("employees"), null=True, blank=True)
    joined_on = models.DateField(_("joined on"), null=True, blank=True)
    logo = models.ImageField(_("logo"), upload_to="logos/", blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)
    sort_key = sort_key_field("name")
    search_name = search_name_field()
    # Laid out by the database's trigger `member_lay_out`, whoever writes.
    search_vector = SearchVectorField(null=True, editable=False)

    objects = MemberQuerySet.as_manager()
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
    def initials(self) -> str:
        """What stands in for a missing logo: the first letters of the name's first two words, „“ and the like dropped."""
        words = [word for word in ("".join(filter(str.isalnum, part)) for part in self.name.split()) if word]
        return "".join(word[0] for word in words[:2]).upper()

    @property
    def logo_url(self) -> str:
        """The logo's address on this site, or an empty string."""
        return reverse("media", args=[self.logo.name]) if self.logo else ""

    @staticmethod
    def free_slug(name: str) -> str:
        """An address for `name` that no member has: "marijampoles-lez", then "marijampoles-lez-2"."""
        base = slugify(name)[:70] or "narys"
        taken = set(Member.objects.filter(slug__startswith=base).values_list("slug", flat=True))
        slug, count = base, 1
        while slug in taken:
            count += 1
            slug = f"{base}-{count}"
        return slug


# By statement: an import writes many rows at once.
@pghistory.track(pghistory.InsertEvent(), pghistory.DeleteEvent(), obj_field=None, level=pghistory.Statement)
class MemberArea(Member.areas.through):  # type: ignore[name-defined]
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
