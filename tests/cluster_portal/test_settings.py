"""The settings: what production refuses, and what it is like when it runs."""

import os
import re
import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from allauth.account.adapter import get_adapter
from django.contrib.staticfiles.finders import get_finders
from django.db import connection, transaction
from django.test import Client, RequestFactory

from cluster_portal.local_services.folder import ROOT

PRODUCTION = {
    "SECRET_KEY": "".join(chr(33 + number % 90) for number in range(0, 360, 5)),
    "DATABASE_URL": "postgres://portal@127.0.0.1:1/portal",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "ALLOWED_HOSTS": "klasteris.example.org",
    "SITE_URL": "https://klasteris.example.org",
}


NOT_IN_PRODUCTION = ("DEMO", "DEBUG", "DJANGO_ALLOW_ASYNC_UNSAFE")


def loaded(monkeypatch: pytest.MonkeyPatch, **environment: str) -> dict[str, Any]:
    """The settings as they are with this environment and no other."""
    for name in (*PRODUCTION, "DEBUG", "DEMO", "TRUSTED_PROXY_COUNT", "STORAGE_URL", "EMAIL_URL", "SENTRY_DSN"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return runpy.run_path(str(ROOT / "cluster_portal" / "settings.py"))


@pytest.mark.parametrize("empty", [True, False])
@pytest.mark.parametrize("name", ["SECRET_KEY", "DATABASE_URL", "REDIS_URL", "ALLOWED_HOSTS"])
def test_production_does_not_start_without(name: str, empty: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    environment = {key: value for key, value in PRODUCTION.items() if key != name}
    if empty:
        environment[name] = ""
    with pytest.raises(SystemExit) as refusal:
        loaded(monkeypatch, **environment)
    assert refusal.value.code == (f"The portal does not start: set {name} in the environment (see .env.example).")


def test_production_names_everything_that_is_missing_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SystemExit, match="set SECRET_KEY, DATABASE_URL, REDIS_URL, ALLOWED_HOSTS in"):
        loaded(monkeypatch)


def test_a_developer_names_the_services_or_runs_them(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SystemExit, match="set REDIS_URL in the environment"):
        loaded(monkeypatch, DEBUG="1", DATABASE_URL=PRODUCTION["DATABASE_URL"])


def test_settings_load_without_the_local_services_and_tasks_are_our_own_celerys() -> None:
    code = (
        "import sys, django; django.setup(); from cluster_portal.mail.tasks import deliver; "
        "print(deliver.app.main, [name for name in sys.modules if 'local_services' in name])"
    )
    kept = {name: value for name, value in os.environ.items() if name not in NOT_IN_PRODUCTION}
    environment = {**kept, **PRODUCTION, "DJANGO_SETTINGS_MODULE": "cluster_portal.settings"}
    said = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert (said.stdout, said.stderr) == ("cluster_portal []\n", "")


def test_djangos_deployment_check_finds_nothing_with_production_settings() -> None:
    kept = {name: value for name, value in os.environ.items() if name not in NOT_IN_PRODUCTION}
    check = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "DEBUG"],
        cwd=ROOT,
        env={**kept, **PRODUCTION},
        capture_output=True,
        text=True,
    )
    assert (check.stderr, check.stdout) == ("", "System check identified no issues (0 silenced).\n")


def test_each_worker_of_the_tests_has_a_broker_database_and_a_folder_of_its_own(settings) -> None:
    assert os.environ["REDIS_URL"] == settings.REDIS_URL
    assert Path(os.environ["DATA_DIR"]) == settings.DATA_DIR
    if worker := os.environ.get("PYTEST_XDIST_WORKER"):
        assert settings.REDIS_URL.endswith(f"/{int(worker.removeprefix('gw')) + 1}")


def test_what_is_collected_is_what_pages_name() -> None:
    collected = {
        "/".join(filter(None, [getattr(storage, "prefix", ""), path]))
        for finder in get_finders()
        for path, storage in finder.list([])
    }
    named = set()
    for template in (ROOT / "templates").rglob("*.html"):
        named |= set(re.findall(r"""{% static ["']([^"']+)["']""", template.read_text()))
    assert "bootstrap/css/bootstrap.min.css" in named
    assert named - collected == set()
    assert "bootstrap/css/bootstrap.rtl.css" not in collected


def test_https_brings_secure_cookies_hsts_and_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    names = (
        "SESSION_COOKIE_SECURE",
        "CSRF_COOKIE_SECURE",
        "SECURE_SSL_REDIRECT",
        "SECURE_HSTS_SECONDS",
        "DEMO",
        "DEBUG",
        "ALLAUTH_TRUSTED_PROXY_COUNT",
    )
    settings = loaded(monkeypatch, **PRODUCTION)
    assert [settings[name] for name in names] == [True, True, True, 31536000, False, False, 1]
    settings = loaded(monkeypatch, **{**PRODUCTION, "SITE_URL": "http://127.0.0.1:8000"})
    assert [settings[name] for name in names] == [False, False, False, 0, False, False, 0]
    assert loaded(monkeypatch, **PRODUCTION, TRUSTED_PROXY_COUNT="2")["ALLAUTH_TRUSTED_PROXY_COUNT"] == 2


@pytest.mark.parametrize(
    ("proxies", "forwarded", "client"),
    [
        (0, "203.0.113.7", "192.0.2.1"),  # nobody is trusted to say so
        (1, None, "192.0.2.1"),
        (1, "203.0.113.7", "203.0.113.7"),
        (1, "10.9.9.9, 203.0.113.7", "203.0.113.7"),  # the first was made up by the client
        (2, "10.9.9.9, 203.0.113.7, 198.51.100.4", "203.0.113.7"),
        (1, "2001:db8::7", "2001:db8::7"),
    ],
)
def test_the_clients_address_is_what_our_own_proxy_saw(proxies, forwarded, client, settings) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    request = RequestFactory().get("/", headers=headers, REMOTE_ADDR="192.0.2.1")
    assert get_adapter().get_client_ip(request) == client


def test_log_in_limits_count_each_client_behind_the_proxy(client, settings, db) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    settings.ACCOUNT_RATE_LIMITS = {"login": "2/m/ip"}

    def status(address: str) -> int:
        form = {"login": "nera@example.org", "password": "wrong"}
        return client.post("/paskyra/login/", form, headers={"X-Forwarded-For": address}).status_code

    assert [status("203.0.113.7") for _ in range(3)] == [200, 200, 429]
    assert status("203.0.113.8") == 200


def test_a_bucket_is_named_by_one_url_and_never_overwrites_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    url = "s3://key:se%2Fcr%2Bet@s3.example.org:9000/portal?region=lt-1"
    settings = loaded(monkeypatch, **PRODUCTION, STORAGE_URL=url)
    assert settings["STORAGES"]["private"] == {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": "portal",
            "location": "private",
            "endpoint_url": "https://s3.example.org:9000",
            "region_name": "lt-1",
            "access_key": "key",
            "secret_key": "se/cr+et",
            "default_acl": None,
            "file_overwrite": False,
        },
    }
    plain = loaded(monkeypatch, **PRODUCTION, STORAGE_URL="s3://k:s@127.0.0.1:9000/portal?tls=0")["STORAGES"]
    assert plain["default"]["OPTIONS"]["endpoint_url"] == "http://127.0.0.1:9000"
    assert plain["default"]["OPTIONS"]["location"] == "media"


@pytest.mark.parametrize(
    ("process", "given", "answer"),
    [("cluster_portal.wsgi", {}, "10s"), ("cluster_portal.wsgi", {"STATEMENT_TIMEOUT": "0"}, "0"),
     ("cluster_portal.celery", {"STATEMENT_TIMEOUT": "10"}, "0")],
)  # fmt: skip
def test_the_web_server_alone_gives_a_slow_statement_up(
    django_db_setup: None, process: str, given: dict[str, str], answer: str
) -> None:
    code = f"import django, {process}; django.setup(); from django.db import connection; " + (
        "cursor = connection.cursor(); cursor.execute('SHOW statement_timeout'); print(cursor.fetchone()[0])"
    )
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "cluster_portal.settings", **given}
    shown = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert shown.stdout.strip() == answer


@pytest.mark.django_db
def test_what_took_too_long_is_told_in_a_readable_page(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(*_args: object) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = '50ms'")
            cursor.execute("SELECT pg_sleep(5)")

    monkeypatch.setattr("members.directory.facets.count", slow)
    client.raise_request_exception = False
    response = client.get("/nariai/?q=metalas")
    assert (response.status_code, "Pabandykite dar kartą" in response.content.decode()) == (503, True)
