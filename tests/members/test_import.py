"""Importing members, making synthetic ones, and the codes of organisations."""

import os
import re
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from cluster_portal.base.text import clean_line
from cluster_portal.country.lt.codes import company_code_is_valid, vat_code_is_valid
from cluster_portal.country.lt.places import Places
from members.directory.export import CSV_COLUMNS
from members.models import Area, Member, Municipality, Representative, Tag
from members.models.tags import join_tags, split_tags
from tests import factories

pytestmark = pytest.mark.django_db
CASES = Path(__file__).parents[1] / "cases"


def load(tmp_path, content: str | bytes, **options) -> tuple[str, str]:
    file = tmp_path / "members.csv"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    out, err = StringIO(), StringIO()
    try:
        call_command("import_members", file, stdout=out, stderr=err, **options)
    except CommandError as error:
        err.write(str(error))
    return out.getvalue(), err.getvalue()


@pytest.mark.parametrize("start", ["", "\ufeff"])
@pytest.mark.parametrize("mark", [",", ";"])
def test_both_separators_with_and_without_bom(tmp_path, start, mark):
    rows = [
        ["name", "company_code", "municipality", "areas", "offers", "joined_on"],
        ["BaltLed", "301844044", "Kauno m. sav.", "bendradarbiavimas|bendra-rinkodara", "LED|optika", "2020-04-27"],
    ]
    out, err = load(tmp_path, start + "\r\n".join(mark.join(row) for row in rows))
    nameless = "Offers and needs without an English name: 2. To give them names: http://127.0.0.1:8000/admin/members/tag/?name_en__isempty=1"
    assert (out, err) == (f"+ BaltLed\n{nameless}\n1 added, 0 updated, 0 unchanged.\n", "")
    member = Member.objects.get()
    assert (member.municipality_id, member.areas.count(), member.offers) == ("LT-15", 2, ["LED", "optika"])


def test_by_code_else_by_name_and_again_unchanged(tmp_path):
    factories.member("Senas", company_code="301844044")
    factories.member("Aedilis")
    csv = "name,company_code,website\nNaujas,301844044,a.example.org\nAEDILIS,,\n"
    assert load(tmp_path, csv)[0].splitlines()[-1] == "0 added, 2 updated, 0 unchanged."
    assert load(tmp_path, csv)[0].splitlines()[-1] == "0 added, 0 updated, 2 unchanged."
    assert set(Member.objects.values_list("name", flat=True)) == {"Naujas", "AEDILIS"}


def test_a_dry_run_changes_nothing(tmp_path):
    out, _err = load(tmp_path, "name\nX\n", dry_run=True)
    assert (out.splitlines()[0], Member.objects.count()) == ("+ X", 0)


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("name,company_code\nA,301844044\nB,301844045\n", "line 3, column company_code: The check digit"),
        ("name,company_code\nA,301844044\nB,301844044\n", "line 3, column company_code: The same organisation"),
        ("name,company_code\nA,12\n", "line 2, column company_code: A company code has nine digits"),
        ("name,company_code\nA,١٢٣٤٥٦٧\n", "line 2, column company_code: A company code has nine digits"),
        ("name\nA\nA\n", "line 3, column name: The same organisation as in line 2."),
        ('name,address\n"A","x\ny"\n,b\n', "line 4, column name: The name is missing."),
        ("name,kind\nA,firm\n", "line 2, column kind: “firm” is not one of"),
        ("name,vat_code\nA,LT1\n", "line 2, column vat_code"),
        ("name,municipality\nA,Paris\n", "line 2, column municipality: “Paris” is not a municipality"),
        ("name,areas\nA,x\n", "line 2, column areas: “x” is not an area"),
        ("name,founded\nA,soon\n", "line 2, column founded"),
        ("name,founded\nA,3000\n", "line 2, column founded"),
        ("name,joined_on\nA,2020-13-01\n", "line 2, column joined_on"),
        ("name,email\nA,x\n", "line 2, column email"),
        ("name,phone\nA,12\n", "line 2, column phone"),
        ("name,website\nA,java script\n", "line 2, column website"),
        ("name,summary_lt\nA," + "x" * 201, "line 2, column summary_lt"),
        ("name,kind\nA,,,b\n", "line 2, column kind: the row has 4 cells, the header 2."),
        ("name,,kind\nA,b,\n", "line 2, column 2: the column has no name in the header."),
        ("sep=;\nname;nom\nA;b\n", "line 2, column nom: unknown"),
        ("sep=;\nname;kind\n\nA;b\n", "line 4, column kind: “b” is not one of"),
        ("nom\nA\n", "line 1: the header"),
        ("name,nom\nA,b\n", "line 1, column nom: unknown"),
        ("", "line 1: the header"),
        ("name\nA\nŽ\n".encode("cp1257"), "line 3: the file is not in UTF-8"),
        ("name\n" + "x" * 200000, "field larger than field limit"),
    ],
)
def test_a_bad_row_is_named_and_nothing_is_imported(tmp_path, content, fault):
    _out, err = load(tmp_path, content)
    assert fault in err
    assert Member.objects.count() == 0


def test_what_excel_makes_of_a_file_is_read(tmp_path):
    csv = '\ufeffname;phone;description_lt;joined_on\r\n"Alfa; UAB";37060000001;"Pirma\r\n""antra""";2021-03-05\r\n;;;\r\n'
    assert load(tmp_path, csv) == ("+ Alfa; UAB\n1 added, 0 updated, 0 unchanged.\n", "")
    member = Member.objects.get()
    assert (str(member.phone), member.description_lt) == ("+37060000001", 'Pirma\n"antra"')


@pytest.mark.parametrize("encoding", ["cp1257", "utf-16"])
def test_a_file_in_another_encoding_is_told_how_to_be_saved(tmp_path, encoding):
    _out, err = load(tmp_path, "name\nŽalgiris\n".encode(encoding))
    assert "the file is not in UTF-8. Save it as “CSV UTF-8”." in err


def test_a_dry_run_shows_what_would_change_from_what_to_what(tmp_path):
    member = factories.member("Alfa", website="https://a.example.org/", summary_lt="x" * 100)
    csv = "name,website,areas,summary_lt\nAlfa,https://b.example.org/,bendradarbiavimas,Nauja\n"
    out, _err = load(tmp_path, csv, dry_run=True)
    change = f"~ Alfa: website “https://a.example.org/” → “https://b.example.org/”, summary_lt “{'x' * 60}…” → “Nauja”, areas"
    assert out.startswith(change)
    assert out.endswith("Dry run, nothing was changed: 0 added, 1 updated, 0 unchanged.\n")
    assert list(Member.objects.values_list("website", "summary_lt")) == [("https://a.example.org/", "x" * 100)]
    assert member.areas.count() == 0


def test_an_update_leaves_the_columns_that_the_file_has_not(tmp_path):
    member = factories.member("Alfa", website="https://a.example.org/", is_founder=True, status="suspended")
    member.areas.set(Area.objects.all()[:3])
    changed = member.updated_at
    load(tmp_path, "name,employees\nAlfa,5\n")
    member.refresh_from_db()
    assert (member.website, member.is_founder, member.status) == ("https://a.example.org/", True, "suspended")
    assert (member.employees, member.areas.count(), member.updated_at > changed) == (5, 3, True)
    assert member.events.count() == 2  # the history has it


def test_of_two_members_with_one_name_none_is_guessed(tmp_path):
    factories.member("Alfa"), factories.member("ALFA")
    _out, err = load(tmp_path, "name\nAlfa\n")
    assert "line 2, column name: 2 members have this name: give the company code." in err


def test_namesakes_with_codes_of_their_own_are_two_organisations(tmp_path):
    csv = "name,company_code\nAlfa,301844044\nAlfa,121215434\n"
    assert load(tmp_path, csv)[0].splitlines()[-1] == "2 added, 0 updated, 0 unchanged."
    assert set(Member.objects.values_list("slug", flat=True)) == {"alfa", "alfa-2"}
    assert load(tmp_path, csv)[0] == "0 added, 0 updated, 2 unchanged.\n"


def test_the_command_ends_with_status_1_and_every_fault_named(tmp_path):
    file = tmp_path / "members.csv"
    file.write_text("name,kind,founded\nA,firma,x\nB,,\n,,\n", encoding="utf-8")
    command = [sys.executable, "manage.py", "import_members", file]
    name = connection.settings_dict["NAME"]
    url = os.environ["DATABASE_URL"]
    environment = {**os.environ, "DATABASE_URL": re.sub(r"/\w+(?=\?|$)", f"/{name}", url)}
    done = subprocess.run(command, cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert [line.partition(":")[0] for line in done.stderr.splitlines() if line.startswith("line ")] == [
        "line 2, column kind", "line 2, column founded",
    ]  # fmt: skip
    assert "Nothing was imported: 2 error(s)" in done.stderr


def test_many_rows_take_few_queries(tmp_path, django_assert_max_num_queries):
    rows = "".join(
        f"Narys {number};{factories.company_code(number)};bendradarbiavimas|bendra-rinkodara\n"
        for number in range(2000)
    )
    with django_assert_max_num_queries(30):
        out, err = load(tmp_path, f"name;company_code;areas\n{rows}")
    assert (out.splitlines()[-1], err) == ("2000 added, 0 updated, 0 unchanged.", "")
    with django_assert_max_num_queries(20):
        assert load(tmp_path, f"name;company_code;areas\n{rows}")[0] == "0 added, 0 updated, 2000 unchanged.\n"


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(CommandError, match="No such file"):
        call_command("import_members", tmp_path / "none.csv")


def test_synthetic_members_are_the_same_for_the_same_seed():
    call_command("make_members", 40, seed=7, stdout=StringIO())
    first = list(Member.objects.values_list("name", "company_code", "slug"))
    assert all(company_code_is_valid(code) for _name, code, _slug in first)
    assert Member.objects.filter(is_example=True).count() == 40
    Member.objects.all().delete()
    call_command("make_members", 40, seed=7, stdout=StringIO())
    call_command("make_members", 40, seed=7, stdout=StringIO())
    assert list(Member.objects.values_list("name", "company_code", "slug")) == first


def test_what_synthetic_members_offer_has_english_names_and_is_found_by_them(client):
    mine = factories.member("Mano", offers=["Matavimo paslaugos"])
    Tag.objects.get().rename("matavimai", "measuring")
    call_command("make_members", 60, stdout=StringIO())
    assert [tag.name_lt for tag in Tag.objects.all() if not tag.name_en] == []
    mine.refresh_from_db()
    assert mine.offers == ["matavimai"]  # what people have named stays
    cutters = Member.objects.filter(offers=["lazerinis pjovimas"])
    assert cutters.count() > 0
    assert set(cutters) <= set(Member.objects.search("laser cutting"))
    assert "laser cutting" in client.get("/en/members/?q=laser+cutting").content.decode()


@pytest.mark.parametrize(
    ("code", "holds"),
    [("121215434", True), ("110053842", True), ("301844044", True), ("1234567", True), ("301844045", False),
     ("", False), ("12345678", False), ("٣٠١٨٤٤٠٤٤", False)],
)  # fmt: skip
def test_company_codes(code, holds):
    assert company_code_is_valid(code) is holds


@pytest.mark.parametrize(
    ("code", "holds"), [("LT119511515", True), ("LT100001919017", True), ("LT119511516", False), ("119511515", False)]
)
def test_vat_codes(code, holds):
    assert vat_code_is_valid(code) is holds


@pytest.mark.parametrize(
    ("text", "code"),
    [("LT-15", "LT-15"), ("Kaunas", "LT-15"), ("kauno miestas", "LT-15"), ("Kauno miesto savivaldybė", "LT-15"),
     ("Kauno m. sav.", "LT-15"), ("Kauno rajono savivaldybė", "LT-16"), ("Kauno r. sav.", "LT-16"),
     ("Marijampolė", "LT-25"), ("Marijampolės savivaldybė", "LT-25"), ("Marijampolės sav.", "LT-25"),
     ("Elektrėnų savivaldybė", "LT-08"), ("Pagėgių sav.", "LT-29"), ("Utena", "LT-54"), ("Paryžius", None)],
)  # fmt: skip
def test_municipalities_by_their_usual_names(text, code):
    place = Places(Municipality.objects.all()).find(text)
    assert (place.code if place else None) == code


# What people and spreadsheets leave in a file (tests/cases)


@pytest.mark.parametrize("name", ["sep-line", "short-row", "trailing-empty-columns"])
def test_what_excel_leaves_behind_is_passed_over(tmp_path, name):
    content = (CASES / f"import-excel-{name}-refused.csv").read_bytes()
    out, err = load(tmp_path, content)
    assert (out.splitlines()[-1], err) == ("1 added, 0 updated, 0 unchanged.", "")
    member = Member.objects.get()
    assert member.name.startswith("Bandomoji ")
    assert (member.kind, member.summary_lt) == ("company", "" if name == "short-row" else "tekstas")


def test_an_empty_column_in_the_middle_is_passed_over(tmp_path):
    out, err = load(tmp_path, "name;;kind;\nAlfa;;other;;;\n")
    assert (out.splitlines()[-1], err, Member.objects.get().kind) == ("1 added, 0 updated, 0 unchanged.", "", "other")


def test_a_name_with_two_blanks_is_the_same_member(tmp_path):
    load(tmp_path, (CASES / "import-whitespace-1-first-run-this.csv").read_bytes())
    no_break = "name;kind;summary_lt\nBandomoji\u00a0UAB\u00a0Ąžuolas;company;be NBSP\n"
    assert load(tmp_path, no_break)[0] == "0 added, 0 updated, 1 unchanged.\n"
    out, _err = load(tmp_path, (CASES / "import-whitespace-3-two-spaces-doubles.csv").read_bytes())
    assert out.splitlines()[-1] == "0 added, 1 updated, 0 unchanged."
    assert list(Member.objects.values_list("name", "summary_lt")) == [("Bandomoji UAB Ąžuolas", "dvigubas tarpas")]


def test_a_municipality_written_on_a_mac_is_known(tmp_path):
    load(tmp_path, (CASES / "import-nfd-municipality-refused.csv").read_bytes())
    assert Member.objects.get().municipality_id == "LT-43"


def test_names_written_on_a_mac_are_in_their_places_and_are_found(tmp_path, client):
    load(tmp_path, (CASES / "import-nfd-sorts-wrong.csv").read_bytes())
    names = [member["name"] for member in client.get("/api/v1/members").json()["results"]]
    assert names == ["Svirnas", "Šaltinis", "Šaltis", "Zuikis", "Žalgirio gamykla", "Žara"]
    found = client.get("/api/v1/members", {"q": "šaltinis"}).json()["results"]
    assert [member["summary"] for member in found] == ["gręžimas ir šlifavimas"]


def test_a_year_that_cannot_be_is_named_by_line_and_column(tmp_path):
    _out, err = load(tmp_path, (CASES / "import-joined-in-2062-newest-on-home.csv").read_bytes())
    assert err.splitlines()[:2] == [
        f"line {line}, column joined_on: Give a day from the year 1900 to today." for line in (2, 3)
    ]
    assert Member.objects.count() == 0


def test_an_email_address_is_no_website(tmp_path):
    _out, err = load(tmp_path, (CASES / "import-website-is-email-accepted.csv").read_bytes())
    assert err.splitlines()[0] == (
        "line 2, column website: This is an email address. Enter the address of the website."
    )
    assert load(tmp_path, "name,website\nAlfa,https://example.org/@alfa\n")[1] == ""


def test_invisible_characters_are_dropped_from_every_cell(tmp_path):
    csv = "\ufeffna\u200bme;company_code;email\nAl\u00adfa\0;\u202d110053842\u202c;info@ž\u200b.lt\n\u200b;\u200b;\n"
    assert load(tmp_path, csv) == ("+ Alfa\n1 added, 0 updated, 0 unchanged.\n", "")
    member = Member.objects.get()
    assert (member.name, member.company_code, member.email) == ("Alfa", "110053842", "info@ž.lt")


ODD_TAGS = ["a, b", "c|d", "e;f", '19" rėmai', '"g" h', '"i", j', '""', "=k", "'l", "m\u00a0n"]


def test_tags_read_back_unchanged_whatever_marks_they_have(tmp_path, client, applicant):
    member = factories.member("Alfa", summary_lt="x", offers=ODD_TAGS)
    member.refresh_from_db()
    kept = member.offers
    assert len(kept) == len(ODD_TAGS)
    exported = b"".join(client.get("/nariai/export.csv").streaming_content)
    assert load(tmp_path, exported)[0].endswith("\n0 added, 0 updated, 1 unchanged.\n")
    Representative.objects.create(member=member, user=applicant, role="owner")
    client.force_login(applicant)
    form = client.get("/mano-organizacija/alfa/").context["form"]
    data = {name: form[name].value() for name in form.fields if name != "logo"}
    assert client.post("/mano-organizacija/alfa/", {**data, "summary_lt": "y"}).status_code == 302
    member.refresh_from_db()
    assert (member.offers, member.summary_lt) == (kept, "y")


@given(st.lists(st.text(st.sampled_from('ab ,|;"\n'), min_size=1, max_size=6)), st.sampled_from([", ", "|"]))
def test_a_list_of_tags_is_read_back(tags, mark):
    clean = [tag for tag in map(clean_line, tags) if tag]
    assert split_tags(join_tags(clean, mark)) == clean


def test_what_is_exported_is_what_is_imported():
    assert (
        tuple(
            [
                "name",
                "legal_name",
                "kind",
                "company_code",
                "vat_code",
                "municipality",
                "address",
                "website",
                "email",
                "phone",
                "areas",
                "summary_lt",
                "summary_en",
                "description_lt",
                "description_en",
                "offers",
                "seeks",
                "founded",
                "employees",
                "joined_on",
            ]
        )
        == CSV_COLUMNS
    )
