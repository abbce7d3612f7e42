"""What people type of an organisation is kept in one form, wherever they type it: applying, at the desk, in a CSV file."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from applications.models import Application
from members.models import Member
from tests import factories

pytestmark = pytest.mark.django_db
PASTED_CODES = (Path(__file__).parents[1] / "cases" / "company-codes-invisible-refused.txt").read_text().splitlines()

# field → (as it is kept, ways to type it)
TYPED = {
    "company_code": (
        "110053842",
        [
            *PASTED_CODES,
            "110 053 842",
            "110\u00a0053\u00a0842",
            "110-053-842",
            "110\u2011053\u2011842",
            "110.053.842\t",
        ],
    ),
    "vat_code": (
        "LT119511515",
        ["LT 119 511 515", "lt119511515", "119511515", "LT-119\u00a0511\u00a0515", "\u200eLT119511515"],
    ),
    "phone": (
        "+37061234567",
        ["8 612 34567", "(8-612)\u00a034567", "+370-612-34567", "+370\u2011612\u201134567", "\u202d+37061234567\u202c"],
    ),
    "email": (
        "info@žalgiris.lt",
        ["info@žalgiris.lt", "info@ŽALGIRIS.LT\u00a0", "info@z\u030calgiris.lt", "info@XN--algiris-cxb.lt"],
    ),
    "website": ("https://žalgiris.lt", ["žalgiris.lt", "\u00a0https://Žalgiris.lt \ufeff", "xn--algiris-cxb.lt"]),
    "joined_on": ("2020-04-27", ["2020.04.27", "2020 04\u00a027", "27.04.2020", "2020-04-27\u00a0"]),
}
WAYS = [(field, kept, typed) for field, (kept, ways) in TYPED.items() for typed in ways]
OF_AN_APPLICATION = {"phone": "contact_phone", "email": "contact_email"}


@pytest.mark.parametrize(("field", "kept", "typed"), [way for way in WAYS if way[0] != "joined_on"])
def test_by_an_applicant(client, applicant, field, kept, typed):
    client.force_login(applicant)
    name = OF_AN_APPLICATION.get(field, field)
    section = "contact" if field in OF_AN_APPLICATION else "organisation"
    draft = factories.application(applicant)
    client.post(f"/prasymai/{draft.pk}/{section}/", {"name": "Alfa", "kind": "company", name: typed, "later": "1"})
    assert str(getattr(Application.objects.get(), name)) == kept


@pytest.mark.parametrize(("field", "kept", "typed"), WAYS)
def test_at_the_desk(client, coordinator, field, kept, typed):
    client.force_login(coordinator)
    member = factories.member("Alfa")
    page = f"/admin/members/member/{member.pk}/change/"
    form = client.get(page).context["adminform"].form
    data = {name: value for name in form.fields if name != "logo" and (value := form[name].value())}
    rows = dict.fromkeys(("representatives-TOTAL_FORMS", "representatives-INITIAL_FORMS"), "0")
    answer = client.post(page, data | rows | {field: typed})
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    member.refresh_from_db()
    assert str(getattr(member, field)) == kept


@pytest.mark.parametrize(("field", "kept", "typed"), WAYS)
def test_in_a_file(tmp_path, field, kept, typed):
    file = tmp_path / "members.csv"
    file.write_text(f"name;{field}\nAlfa;{typed}\n")
    call_command("import_members", file, stdout=StringIO())
    assert str(getattr(Member.objects.get(), field)) == kept


@pytest.mark.parametrize(
    ("code", "refusal"),
    [
        ("LT 110 053 842", "Įmonės kodą sudaro devyni skaitmenys (senesnį – septyni)."),
        ("110 053 842 1", "Įmonės kodą sudaro devyni skaitmenys (senesnį – septyni)."),
    ],
)
def test_what_is_no_company_code_is_refused_once_at_the_desk_as_when_applying(
    client, coordinator, applicant, code, refusal
):
    member = factories.member("Alfa")
    client.force_login(coordinator)
    answer = client.post(f"/admin/members/member/{member.pk}/change/", {"company_code": code})
    assert answer.context["adminform"].form.errors["company_code"] == [refusal]
    client.force_login(applicant)
    answer = client.post("/prasymai/naujas/", {"name": "Alfa", "kind": "company", "company_code": code})
    assert answer.context["form"].errors["company_code"] == [refusal]
