"""`make run` brings the database and the files up to date: in a process of its own, since it loads Django.

Only here are the packages of requirements.txt imported.
"""

import hashlib
import io
import os
import sys

import django
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import Error, connection

from cluster_portal.base.cache import redis_answers
from cluster_portal.local_services.folder import log_ins_file
from cluster_portal.local_services.postgres import database_url
from cluster_portal.local_services.versions import misfit


def prepare() -> None:
    """Brings the database and the files up to date, or ends the process with one sentence that says why not."""
    django.setup()
    if refusal := silence() or other_version():
        print(refusal, file=sys.stderr)
        sys.exit(os.EX_CONFIG)
    print("Migrating the database …", flush=True)
    call_command("migrate", verbosity=0)
    log_ins_file(settings.DATA_DIR).write_text(seed())
    collect_static_files()


def silence() -> str:
    """That the database or the broker of the settings does not answer, in one sentence; else empty."""
    try:
        connection.ensure_connection()
        return "" if redis_answers() else "The broker does not answer: start it, or correct REDIS_URL."
    except (Error, ImproperlyConfigured) as error:
        reason = str(error).splitlines()[0].removesuffix(".")
        return f"The database cannot be used: {reason}. Start it, or correct DATABASE_URL."
    except ValueError as error:
        return f"The broker cannot be used: {error}. Correct REDIS_URL."


def other_version() -> str:
    """That another version of the portal made the data, in one sentence; else empty. Nothing is changed."""
    if not (reason := misfit()):
        return ""
    if database_url(settings.DATA_DIR) != settings.DATABASE_URL:
        return f"The database is of another version of the portal ({reason}): set DATABASE_URL to a new, empty one."
    return (
        f"The data in {settings.DATA_DIR} are of another version of the portal ({reason}): "
        "empty them with “make reset”, or keep them and set DATA_DIR to another folder."
    )


def seed() -> str:
    """Loads the cluster, and a demo's accounts and examples; returns what is said of who may log in to a demo."""
    if not settings.DEMO:
        print("Loading the cluster …", flush=True)
        call_command("seed_cluster")
        return ""
    print("Loading the cluster and its demo …", flush=True)
    said = io.StringIO()
    call_command("seed_demo", stdout=said)
    return said.getvalue()


def collect_static_files() -> None:
    """Collects and compresses the static files where they have changed: it takes longer than all else."""
    seen = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list([]):
            found = os.stat(storage.path(path))
            seen.update(f"{path}\0{found.st_size}\0{found.st_mtime_ns}\n".encode())
    files, stamp = seen.hexdigest(), settings.DATA_DIR / "static.stamp"
    if not stamp.exists() or stamp.read_text() != files:
        print("Collecting and compressing the static files …", flush=True)
        call_command("collectstatic", interactive=False, clear=True, verbosity=0)
        stamp.write_text(files)


if __name__ == "__main__":
    prepare()
