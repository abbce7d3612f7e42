"""Every fault of a cluster's file is named at once; what is new in a file is made, and all else stays."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import models

from cluster_portal.identity.layout import OWN_FILE
from cluster_portal.identity.models import Identity, LaidOut
from members.models import Area, Member
from news.models import Post

pytestmark = pytest.mark.django_db

Rows = list[dict[str, Any]]


def rows() -> dict[str, Rows]:
    """Every field of every row that the file can make, with its history, and which entries are rows already."""
    tables: dict[str, type[models.Model]] = {
        "identity": Identity, "areas": Area, "members": Member, "areas of members": Member.areas.through, "posts": Post,
        "laid out": LaidOut, "history of the identity": apps.get_model("identity", "IdentityEvent"),
        "history of members": apps.get_model("members", "MemberEvent"),
    }  # fmt: skip
    return {name: list(model._base_manager.order_by("pk").values()) for name, model in tables.items()}


def change(record: models.Model, **fields: Any) -> None:
    for name, value in fields.items():
        setattr(record, name, value)
    record.full_clean()
    record.save()


MORE = """
[members.nauja]
name = "Nauja"
areas = ["bendra-rinkodara"]

[posts.apie-steigeja]
title_lt = "Apie steigėją"
body_lt = "Ji veikia."
published_on = 2020-05-01
member = "proftools"
"""


def test_a_new_entry_of_the_file_is_made_and_all_else_stays(tmp_path):
    call_command("seed_cluster")
    change(Member.objects.get(name="Proftools"), name="Profesionalūs įrankiai", slug="irankiai")
    before = rows()
    file = tmp_path / "more.toml"
    file.write_text(OWN_FILE.read_text() + MORE)
    call_command("load_cluster", file)
    after = rows()
    assert after["members"][:-1] == before["members"]
    assert (after["members"][-1]["name"], after["members"][-1]["is_founder"]) == ("Nauja", False)
    assert Member.objects.get(name="Nauja").areas.get().slug == "bendra-rinkodara"
    assert after["posts"][:-1] == before["posts"]
    assert Post.objects.get(slug="apie-steigeja").member == Member.objects.get(slug="irankiai")
    assert [after[table] for table in ("identity", "areas")] == [before[table] for table in ("identity", "areas")]


BROKEN = """
key = "kitas"
coordinator = "gama"
colour = "red"

[identity]
name_lt = "Kitas klasteris"
name_genitive_lt = "Kito klasterio"
name_en = "Other cluster"
primary_colour = "#ffff00"
licence = "mine"
motto = "Pirmyn"

[areas.medis]
name_lt = "Medis"

[founders.alfa]
name = "Alfa"
email = "be-eta"
areas = ["medis", "akmuo"]

[founders.Beta]
name = "Beta"

[posts.pradzia]
title_lt = "Pradžia"
body_lt = "Pradėjome."
published_on = "vakar"
member = "niekas"

[posts.prenumerata]
title_lt = "Prenumerata"
body_lt = "Jos adresas – kito puslapio."
published_on = 2020-04-27
"""


def refusal(file: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[str]:
    """The places that the command names when it refuses a file."""
    with pytest.raises(CommandError) as refused:
        call_command("load_cluster", file)
    assert refused.value.returncode == 1
    lines = capsys.readouterr().err.splitlines()
    assert f"Nothing was laid out: {len(lines)} fault(s)" in str(refused.value)
    return (line.partition(": ")[0] for line in lines)


def test_a_broken_file_is_refused_as_a_whole_with_the_place_of_each_fault(bare, tmp_path, capsys):
    file = tmp_path / "broken.toml"
    file.write_text(BROKEN)
    before = rows()
    places = set(refusal(file, capsys))
    assert places == {
        "colour", "coordinator", "identity.motto", "areas.medis.name_en", "founders.alfa.areas", "founders.Beta",
        "posts.pradzia.member", "posts.pradzia.published_on", "posts.prenumerata.slug",
    }  # fmt: skip
    assert rows() == before

    # What hid behind the misspelt names shows when these are right.
    file.write_text(BROKEN.replace('motto = "Pirmyn"', "").replace(', "akmuo"', "").replace('member = "niekas"', ""))
    assert {"identity.primary_colour", "founders.alfa.email"} <= set(refusal(file, capsys))
    assert rows() == before


def test_a_fault_that_only_the_database_knows_takes_back_all_that_was_laid_out(bare, tmp_path, capsys):
    file = tmp_path / "twice.toml"
    code = 'company_code = "305566778"\n'
    file.write_text(
        'key = "kitas"\ncoordinator = "alfa"\n[identity]\nname_lt = "Kitas"\nname_genitive_lt = "Kito"\nname_en = "Other"\n'
        f'[founders.alfa]\nname = "Alfa"\n{code}[founders.beta]\nname = "Beta"\n{code}'
    )
    before = rows()
    assert set(refusal(file, capsys)) == {"founders.beta"}
    assert rows() == before


SOUND: dict[str, dict[str, str]] = {
    "": {"key": '"kitas"', "coordinator": '"alfa"'},
    "identity": {"name_lt": '"Kitas"', "name_genitive_lt": '"Kito"', "name_en": '"Other"'},
    "areas.metalas": {"name_lt": '"Metalas"', "name_en": '"Metal"'},
    "areas.medis": {"name_lt": '"Medis"', "name_en": '"Wood"'},
    "founders.alfa": {"name": '"Alfa"', "areas": '["metalas"]'},
    "members.beta": {"name": '"Beta"', "areas": '["metalas"]'},
    "posts.pradzia": {"title_lt": '"Pradžia"', "body_lt": '"Yra."', "published_on": "2020-05-01", "member": '"beta"'},
}


def toml(place: str = "", value: str | None = None) -> str:
    """The sound file, with another value at one place; a value at the place of a table stands for the whole of it."""
    tables = {table: dict(said) for table, said in SOUND.items()}
    if value is not None:
        for table in [table for table in tables if table and f"{table}.".startswith(f"{place}.")]:
            del tables[table]
        table, _dot, name = place.rpartition(".")
        tables.setdefault(table, {})[name] = value
    return "".join(
        (f"[{table}]\n" if table else "") + "".join(f"{name} = {said}\n" for name, said in entry.items())
        for table, entry in tables.items()
    )


def test_the_file_that_is_broken_below_is_sound(bare, tmp_path):
    file = tmp_path / "sound.toml"
    file.write_text(toml())
    call_command("load_cluster", file)
    assert Post.objects.get(slug="pradzia").member == Member.objects.get(name="Beta")


LONG = "k" * 121


@pytest.mark.parametrize(
    ("place", "value"),
    [
        *((place, value) for place in ("identity.formed_on", "founders.alfa.joined_on", "posts.pradzia.published_on")
          for value in ("5", "true", "07:32:00", "2020-04-27T10:00:00", '"2020-04-27"', "[2020-04-27]", "{a = 1}")),
        *((f"members.beta.{name}", value) for name in ("founded", "employees")
          for value in ("inf", "nan", "2020.0", "true", '"5"', "0x" + "f" * 60)),
        *((f"founders.alfa.{name}", value) for name in ("phone", "company_code", "website", "municipality", "demo_account")
          for value in ("5", "true", "[]", "{}", r'"LT\u0000"')),
        ("members.beta.website", '"https://["'),
        *((f"members.beta.{name}", value) for name in ("offers", "areas")
          for value in ('"abc"', "[1]", '[["metalas"]]', '[{a = "metalas"}]', "5", r'["a\u0000"]')),
        ("members.beta.areas", '"metalas"'),
        ("posts.pradzia.member", '["beta"]'),
        ("posts.pradzia.member", "5"),
        ("posts.pradzia.title_lt", "5"),
        *((table, value) for table in ("identity", "founders", "areas", "members", "posts", "founders.alfa", "posts.pradzia")
          for value in ("5", "[]", '"a"', "[{}]")),
        *(("coordinator", value) for value in ('["alfa"]', "{}", "5")),
        ("identity.introduction_lt", f'"{"a" * 4000}"'),
        ("founders.alfa.description_en", f'"{"a" * 5001}"'),
        ("identity.mark", r'"\u0000"'),
        ("key", f'"{LONG}"'),
        (f"founders.{LONG}", '{name = "Gama"}'),
        (f"members.{LONG}", '{name = "Gama"}'),
    ],
)  # fmt: skip
def test_a_value_of_any_other_sort_is_named_by_its_place(place, value, tmp_path, capsys):
    file = tmp_path / "broken.toml"
    file.write_text(toml(place, value))
    before = rows()
    assert place in set(refusal(file, capsys))
    assert rows() == before


@pytest.mark.parametrize(("name", "value"), [("name_lt", '" metalas"'), ("name_en", '"METAL"')])
def test_two_areas_of_one_name_are_refused_as_at_the_desk(name, value, bare, tmp_path, capsys):
    file = tmp_path / "twice.toml"
    file.write_text(toml(f"areas.medis.{name}", value))
    before = rows()
    assert set(refusal(file, capsys)) == {f"areas.medis.{name}"}
    assert rows() == before


@pytest.mark.parametrize("value", ["[" * 5000 + "]" * 5000, "9" * 5000, r'"\ud800"', "2020-02-30"])
def test_a_file_that_cannot_be_read_is_named(value, tmp_path, capsys):
    file = tmp_path / "broken.toml"
    file.write_text(toml("identity.formed_on", value))
    assert set(refusal(file, capsys)) == {str(file)}
