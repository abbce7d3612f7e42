"""The members' part of a cluster's file: areas of activity, founders with their coordinator, members admitted before."""

from collections.abc import Iterator
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from cluster_portal.base.numbering import next_number
from cluster_portal.identity.layout import Fault, File, Table
from cluster_portal.identity.models import Identity
from members.directory.export import CSV_COLUMNS
from members.models import Area, Member


class AreasTable(Table):
    """Their keys are their addresses; they stand in the order of the file."""

    name, model = "areas", Area
    fields = ("name_lt", "name_en", "description_lt", "description_en")

    def record(self, key: str, entry: dict[str, Any], file: File) -> Area:
        area = super().record(key, entry, file)
        area.slug, area.position = key, list(self.entries(file)).index(key) + 1
        return area

    def save(self, record: Area, key: str, entry: dict[str, Any], laid_out: dict[str, int]) -> None:
        record.full_clean()
        if refusals := Area.names_in_use({"name_lt": record.name_lt, "name_en": record.name_en}):
            raise ValidationError(refusals)
        record.save()


class MembersTable(Table):
    """Members that were admitted before the portal was there."""

    name, model = "members", Member
    notes: ClassVar[dict[str, type]] = {"areas": list, "municipality": str}
    fields = tuple(column for column in CSV_COLUMNS if column not in ("areas", "municipality"))
    refers_to = {"areas": ("areas",)}
    filled_in = ("slug", "number")

    def record(self, key: str, entry: dict[str, Any], file: File) -> Member:
        member = super().record(key, entry, file)
        member.municipality_id = entry.get("municipality")
        return member

    def save(self, record: Member, key: str, entry: dict[str, Any], laid_out: dict[str, int]) -> None:
        record.number, record.slug = next_number(Member), Member.free_slug(record.name)
        super().save(record, key, entry, laid_out)
        record.areas.set(Area.objects.filter(pk__in=self.referred("areas", entry, laid_out)))


class FoundersTable(MembersTable):
    """The founders; the file says beside them which one coordinates. A demo gives each of them an account to vote with."""

    name = "founders"
    notes = {**MembersTable.notes, "demo_account": str}
    of_file = ("coordinator",)

    def record(self, key: str, entry: dict[str, Any], file: File) -> Member:
        founder = super().record(key, entry, file)
        founder.is_founder, founder.is_coordinator = True, key == file.get("coordinator")
        return founder

    def save(self, record: Member, key: str, entry: dict[str, Any], laid_out: dict[str, int]) -> None:
        record.joined_on = record.joined_on or Identity.objects.values_list("formed_on", flat=True).first()
        super().save(record, key, entry, laid_out)

    def faults(self, file: File) -> Iterator[Fault]:
        yield from super().faults(file)
        if not isinstance(self.entries(file), dict) or file.get("coordinator") not in list(self.entries(file)):
            yield Fault("coordinator", _("Must be the key of one of the founders."))
