"""What members offer and seek, under one name in each language; and the words that a search may have meant."""

import re
from collections.abc import Iterable

from django.contrib.postgres.indexes import GinIndex
from django.db import models, transaction
from django.db.models import Func, Value
from django.utils.translation import gettext_lazy as _

from cluster_portal.base.bilingual import Bilingual
from cluster_portal.base.database import lock_table
from cluster_portal.base.text import LineField, clean_line
from members.models.member import Member
from members.models.organisation import TAG_LENGTH

# A tag as people write it in a list: plain, or in quotation marks where a mark of the list is part of it.
LISTED = re.compile(r'\s*(?:"((?:[^"]|"")*)"\s*(?=[,\n|]|\Z)|([^,\n|]*))(?:[,\n|]|\Z)')
NEEDS_QUOTES = re.compile(r'"|.*[,\n|]')


def split_tags(text: str) -> list[str]:
    """The tags in a list with commas, line breaks or bars between them; one that has such a mark is in "…"."""
    tags = (clean_line(quoted.replace('""', '"') or plain) for quoted, plain in LISTED.findall(text))
    return [tag for tag in tags if tag]


def join_tags(tags: Iterable[str], mark: str = ", ") -> str:
    """The list that `split_tags` reads back unchanged, with a comma or a bar between the tags."""
    return mark.join('"{}"'.format(tag.replace('"', '""')) if NEEDS_QUOTES.match(tag) else tag for tag in tags)


def tag_key(name: str) -> Func:
    """`name` in the shape in which names of tags are compared, worked out by the database."""
    return Func(Value(name), function="tag_key", output_field=models.TextField())


class Tag(models.Model):
    """A thing that members offer or seek, under one name in each language.

    Members' `offers` and `seeks` hold `name_lt`. People type freely; the database's trigger on members turns what they
    typed into the tag's own name, and makes a tag of a word that is new (`canonical_tags` in the migrations).
    """

    name_lt = LineField(_("name (Lithuanian)"), max_length=TAG_LENGTH, unique=True)
    name_en = LineField(_("name (English)"), max_length=TAG_LENGTH, blank=True)

    name = Bilingual()

    class Meta:
        verbose_name = _("tag")
        verbose_name_plural = _("tags")
        ordering = ["name_lt"]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def introduce(cls, names: dict[str, str]) -> None:
        """Make tags of these names, Lithuanian → English; what means a tag already stays as people left it."""
        for name_lt, name_en in names.items():
            if not TagName.objects.filter(key__in=[tag_key(name_lt), tag_key(name_en)]).exists():
                cls.objects.create(name_lt=name_lt, name_en=name_en).known_as(name_lt, name_en)

    def known_as(self, *names: str) -> None:
        """From now on `names` mean this tag, whichever tag they meant before."""
        for name in filter(None, names):
            TagName.objects.bulk_create(
                [TagName(key=tag_key(name), tag=self)],
                update_conflicts=True,
                unique_fields=["key"],
                update_fields=["tag"],
            )

    @transaction.atomic
    def rename(self, name_lt: str, name_en: str) -> None:
        """Give the tag these names, in every member as well; its old names still mean it where they are typed."""
        lock_table(Member)  # who saves a member holds it, and may be adding the same names
        old = Tag.objects.select_for_update().get(pk=self.pk).name_lt
        self.name_lt, self.name_en = name_lt, name_en
        self.save()
        self.known_as(name_lt, name_en)
        Member.objects.rewrite_tags([old])

    @transaction.atomic
    def absorb(self, others: "models.QuerySet[Tag]") -> None:
        """Merge `others` into this tag: whatever they were called means this one, in every member as well."""
        lock_table(Member)
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
    """A word of some member or post, bare: what a typo may have been meant to be. The triggers add to it."""

    word = models.CharField(max_length=60, primary_key=True)

    class Meta:
        indexes = [GinIndex(fields=["word"], opclasses=["gin_trgm_ops"], name="search_word_near")]

    def __str__(self) -> str:
        return self.word
