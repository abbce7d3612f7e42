"""Whoever saves a member waits for the table of members before any row is locked: nobody waits for one that waits for them."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import models
from django.test import Client
from django.urls import reverse

from cluster_portal.base.database import lock_table
from members.desk.founders import PART_CHANGES, change_part
from members.desk.membership import change_status
from members.models import Member, Representative, Tag
from tests import factories
from tests.processes import after

pytestmark = pytest.mark.django_db(transaction=True)
Act = tuple[models.Model, Callable[[], Any]]  # a row that it writes, and what writes it


def status(member: Member) -> Act:
    return member, lambda: change_status(member, Member.Status.SUSPENDED)


def part(member: Member) -> Act:
    return member, lambda: change_part(member, PART_CHANGES["found"])


def posted(member: Member, address: str, person: Any, **rows: str) -> Act:
    """The page's form, sent as it was opened."""
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get(address).context
    form = page["adminform"].form if "adminform" in page else page["form"]
    data = {name: value for name in form.fields if name != "logo" and (value := form[name].value())}

    def post() -> None:
        assert client.post(address, {**data, **rows}).status_code == 302

    return member, post


def desks_form(member: Member) -> Act:
    rows = dict.fromkeys(("representatives-TOTAL_FORMS", "representatives-INITIAL_FORMS"), "0")
    address = reverse("admin:members_member_change", args=[member.pk])
    return posted(member, address, factories.person(is_staff=True), company_code="301844044", **rows)


def representatives_form(member: Member) -> Act:
    owner = factories.person()
    Representative.objects.create(member=member, user=owner, role=Representative.Role.OWNER)
    return posted(member, reverse("edit-organisation", args=[member.slug]), owner, summary_lt="Nauja santrauka.")


def tags_name(member: Member) -> Act:
    tag = Tag.objects.create(name_lt="lazeriai")
    return tag, lambda: tag.rename("lazerinis pjovimas", "laser cutting")


def merging(member: Member) -> Act:
    tag, other = (Tag.objects.create(name_lt=name) for name in ("lazeriai", "lazerinis pjovimas"))
    return other, lambda: tag.absorb(Tag.objects.all())


@pytest.mark.parametrize("act", [status, part, desks_form, representatives_form, tags_name, merging])
def test_who_holds_the_table_comes_to_the_row_while_another_waits_to_write_it(act):
    row, write = act(factories.member("Alfa"))
    same = type(row)._base_manager.filter(pk=row.pk)
    after(lambda: lock_table(Member), write, lambda: list(same.select_for_update(nowait=True)))
