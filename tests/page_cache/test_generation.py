"""The generation is another one after every change that a public page shows, whoever makes it, and after no other."""

import io
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import pairwise
from threading import Event
from time import monotonic

import psycopg2
import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from applications.models import Application, DecisionRule
from applications.workflow import admission
from cluster_portal.base.known import known
from cluster_portal.identity.models import Identity
from cluster_portal.mail.models import Announcement, Subscription
from cluster_portal.page_cache.generation import ANSWER_BYTES, BYTES_MAX, Generation, read
from members.desk.areas import remove
from members.models import Area, County, Member, Municipality, Tag
from news.models import Post
from tests import factories
from tests.processes import database_url

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def alfa():
    return factories.member("Alfa", offers=["LED"])


def sql(statement: str):
    with connection.cursor() as cursor:
        cursor.execute(statement)


def copy_in():
    with connection.cursor() as cursor:
        cursor.copy_expert("COPY members_area (slug, name_lt, name_en, description_lt, description_en, position) FROM STDIN",
                           io.StringIO("nauja\tNauja\tNew\t\t\t9\n"))  # fmt: skip


def roll_back_a_part():
    """A change that a savepoint takes back, and after it another one, in one transaction."""
    with transaction.atomic():
        try:
            with transaction.atomic():
                Member.objects.update(phone="+37060000000")
                raise ZeroDivisionError
        except ZeroDivisionError:
            pass
        Area.objects.update(position=3)


CHANGES = {
    "save": lambda: Member.objects.get().save(),
    "update": lambda: Member.objects.update(summary_lt="Kitaip"),
    "bulk_create": lambda: Post.objects.bulk_create([Post(slug="a", title_lt="A", body_lt="A")]),
    "areas of a member": lambda: Member.objects.get().areas.set(Area.objects.all()[:1]),
    "area": lambda: Area.objects.update(name_en="Other"),
    "new area": lambda: Area.objects.create(slug="nauja", name_lt="Nauja", name_en="New"),
    "removed area": lambda: remove(known(Area.objects.first())),
    "municipality": lambda: Municipality.objects.filter(pk="LT-25").update(name_en="Other"),
    "county": lambda: County.objects.update(name_en="Other"),
    "tag": lambda: Tag.objects.get().rename("šviestuvai", "lights"),
    "deletion": lambda: Member.objects.all().delete(),
    "decision rule": lambda: DecisionRule.objects.create(voting_days=9),
    "identity": lambda: Identity.objects.update(licence="zero"),
    "a command": lambda: call_command("make_members", 1, stdout=io.StringIO()),
    "SQL": lambda: sql("UPDATE members_member SET website = 'https://alfa.lt'"),
    "COPY": copy_in,
    "TRUNCATE": lambda: sql("TRUNCATE news_post"),
    "after a savepoint": roll_back_a_part,
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_every_change_makes_another_generation(change, alfa):
    before = read()
    change()
    assert read() != before


def test_an_admission_and_its_decision_make_another_generation(founders, coordinator, applicant):
    approved = factories.approved(applicant, coordinator, founders)
    seen = [read()]
    admission.admit(approved, coordinator)
    seen.append(read())
    Application.objects.filter(pk=approved.pk).update(decided_at=timezone.now())  # the member's page names it
    seen.append(read())
    assert len(set(seen)) == 3


def test_what_no_public_page_shows_leaves_the_generation_alone(founders, coordinator, client):
    before = read()
    draft = factories.application(factories.person())
    Application.objects.filter(pk=draft.pk).update(motivation="Kita")
    Subscription.objects.choose("a@example.org", Announcement.NEWS, True, "lt")
    client.force_login(coordinator, backend="django.contrib.auth.backends.ModelBackend")
    client.get("/admin/")
    assert read() == before


def test_what_is_rolled_back_or_not_yet_committed_leaves_the_generation_alone(alfa):
    before = read()
    with transaction.atomic():
        Member.objects.update(summary_lt="Kitaip")
        transaction.set_rollback(True)
    assert read() == before
    with psycopg2.connect(database_url()) as other, other.cursor() as cursor:
        cursor.execute("UPDATE members_member SET summary_lt = 'Kitaip'")
        assert read() == before
    other.close()
    assert read() != before


def test_a_planned_post_that_comes_due_makes_another_generation(monkeypatch):
    def at(moment) -> None:
        monkeypatch.setattr("django.utils.timezone.now", lambda: moment)

    soon = timezone.now() + timedelta(hours=1)
    Post.objects.create(slug="a", title_lt="A", body_lt="A", status="published", published_at=soon)
    Post.objects.create(slug="b", title_lt="B", body_lt="B", published_at=soon - timedelta(seconds=0.1))
    before = read()
    at(soon - timedelta(milliseconds=1))
    assert read() == before
    at(soon)
    assert read() != before


def test_changes_at_once_neither_wait_nor_hide_one_another(alfa):
    """Three open transactions, committed in another order than they began: each commit is another generation."""
    others = [psycopg2.connect(database_url(), options="-c lock_timeout=500ms") for _ in range(3)]
    try:
        for number, other in enumerate(others):
            with other.cursor() as cursor:
                cursor.execute("UPDATE members_area SET position = position + 1 WHERE id = (SELECT id FROM members_area"
                               " ORDER BY slug OFFSET %s LIMIT 1)", [number])  # fmt: skip
        seen = [read()]
        for number in (1, 2, 0):
            others[number].commit()
            seen.append(read())
            Member.objects.update(summary_lt=f"Kitaip {number}")  # takes the marks out that it sees
            seen.append(read())
    finally:
        for other in others:
            other.close()
    assert len(set(seen)) == 7


def test_the_marks_do_not_pile_up(alfa):
    for number in range(30):
        Member.objects.update(summary_lt=f"Kitaip {number}")
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM public_mark")
        assert cursor.fetchone()[0] == 1


def test_a_transaction_of_many_statements_leaves_one_mark_and_takes_no_longer_at_its_end(alfa):
    def third() -> float:
        """The quickest of three hundred: what else goes on on the machine slows some of them, not all."""
        times = []
        for number in range(300):
            begun = monotonic()
            Member.objects.filter(pk=alfa.pk).update(employees=number)
            times.append(monotonic() - begun)
        return min(times)

    with transaction.atomic():
        times = [third() for _ in range(3)]
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM public_mark")
            assert cursor.fetchone()[0] == 1
    assert all(later < 3 * earlier for earlier, later in pairwise(times))


def test_a_process_asks_at_most_twice_a_second(alfa, settings, monkeypatch):
    settings.PAGE_CACHE = True
    process = Generation()
    for moment in (1000.0, 1000.5, 1001.0):
        with CaptureQueriesContext(connection) as queries:
            for later in (0, 0.25, 0.49):
                monkeypatch.setattr("cluster_portal.page_cache.generation.monotonic", lambda now=moment + later: now)
                assert len({process.current() for _ in range(20)}) == 1
        assert len(queries) == 1
    process.doubt()
    with CaptureQueriesContext(connection) as queries:
        process.current()
    assert len(queries) == 1


def test_what_is_made_is_kept_for_its_generation_alone_and_within_bounds():
    process = Generation()
    process.become("one")
    process.keep("before", "a", "old", 3)
    process.keep("one", "b", "new", 3)
    process.keep("one", "c", "too much", BYTES_MAX + 1)
    assert [process.find("one", key) for key in "abc"] == [None, "new", None]
    process.become("two")
    assert [process.find(generation, "b") for generation in ("one", "two")] == [None, None]


def test_the_newest_of_many_things_are_kept():
    process = Generation()
    process.become("one")
    for number in range(10_000):
        process.keep("one", number, number, ANSWER_BYTES)
        assert process.find("one", 0) == 0
    assert process.find("one", 9_999) == 9_999
    assert len(process.made) == BYTES_MAX // ANSWER_BYTES
    assert process.bytes <= BYTES_MAX


def test_nobody_waits_for_another_ones_question_to_the_database(settings, monkeypatch):
    """One thread's reading takes long; meanwhile another reads for itself, and what the first one learnt too late is not believed."""
    settings.PAGE_CACHE = True
    process, asking, answered = Generation(), Event(), Event()

    def slow() -> str:
        asking.set()
        assert answered.wait(30)
        return "old"

    monkeypatch.setattr("cluster_portal.page_cache.generation.read", slow)
    with ThreadPoolExecutor(1) as other:
        first = other.submit(process.current)
        assert asking.wait(30)
        monkeypatch.setattr("cluster_portal.page_cache.generation.read", lambda: "new")
        seen = process.current()
        answered.set()
        assert (seen, first.result(30), process.value) == ("new", "old", "new")


def test_every_table_that_a_public_page_reads_is_watched(client, founders, coordinator, applicant):
    """A page that begins to read another table fails here until the table has its trigger."""
    admitted = admission.admit(factories.approved(applicant, coordinator, founders), coordinator)
    member = Member.objects.get(name=admitted.name)
    member.offers, member.municipality_id = ["LED"], "LT-25"
    member.save()
    post = known(Post.objects.first())
    paths = [
        "/", "/apie/", "/kaip-prisijungti/", "/nariai/", "/nariai/?q=narys&offers=led&county=LT-MR&area=bendradarbiavimas",
        "/nariai/?view=map", "/nariai/?view=matches", member.get_absolute_url(), "/en/members/",
        f"/en/members/{member.slug}/", "/naujienos/", post.get_absolute_url(), "/naujienos/atom.xml", "/sitemap.xml",
        "/api/v1/members", "/api/v1/news", f"/api/v1/members/{member.slug}", "/paieska/?q=narys", "/atviri-duomenys/",
        "/itraukti/", "/itraukti/siena/", "/asmens-duomenys/",
    ]  # fmt: skip
    connection.close()  # the next one says again what its prepared statements read
    with CaptureQueriesContext(connection) as queries:
        assert [client.get(path).status_code for path in paths] == [200] * len(paths)
    asked = " ".join(query["sql"] for query in queries)
    read_tables = set(
        re.findall(r"""(?:FROM|JOIN) "?((?:identity|members|news|applications|public|mail)_\w+)""", asked)
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname LIKE 'public_changed%'")
        watched = {table for (table,) in cursor}
    assert read_tables - watched == set()
    assert len(read_tables) >= 8
    assert "identity_identity" in read_tables
