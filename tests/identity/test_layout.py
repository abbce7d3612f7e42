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
        "posts.pradzia.member", "posts.prenumerata.slug",
    }  # fmt: skip
    assert rows() == before

    # What hid behind the misspelt names shows when these are right.
    file.write_text(BROKEN.replace('motto = "Pirmyn"', "").replace(', "akmuo"', "").replace('member = "niekas"', ""))
    assert {"identity.primary_colour", "founders.alfa.email", "posts.pradzia.published_on"} <= set(
        refusal(file, capsys)
    )
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
