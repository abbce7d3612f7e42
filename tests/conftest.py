"""The tests' real parts and the known cast of people.

Without DATABASE_URL / REDIS_URL the controller starts PostgreSQL and Valkey of its own in a temporary folder; the
xdist workers inherit the addresses, and each has a database and a broker database of its own.
"""

import os
import shutil
import tempfile
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import django
import pytest

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # playwright's loop runs beside Django's ORM


def pytest_configure(config: pytest.Config) -> None:
    """Start the services, or as a worker take a share of them, and load Django with them."""
    for name in ("EMAIL_URL", "SENTRY_DSN", "STORAGE_URL", "SITE_URL", "CSRF_TRUSTED_ORIGINS", "DEFAULT_FROM_EMAIL"):
        os.environ.pop(name, None)
    os.environ.update(
        DEBUG="0",
        DEMO="1",
        SECRET_KEY="of-the-tests-" + "x" * 50,
        ALLOWED_HOSTS="localhost,127.0.0.1,testserver",
    )
    if hasattr(config, "workerinput"):
        take_a_share(config.workerinput["workerid"])
    else:
        start_services(config)
    os.environ["DJANGO_SETTINGS_MODULE"] = "cluster_portal.settings"  # not before
    django.setup()  # pytest-django does it only in processes that find the settings in their environment
    from django.db.models.signals import post_migrate

    post_migrate.connect(lay_out_the_cluster)
    settle_for_tests()
    if config.getoption("numprocesses", None):
        # pytest-django in a worker would read the settings by this name before the worker took its share.
        del os.environ["DJANGO_SETTINGS_MODULE"]


def settle_for_tests() -> None:
    """Plain static files, quick password hashing, and a cache that is waited for.

    After a request's one second the cache is done without, and limits and kept pages are not there. Public pages are made
    each time: a test writes and looks in one transaction, in less time than a change may take to be seen.
    `tests/page_cache/` turns their keeping on.
    """
    from django.conf import settings

    settings.CACHES["default"]["OPTIONS"].update(socket_connect_timeout=60, socket_timeout=60)
    settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.PAGE_CACHE = False


def pytest_runtest_setup() -> None:
    """Begin no test in the last half minute of a day: what it works out itself would be of another day than the portal's."""
    for zone in (ZoneInfo("Europe/Vilnius"), UTC):
        now = datetime.now(zone)
        left = 24 * 3600 - (now.hour * 3600 + now.minute * 60 + now.second)
        if left <= 30:
            time.sleep(left)


def take_a_share(worker: str) -> None:
    """Give this xdist worker a broker database and a folder of its own."""
    number = int(worker.removeprefix("gw")) + 1
    os.environ["REDIS_URL"] = f"{os.environ['REDIS_URL'].rpartition('/')[0]}/{number}"
    os.environ["DATA_DIR"] = f"{os.environ['DATA_DIR']}/{number}"
    Path(os.environ["DATA_DIR"], "static").mkdir(parents=True)  # whitenoise wants its folder


def start_services(config: pytest.Config) -> None:
    """Start PostgreSQL and Valkey where none are given, to be stopped with the tests."""
    from cluster_portal.local_services.backing import BackingServices

    folder = Path(tempfile.mkdtemp(prefix="portal-tests-"))
    services = BackingServices(
        folder / "services",
        database_url=os.environ.get("DATABASE_URL", ""),
        redis_url=os.environ.get("REDIS_URL", ""),
        durable=False,
    )
    services.start()

    def stop() -> None:
        services.stop()
        shutil.rmtree(folder, ignore_errors=True)

    config.add_cleanup(stop)
    os.environ.update(
        DATABASE_URL=services.database_url,
        REDIS_URL=services.redis_url,
        DATA_DIR=str(folder / "data"),
    )
    (folder / "data" / "static").mkdir(parents=True)


def lay_out_the_cluster(sender, **details):
    """Our cluster's identity and areas, and the places: in a new database, and again after a transactional test's flush.

    Its members and posts are the tests' own.
    """
    from importlib import import_module

    from django.apps import apps

    from cluster_portal.identity import layout

    if sender is not apps.get_app_config("identity"):
        return
    import_module("members.migrations.0003_places").load(apps, None)
    file = layout.read_file(layout.OWN_FILE)
    laid_out: dict[str, int] = {}
    for table in ("identity", "areas"):
        layout.lay_out_table(layout.TABLES[table], file, laid_out)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """The test database; before it is dropped, connections end that killed processes or open browsers left on it."""
    from django.db import connection

    with django_db_blocker.unblock():
        put_back_quickly()
    yield

    database = connection.settings_dict["NAME"]
    # Over a connection of its own: this process's may have been cut by a test of faults.
    with django_db_blocker.unblock(), connection._nodb_cursor() as cursor:
        cursor.execute(f'ALTER DATABASE "{database}" ALLOW_CONNECTIONS false')
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
            " AND usename = current_user AND backend_type = 'client backend'",
            [database],
        )


def put_back_quickly():
    """After a transactional test the rows that migrations have left are put back from copies.

    Django would empty all tables and lay the cluster out again, which takes a second each time. Only a superuser of
    PostgreSQL may leave triggers and foreign keys aside; another's tests go Django's way.
    """
    from django.db import connection, transaction
    from django.test import TransactionTestCase

    with connection.cursor() as cursor:
        cursor.execute("SELECT usesuper FROM pg_user WHERE usename = current_user")
        if cursor.fetchone() != (True,):
            return
        tables = connection.introspection.django_table_names(only_existing=True, include_views=False)
        cursor.execute("CREATE SCHEMA as_migrated")
        # The locks wait for whatever a server or a worker of the test is still writing.
        script = [
            "SET LOCAL session_replication_role = replica",
            f"LOCK TABLE {', '.join(tables)}, public_mark IN ACCESS EXCLUSIVE MODE",
            *(f"DELETE FROM {table}" for table in tables),
            "DELETE FROM public_mark",
            "INSERT INTO public_mark DEFAULT VALUES",
        ]
        for table in tables:
            cursor.execute(f"CREATE TABLE as_migrated.{table} AS TABLE public.{table}")
            if cursor.rowcount:
                cursor.execute(
                    "SELECT string_agg(quote_ident(attname), ', ') FROM pg_attribute WHERE attrelid = %s::regclass"
                    " AND attnum > 0 AND NOT attisdropped AND attgenerated = ''",
                    [table],
                )
                columns = cursor.fetchone()[0]
                script.append(f"INSERT INTO {table} ({columns}) SELECT {columns} FROM as_migrated.{table}")

    def put_back(test):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("; ".join(script))

    pytest.MonkeyPatch().setattr(TransactionTestCase, "_fixture_teardown", put_back)


@pytest.fixture(scope="module")
def module_folder(tmp_path_factory):
    return tmp_path_factory.mktemp("module")


@pytest.fixture(scope="module")
def module_rows(django_db_setup, django_db_blocker, module_folder):
    """A transaction around all tests of a module: rows and files that are written `with module_rows():`, in a fixture of its
    scope, all of them find, each in a savepoint of its own. Not for a module with tests that commit.
    """
    from django.db import transaction
    from django.test import override_settings

    @contextmanager
    def opened():
        with django_db_blocker.unblock(), override_settings(STORAGES=storages_in(module_folder)):
            yield

    with django_db_blocker.unblock(), transaction.atomic():
        with django_db_blocker.block():
            yield opened
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def clean_slate(request, settings, tmp_path):
    """An empty cache, no language, and files in a folder of the test's own, or of its module's."""
    from django.core.cache import cache
    from django.utils import translation

    translation.deactivate()  # a request of the test before may have left its language
    shared = "module_rows" in request.fixturenames
    settings.STORAGES = storages_in(request.getfixturevalue("module_folder") if shared else tmp_path)
    cache.clear()


def storages_in(folder: Path) -> dict[str, dict]:
    """The storages with their files in this folder."""
    from django.conf import settings

    backend = "django.core.files.storage.FileSystemStorage"
    return {
        **settings.STORAGES,
        "default": {"BACKEND": backend, "OPTIONS": {"location": folder / "media", "base_url": "/media/"}},
        "private": {"BACKEND": backend, "OPTIONS": {"location": folder / "private", "base_url": None}},
    }


@pytest.fixture
def founders(db):
    """The five founders of the seed, each with one voter (`founder.voter`); the third coordinates."""
    from tests import factories

    return factories.founders()


@pytest.fixture
def coordinator(db):
    """The coordinator's person: staff."""
    from tests import factories

    return factories.person("coordinator@example.org", is_staff=True)


@pytest.fixture
def applicant(db):
    """A person who applies, with a verified address."""
    from tests import factories

    return factories.person("applicant@example.org")


@pytest.fixture
def bare(db):
    """A portal that no cluster has been laid out on."""
    from tests import factories

    factories.bare_portal()


@pytest.fixture
def superuser(db):
    """The person who runs the server: the first to log in."""
    from tests import factories

    return factories.person("superuser@example.org", is_staff=True, is_superuser=True)
