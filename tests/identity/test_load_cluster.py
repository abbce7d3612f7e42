"""Laying a cluster out from its file: once, whatever people do to it afterwards; and not at all where it has a fault."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import CommandError, call_command

from cluster_portal.identity import layout
from cluster_portal.identity.models import Identity, LaidOut
from members.models import Area, Member
from news.models import Post

pytestmark = pytest.mark.django_db
FIRST = r"Gamybos inovacij|Production Innovation Valley|Pažangios inovacijos|Prezicika|BaltLed|Proftools|Aedilis"


def rows() -> dict[str, list]:
    """Every row of the portal's own tables."""
    ours = ("identity", "members", "news", "applications")
    models = [model for label in ours for model in apps.get_app_config(label).get_models()]
    return {model._meta.label: list(model._base_manager.order_by("pk").values()) for model in models}


def test_loading_it_again_after_people_have_edited_it_changes_nothing():
    call_command("seed_cluster")
    Member.objects.filter(name="Aedilis").update(name="Aedilis ir Ko", slug="kitas-adresas")
    Member.objects.filter(is_coordinator=True).update(name="Naujas koordinatorius", legal_name="")
    Member.objects.filter(slug="marijampoles-lez").update(slug="lez", name="LEZ")
    Post.objects.filter(slug="klasterio-ikurimas").update(slug="pradzia")
    Post.objects.get(slug="klasteris-priima-narius").delete()
    Area.objects.filter(slug="bendra-rinkodara").update(slug="rinkodara", name_lt="Rinkodara", position=9)
    Identity.objects.update(name_lt="Kitas klasteris", primary_colour="#7a1f5c")
    before = rows()
    call_command("seed_cluster")
    call_command("load_cluster", layout.OWN_FILE)
    assert rows() == before


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ('coordinator = "pazangios-inovacijos"', 'coordinator = "nera"', "coordinator: "),
        ('name = "BaltLed"', 'nmae = "BaltLed"', "founders.baltled.nmae: There is no such field."),
        ('municipality = "LT-25"', 'municipality = "LT-99"', "members.marijampoles-lez.municipality: "),
        ('member = "marijampoles-lez"', 'member = "nera"', "posts.marijampoles-lez-tapo-nare.member: "),
        ('primary_colour = "#14532d"', 'primary_colour = "#b0c4b8"', "identity.primary_colour: Against the page’s"),
        ("published_on = 2020-04-27", 'published_on = "seniai"', "posts.klasterio-ikurimas.published_on: "),
        ("published_on = 2020-04-27", "published_on = 0020-04-27", "posts.klasterio-ikurimas.published_on: Give a day"),
        ("formed_on = 2020-04-27", "formed_on = 2062-04-27", "identity.formed_on: Give a day"),
        ("[identity]", "[identity", "line 8"),
    ],
)
def test_a_fault_is_named_by_its_place_and_nothing_is_laid_out(old, new, place, tmp_path, capsys):
    text = layout.OWN_FILE.read_text()
    assert old in text
    file = tmp_path / "klasteris.toml"
    file.write_text(text.replace(old, new, 1))
    before = rows()
    with pytest.raises(CommandError):
        call_command("load_cluster", file)
    assert place in capsys.readouterr().err
    assert rows() == before


def test_a_portal_that_is_laid_out_takes_no_second_cluster(tmp_path, capsys):
    file = tmp_path / "kitas.toml"
    file.write_text(layout.OWN_FILE.read_text().replace('key = "gamybos-inovaciju-slenis"', 'key = "kitas"'))
    with pytest.raises(CommandError):
        call_command("load_cluster", file)
    assert "key: This portal is laid out already" in capsys.readouterr().err
    assert LaidOut.objects.filter(table="founders").count() == 0


def test_no_file_but_the_data_file_names_the_cluster_or_its_founders():
    exempt = [":!cluster_portal/identity/data/", ":!tests/", ":!docs/", ":!README.md", ":!CHANGELOG.md"]
    file = tomllib.loads(layout.OWN_FILE.read_text())
    identity = file["identity"]
    names = [identity[name] for name in identity if "name" in name or name.endswith("_colour")]
    names += [one["name"] for table in ("founders", "members") for one in file[table].values()]
    names += re.findall(r' d="([^"]{8,})"', identity["mark"])
    assert len(names) > 15
    found = subprocess.run(
        ["git", "grep", "-nIiE", "|".join([FIRST, *map(re.escape, names)]), "--", *exempt],
        cwd=Path(settings.BASE_DIR), capture_output=True, text=True,
    )  # fmt: skip
    assert found.stdout == ""
