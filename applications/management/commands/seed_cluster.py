"""Lays out the cluster as the seed's facts know it. What the facts do not tell stays empty."""

from datetime import date, datetime
from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction
from django.utils import formats, timezone, translation

from applications.models import DecisionRule
from members.models import Member
from news.announcement import announce
from news.models import Post

FORMED = date(2020, 4, 27)
FOUNDERS = ("Aedilis", "BaltLed", "Pažangios inovacijos", "Prezicika Metrology", "Proftools")
COORDINATOR = "Pažangios inovacijos"
# The year of this admission is known (2021), its day is not: `joined_on` stays empty, the post stands at the year's start.
YEAR_OF_FIRST_ADMISSION = datetime(2021, 1, 1, 12, tzinfo=timezone.get_default_timezone())

FORMATION = {
    "title_lt": "Susikūrė Gamybos inovacijų slėnio klasteris",
    "title_en": "The Production Innovation Valley cluster is formed",
    "summary_lt": "Penkios bendrovės, projekto „Gamybos inovacijų slėnis“ partnerės, įkūrė klasterį.",
    "summary_en": "Five companies, partners of the project “Gamybos inovacijų slėnis”, have formed the cluster.",
    "body_lt": "2020 m. balandžio 27 d. klasterį įkūrė penkios bendrovės: Aedilis, BaltLed, Pažangios inovacijos, "
    "Prezicika Metrology ir Proftools. Klasterį koordinuoja UAB „Pažangios inovacijos“.\n\n"
    "Klasteris telkia gamybos organizacijas, kad jos drauge diegtų skaitmenines ir žaliąsias technologijas, kurtų "
    "didesnę pridėtinę vertę ir daugiau eksportuotų.",
    "body_en": "On 27 April 2020 five companies formed the cluster: Aedilis, BaltLed, Pažangios inovacijos, "
    "Prezicika Metrology and Proftools. Its coordinator is UAB “Pažangios inovacijos”.\n\n"
    "The cluster brings manufacturing organisations together to adopt digital and green technologies, to create more "
    "value and to export more.",
}
OPENING = {
    "title_lt": "Klasteris priima naujus narius",
    "title_en": "The cluster admits new members",
    "summary_lt": "Prisijungti gali įmonės, mokslo ir studijų institucijos bei kitos organizacijos iš visos Lietuvos.",
    "summary_en": "Companies, research and study institutions and other bodies from all of Lithuania may join.",
    "body_lt": "Steigėjai nusprendė priimti naujus narius. Laukiama kiekviena organizacija, norinti dalyvauti gamybos "
    "inovacijų ekosistemoje, kad ir kurioje šalies vietoje ji veiktų. Dalyvavimas savanoriškas, grindžiamas partneryste."
    "\n\nPrašymą galima pateikti šiame portale; dėl jo balsuoja klasterio steigėjai.",
    "body_en": "The founders have decided to admit new members. Every organisation that wants to take part in the "
    "manufacturing innovation ecosystem is welcome, wherever in the country it works. Participation is voluntary and "
    "rests on partnership.\n\nApplications are made on this portal; the founders vote on each.",
}
DAY_UNKNOWN_LT = "Priėmimo metai – 2021; tiksli diena nežinoma."
DAY_UNKNOWN_EN = "The year of admission is 2021; the exact day is not known."


class Command(BaseCommand):
    help = "Lays out the founders, the first admitted member and the first posts; safe to run again."

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        DecisionRule.in_force()
        for name in FOUNDERS:
            founder(name)
        first_member()
        opened = datetime(2020, 4, 27, 12, tzinfo=timezone.get_default_timezone())
        post("klasterio-ikurimas", opened, FORMATION)
        post("klasteris-priima-narius", YEAR_OF_FIRST_ADMISSION, OPENING)
        self.stdout.write("The cluster is laid out: 5 founders, the first admitted member, 3 posts.")


def next_number() -> int:
    return (Member.objects.order_by("-number").values_list("number", flat=True).first() or 0) + 1


def founder(name: str) -> None:
    """One founder; what the coordinator has changed since stays."""
    if Member.objects.filter(name=name, is_founder=True).exists():
        return
    is_coordinator = name == COORDINATOR
    role_lt = "Klasterio steigėja ir koordinatorė" if is_coordinator else "Klasterio steigėja"
    role_en = "Founder and coordinator of the cluster" if is_coordinator else "Founder of the cluster"
    Member.objects.create(
        name=name,
        legal_name="UAB „Pažangios inovacijos“" if is_coordinator else "",
        slug=Member.free_slug(name),
        number=next_number(),
        is_founder=True,
        is_coordinator=is_coordinator,
        joined_on=FORMED,
        summary_lt=f"{role_lt}, projekto „Gamybos inovacijų slėnis“ partnerė.",
        summary_en=f"{role_en}, partner of the project “Gamybos inovacijų slėnis”.",
    )


def first_member() -> None:
    """„Marijampolės LEZ“ with its announcement."""
    slug = "marijampoles-lez"
    if Member.objects.filter(slug=slug).exists():
        return
    member = Member.objects.create(
        name="Marijampolės LEZ",
        legal_name="UAB „Marijampolės laisvosios ekonominės zonos valdymo bendrovė“",
        slug=slug,
        number=next_number(),
        municipality_id="LT-25",
        summary_lt="Laisvosios ekonominės zonos Marijampolėje valdytoja.",
        summary_en="Operator of the free economic zone in Marijampolė.",
        description_lt="Domėjimosi sritys: inovatyvi biotechnologija, maisto gamyba, didesnės pridėtinės vertės "
        "investicijos, užsienio ir vietos verslas, Europos vertės grandinės.",
        description_en="Interests: innovative biotechnology, food manufacturing, investment of higher added value, "
        "foreign and local business, European value chains.",
    )
    announcement = announce(member)
    today = timezone.localdate()
    announcement.body_lt, announcement.body_en = without_day(announcement, today)
    announcement.published_at = YEAR_OF_FIRST_ADMISSION
    announcement.save()


def without_day(announcement: Post, today: date) -> tuple[str, str]:
    """The announcement's texts with the year in place of a day that nobody knows."""
    texts = []
    for language, text, day, year in (
        ("lt", announcement.body_lt, "{}", "2021 m."),
        ("en", announcement.body_en, "On {}", "In 2021"),
    ):
        with translation.override(language):
            texts.append(text.replace(day.format(formats.date_format(today, "DATE_FORMAT")), year))
    return f"{texts[0].rstrip()}\n\n{DAY_UNKNOWN_LT}", f"{texts[1].rstrip()}\n\n{DAY_UNKNOWN_EN}"


def post(slug: str, published_at: datetime, texts: dict[str, str]) -> None:
    Post.objects.get_or_create(
        slug=slug, defaults={**texts, "published_at": published_at, "status": Post.Status.PUBLISHED}
    )
