"""Makes plausible Lithuanian organisations for benchmarks; each is marked as an example."""

from argparse import ArgumentParser
from datetime import date, timedelta
from random import Random
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils.text import slugify

from cluster_portal.base.numbering import next_number
from cluster_portal.base.slugs import free_slug
from cluster_portal.country.lt.codes import check_digit
from members.models import Area, Kind, Member, Municipality, Tag

PLACES = [
    "Kauno", "Vilniaus", "Klaipėdos", "Šiaulių", "Panevėžio", "Alytaus", "Utenos",
    "Telšių", "Tauragės", "Marijampolės", "Baltijos", "Nemuno", "Neries",
]  # fmt: skip
ROOTS = [
    "Žalgiris", "Ąžuolas", "Šilas", "Vėtra", "Gintaras", "Aušra", "Žaibas", "Perkūnas",
    "Eglė", "Lūšis", "Čiobrelis", "Ūla", "Sėkmė", "Ėriukas", "Granitas",
]  # fmt: skip
# A word of the name, and what such organisations offer and look for, in both languages
TRADES = [
    ("metalas", "metalo apdirbimas", "metalworking"), ("plastikas", "plastiko liejimas", "plastic moulding"),
    ("mediena", "medienos gaminiai", "wood products"),
    ("elektronika", "elektronikos surinkimas", "electronics assembly"),
    ("robotika", "robotų diegimas", "robot integration"), ("optika", "tikslioji optika", "precision optics"),
    ("maistas", "maisto gamyba", "food production"), ("chemija", "pramoninė chemija", "industrial chemicals"),
    ("tekstilė", "techninė tekstilė", "technical textiles"),
    ("pakuotė", "pakuočių gamyba", "packaging production"),
    ("automatika", "linijų automatizavimas", "line automation"),
    ("staklės", "staklių priežiūra", "machine tool maintenance"),
    ("lazeriai", "lazerinis pjovimas", "laser cutting"), ("baldai", "baldų gamyba", "furniture production"),
    ("matavimai", "matavimo paslaugos", "measurement services"),
]  # fmt: skip
BATCH = 1000


class Command(BaseCommand):
    help = "Makes N synthetic Lithuanian organisations, the same ones for the same seed; for benchmarks only."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("count", type=int)
        parser.add_argument("--seed", type=int, default=1)

    def handle(self, *args: Any, count: int, seed: int, **options: Any) -> None:
        """Those that are there already (by company code) are left as they are."""
        if not 0 <= count <= 1_000_000:
            raise CommandError("N must be from 0 to 1,000,000.")
        random = Random(seed)
        places, areas = list(Municipality.objects.order_by("code")), list(Area.objects.order_by("slug"))
        made = 0
        with transaction.atomic():
            Tag.introduce({work: work_en for _word, work, work_en in TRADES})
            number = next_number(Member)
            codes = set(Member.objects.values_list("company_code", flat=True))
            slugs = set(Member.objects.values_list("slug", flat=True))
            first = 80_000_000 + seed % 19 * 1_000_000
            for start in range(0, count, BATCH):
                batch = []
                for index in range(start, min(start + BATCH, count)):
                    member, chosen = organisation(random, f"{first + index:08}", index, places, areas)
                    if member.company_code not in codes:
                        member.number = number
                        number += 1
                        member.slug = free_slug(Member, member.name, Member.SLUG, slugs)
                        batch.append((member, chosen))
                Member.objects.bulk_create([member for member, _areas in batch])
                through = Member.areas.through
                through.objects.bulk_create(
                    [through(member=member, area=area) for member, chosen in batch for area in chosen]
                )
                made += len(batch)
        self.stdout.write(f"{made} made, {count - made} were there already.")


def organisation(
    random: Random, eight: str, index: int, places: list[Municipality], areas: list[Area]
) -> tuple[Member, list[Area]]:
    """One organisation, not saved, with its areas; `eight` are the first digits of its company code."""
    trade, work, _work_en = random.choice(TRADES)
    other = random.choice(TRADES)[1]
    name = f"{random.choice(PLACES)} {random.choice(ROOTS).lower()} ir {trade}"
    if index >= 500:
        name = f"{name} {index}"
    kind = random.choices([Kind.COMPANY, Kind.INSTITUTION, Kind.OTHER], [90, 5, 5])[0]
    form = {Kind.COMPANY: "UAB", Kind.INSTITUTION: "VšĮ", Kind.OTHER: "Asociacija"}[kind]
    member = Member(
        name=name,
        legal_name=f"{form} „{name}“",
        kind=kind,
        company_code=eight + check_digit(eight),
        municipality=random.choice(places),
        address=f"Pramonės g. {random.randint(1, 120)}",
        website=f"https://{slugify(trade)}-{index}.example.org/",
        email=f"info{index}@example.org",
        summary_lt=f"Mūsų darbas – {work}.",
        summary_en=f"A synthetic example organisation no. {index}.",
        description_lt=f"Pavyzdinė organizacija. Pagrindinė veikla – {work}, taip pat {other}.",
        description_en="A synthetic organisation, made for measuring.",
        offers=[work],
        seeks=[other],
        founded=random.randint(1990, 2024),
        employees=random.randint(2, 900),
        joined_on=date(2021, 1, 1) + timedelta(days=random.randint(0, 1800)),
        is_example=True,
    )
    return member, random.sample(areas, min(len(areas), random.randint(1, 3)))
