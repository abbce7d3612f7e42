"""The supervisor, with real processes: what it starts, what it refuses, and that it leaves nothing behind."""

import contextlib
import errno
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psycopg2
import pytest

from cluster_portal.local_services import ROOT, BackingServices, LocalServiceError, check, make_private, socket_dir
from tests.processes import free_port

CONFIGURATION = (
    "DATABASE_URL",
    "REDIS_URL",
    "SECRET_KEY",
    "DEBUG",
    "DEMO",
    "ALLOWED_HOSTS",
    "SITE_URL",
    "PORT",
)
HOLD = (
    "import signal; from cluster_portal.local_services import BackingServices, default_data_dir\n"
    "with BackingServices(default_data_dir()): print('up', flush=True); signal.pause()"
)
PATIENCE = 120  # seconds for what has no limit of its own, on a machine that does other things as well
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can take this position")


def environment(data_dir: Path, **more: str) -> dict[str, str]:
    """An environment as on a fresh machine: nothing configured but the data folder."""
    kept = {name: value for name, value in os.environ.items() if name not in CONFIGURATION}
    return {**kept, "DATA_DIR": str(data_dir), **more}


def processes(data_dir: Path) -> list[str]:
    """The processes that work for this data: by their folder (PostgreSQL, Valkey) or by their DATA_DIR."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            folder, variables = os.readlink(process / "cwd"), (process / "environ").read_bytes().split(b"\0")
            if folder.startswith(str(data_dir)) or os.fsencode(f"DATA_DIR={data_dir}") in variables:
                found.append((process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace"))
        except OSError:
            continue  # it has ended, or is another user's
    return [command for command in found if command]


def left_after(data_dir: Path, seconds: float = 2) -> list[str]:
    """What still works for this data after waiting so long; after an orderly stop only for killed processes to vanish."""
    deadline = time.monotonic() + seconds
    while (left := processes(data_dir)) and time.monotonic() < deadline:
        time.sleep(0.1)
    return left


def limit() -> float:
    """The ten seconds of a later start, and of a stop, here: everything takes longer where much else goes on."""
    return 10 * max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


def supervisor(*arguments: str, **env: str) -> subprocess.Popen[str]:
    """The supervisor in a process of its own."""
    return subprocess.Popen(
        [sys.executable, *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        process_group=0,
        env=env,
    )


def refusal(*arguments: str, **env: str) -> str:
    """What the supervisor says when it ends at once with status 1."""
    process = supervisor("-m", "cluster_portal.local_services", *arguments, **env)
    said = process.communicate(timeout=PATIENCE)[0]
    assert process.returncode == 1
    return said


def one(url: str, query: str) -> object:
    """The one value that a query answers."""
    with contextlib.closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchone()[0]


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path / "data"


def test_data_outlives_a_restart_and_lithuanian_letters_have_both_cases(data_dir: Path) -> None:
    with BackingServices(data_dir) as services:
        assert one(services.database_url, "SELECT lower('ĄČĘĖĮŠŲŪŽ')") == "ąčęėįšųūž"
        connection = psycopg2.connect(services.database_url)
        connection.cursor().execute("CREATE TABLE kept AS SELECT 7 AS n")
        connection.commit()
        connection.close()
        first_broker = services.redis_url
    assert left_after(data_dir) == []
    with BackingServices(data_dir) as services:
        assert one(services.database_url, "SELECT n FROM kept") == 7
        assert services.redis_url == first_broker


@pytest.mark.parametrize("locale", ["C", "lt_LT.UTF-8", "", "nonsense"])
def test_the_database_is_utf8_whatever_the_locale(data_dir: Path, locale: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LANG", "LC_ALL", "LANGUAGE"):
        monkeypatch.setenv(name, locale)
    with BackingServices(data_dir, redis_url="redis://given", durable=False) as services:
        query = "SELECT {} FROM pg_database WHERE datname = current_database()"
        assert one(services.database_url, query.format("datctype")) == "C.UTF-8"
        assert one(services.database_url, query.format("pg_encoding_to_char(encoding)")) == "UTF8"


def test_works_in_a_folder_that_is_deep_and_only_ours(tmp_path: Path) -> None:
    private = tmp_path / "private"
    private.mkdir(0o700)
    folder = private / ("deep" * 40) / "su tarpais ir „kabutėmis“" / "it's"
    with BackingServices(folder, durable=False) as services:
        assert one(services.database_url, "SELECT 1") == 1
        assert socket_dir(folder).stat().st_mode & 0o777 == 0o700
        assert len(str(socket_dir(folder))) < 60
    assert not socket_dir(folder).exists()


@as_root
def test_as_root_the_server_is_nobody_and_other_users_cannot_reach_it(data_dir: Path) -> None:
    with BackingServices(data_dir, redis_url="redis://given", durable=False) as services:
        assert (data_dir / "postgres").stat().st_uid == 65534
        server = services.children[0].process.pid
        status = Path(f"/proc/{server}/status").read_text()
        assert "Uid:\t65534\t65534\t65534\t65534" in status
        assert "CapEff:\t0000000000000002" in status
        attempt = subprocess.run(
            [sys.executable, "-c", f"import os; os.setuid(65534); os.listdir({str(socket_dir(data_dir))!r})"],
            capture_output=True,
            text=True,
        )
        assert attempt.stderr.splitlines()[-1].startswith("PermissionError")


@as_root
def test_the_server_of_root_finds_its_programs_in_a_folder_of_root_alone(tmp_path: Path) -> None:
    # As in a clone under /root: PostgreSQL asks access() whether it can execute its own programs
    private = tmp_path / "private"
    private.mkdir(0o700)
    (private / "program").touch(0o755)
    code = "import os, sys; from cluster_portal.local_services import _become; _become(65534, 65534); "
    code += "print(os.getuid(), os.access(sys.argv[1], os.X_OK))"
    process = supervisor("-c", code, str(private / "program"), **environment(tmp_path))
    assert process.communicate(timeout=PATIENCE)[0] == "65534 True\n"


def test_given_services_are_not_started(data_dir: Path) -> None:
    with BackingServices(data_dir, database_url="postgres://given", redis_url="redis://given") as services:
        assert services.children == []
        assert (services.database_url, services.redis_url) == ("postgres://given", "redis://given")


def test_the_broker_asks_for_its_password(data_dir: Path) -> None:
    with BackingServices(data_dir, database_url="postgres://given") as services:
        port = int(services.redis_url.rpartition(":")[2].removesuffix("/0"))
        with socket.create_connection(("127.0.0.1", port), timeout=5) as stranger:
            stranger.sendall(b"PING\r\n")
            assert stranger.recv(100).startswith(b"-NOAUTH")
        assert (data_dir / "state.json").stat().st_mode & 0o777 == 0o600


def test_a_second_run_on_the_same_data_is_refused(data_dir: Path) -> None:
    with BackingServices(data_dir, database_url="postgres://given", redis_url="redis://given"):
        said = refusal("run", **environment(data_dir, PORT=str(free_port())))
        reset = refusal("reset", **environment(data_dir))
    sentence = f"The portal already runs on the data in {data_dir} (process {os.getpid()}): "
    assert said == reset == sentence + "stop that one first, or set DATA_DIR to another folder.\n"


def test_a_taken_port_is_refused_before_anything_is_made(data_dir: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        said = refusal("run", **environment(data_dir, PORT=str(port)))
    assert said.startswith(f"Port {port} is in use by another program")
    assert [entry.name for entry in data_dir.iterdir()] == ["lock"]


@pytest.mark.parametrize("port", ["http", "0", "70000"])
def test_a_port_that_is_no_port_is_refused(data_dir: Path, port: str) -> None:
    said = refusal("run", **environment(data_dir, PORT=port))
    assert said == f"PORT must be a number from 1 to 65535, not “{port}”.\n"


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ({"DATABASE_URL": "postgres://nobody@127.0.0.1:1/nothing"}, "The database cannot be used: connection"),
        ({"DATABASE_URL": "nothing"}, "The database cannot be used: settings.DATABASES is improperly configured."),
        ({"REDIS_URL": "redis://127.0.0.1:1/0"}, "The broker does not answer: start it, or correct REDIS_URL."),
        ({"REDIS_URL": "nothing"}, "The broker cannot be used: Redis URL must specify"),
    ],
)
def test_a_given_service_that_does_not_answer_is_named_in_one_sentence(
    data_dir: Path, address: dict[str, str], sentence: str
) -> None:
    told = refusal("run", **environment(data_dir, PORT=str(free_port()), **address))
    assert told.splitlines()[-1].startswith(sentence)
    assert "Traceback" not in told
    assert left_after(data_dir, limit()) == []


def test_a_port_that_only_root_may_use_is_named_as_such(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_address: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(socket, "create_server", refused)
    with pytest.raises(LocalServiceError, match=r"^Only root may use the port 80 here: .*“make run PORT=8000”"):
        check(data_dir, 80)


def test_data_of_another_major_version_is_refused(data_dir: Path) -> None:
    (data_dir / "postgres").mkdir(parents=True)
    (data_dir / "postgres" / "PG_VERSION").write_text("15\n")
    with pytest.raises(LocalServiceError, match=r"is of PostgreSQL 15, and PostgreSQL 18 is installed"):
        BackingServices(data_dir).start()
    assert left_after(data_dir) == []


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    said = refusal("run", **environment(tmp_path / "file" / "data", PORT=str(free_port())))
    assert said.startswith(f"The folder {tmp_path}/file/data cannot be written (Not a directory)")


@as_root
def test_a_folder_of_another_user_is_refused(data_dir: Path) -> None:
    data_dir.mkdir(0o755)
    code = "import os; from cluster_portal.local_services import *; os.setuid(65534); lock(default_data_dir())"
    process = supervisor("-c", code, **environment(data_dir))
    assert process.communicate(timeout=PATIENCE)[0].startswith(f"The folder {data_dir} cannot be written")
    assert process.returncode == 1


def test_a_socket_folder_of_somebody_else_is_refused(tmp_path: Path) -> None:
    elsewhere, ours = tmp_path / "elsewhere", tmp_path / "ours"
    elsewhere.mkdir(0o700)
    ours.symlink_to(elsewhere)
    with pytest.raises(LocalServiceError, match="belongs to another user or is open to others"):
        make_private(ours)
    elsewhere.chmod(0o755)
    with pytest.raises(LocalServiceError, match="belongs to another user or is open to others"):
        make_private(elsewhere)


def test_a_pid_file_left_by_a_power_cut_does_not_stop_the_next_start(data_dir: Path) -> None:
    with BackingServices(data_dir, redis_url="redis://given") as services:
        stale = (data_dir / "postgres" / "postmaster.pid").read_text()
    # The number belongs by now to a living process of no relation
    lines = [str(os.getppid()), *stale.splitlines()[1:]]
    (data_dir / "postgres" / "postmaster.pid").write_text("\n".join(lines) + "\n")
    socket_dir(data_dir).mkdir(0o700)
    (socket_dir(data_dir) / ".s.PGSQL.5432.lock").write_text("\n".join(lines) + "\n")
    with BackingServices(data_dir, redis_url="redis://given") as services:
        assert one(services.database_url, "SELECT 1") == 1


def test_a_first_start_that_was_cut_short_is_repeated(data_dir: Path) -> None:
    (data_dir / "postgres.new").mkdir(parents=True)
    (data_dir / "postgres.new" / "PG_VERSION").write_text("18\n")
    with BackingServices(data_dir, redis_url="redis://given", durable=False) as services:
        assert one(services.database_url, "SELECT current_database()") == "cluster_portal"


def test_a_killed_holder_leaves_no_process_and_the_next_start_works(data_dir: Path) -> None:
    holder = supervisor("-c", HOLD, **environment(data_dir))
    assert holder.stdout is not None
    assert holder.stdout.readline() == "up\n"
    assert len(processes(data_dir)) > 3
    holder.kill()
    holder.communicate()
    # At once: the orphans may still be stopping
    with BackingServices(data_dir) as services:
        assert one(services.database_url, "SELECT 1") == 1
    assert left_after(data_dir, limit()) == []


def test_manage_py_says_what_to_do_when_nothing_runs(data_dir: Path) -> None:
    process = supervisor("manage.py", "migrate", **environment(data_dir))
    said = process.communicate(timeout=PATIENCE)[0]
    what_to_do = "start it with “make run” in another terminal, or set DATABASE_URL."
    assert said == f"The local database is not running: {what_to_do}\n"
    assert process.returncode == 1


def start_portal(data_dir: Path, port: int) -> tuple[subprocess.Popen[str], list[str]]:
    """The whole portal as ``make run`` starts it, and what it printed until it was ready."""
    process, said = (
        supervisor("-m", "cluster_portal.local_services", "run", **environment(data_dir, PORT=str(port))),
        [],
    )
    assert process.stdout is not None
    for line in process.stdout:
        said.append(line.rstrip())
        if line.startswith("Ctrl-C"):
            break
    return process, said


def status_of(port: int, path: str) -> int:
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
        connection.request("GET", path)
        return connection.getresponse().status


def test_the_whole_portal_starts_stops_and_leaves_nothing(data_dir: Path) -> None:
    """One story, as each start costs seconds: first run, kill -9, later run, Ctrl-C, a part that dies."""
    port = free_port()
    portal, said = start_portal(data_dir, port)
    assert f"Portal ready at http://127.0.0.1:{port}/" in said
    assert status_of(port, "/healthz") == 200
    command = ["from members.models import Member; print(Member.objects.filter(is_founder=True).count())"]
    shell = supervisor("manage.py", "shell", "-v", "0", "-c", *command, **environment(data_dir))
    assert shell.communicate(timeout=PATIENCE)[0] == "5\n"

    portal.kill()
    portal.communicate()
    assert left_after(data_dir, limit()) == []

    # A later run is quick, and so is its end; a machine that stands still for a moment may hold up one of them.
    starts, stops = [], []
    while not starts or (max(min(starts), min(stops)) >= limit() and len(starts) < 4):
        begun = time.monotonic()
        portal, said = start_portal(data_dir, port)
        starts.append(time.monotonic() - begun)
        assert f"Portal ready at http://127.0.0.1:{port}/" in said
        begun = time.monotonic()
        portal.send_signal(signal.SIGINT)
        portal.communicate(timeout=PATIENCE)
        stops.append(time.monotonic() - begun)
        assert portal.returncode == 0
        assert left_after(data_dir) == []
    assert max(min(starts), min(stops)) < limit(), (starts, stops)

    portal, _ = start_portal(data_dir, port)
    worker = subprocess.check_output(["pgrep", "-P", str(portal.pid), "-f", "celery.*worker"], text=True).split()[0]
    os.kill(int(worker), signal.SIGKILL)
    said = portal.communicate(timeout=PATIENCE)[0]
    assert "worker stopped with status -9" in said
    assert portal.returncode == 1
    assert left_after(data_dir) == []
