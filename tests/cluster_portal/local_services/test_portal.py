"""The supervisor of `make run`: what it refuses, what it starts, and that it leaves nothing behind."""

import contextlib
import errno
import http.client
import os
import signal
import socket
import subprocess
import time
from pathlib import Path

import pytest

from cluster_portal.local_services.backing import BackingServices
from cluster_portal.local_services.environment import keep_environment, use_local_environment
from cluster_portal.local_services.folder import LocalServiceError
from cluster_portal.local_services.portal import check
from tests.cluster_portal.local_services.supervisor import (
    PATIENCE,
    environment,
    left_after,
    limit,
    refusal,
    supervisor,
)
from tests.processes import free_port

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can take this position")


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
    output = refusal("run", **environment(data_dir, PORT=str(free_port()), **address))
    assert output.splitlines()[-1].startswith(sentence)
    assert "Traceback" not in output
    assert left_after(data_dir, limit()) == []


def test_a_port_that_only_root_may_use_is_named_as_such(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_address: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(socket, "create_server", refused)
    with pytest.raises(LocalServiceError, match=r"^Only root may use the port 80 here: .*“make run PORT=8000”"):
        check(data_dir, 80)


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    said = refusal("run", **environment(tmp_path / "file" / "data", PORT=str(free_port())))
    assert said.startswith(f"The folder {tmp_path}/file/data cannot be written (Not a directory)")


@as_root
def test_a_folder_of_another_user_is_refused(data_dir: Path) -> None:
    data_dir.mkdir(0o755)
    code = "import os; from cluster_portal.local_services.folder import *; os.setuid(65534); lock(default_data_dir())"
    process = supervisor("-c", code, **environment(data_dir))
    assert process.communicate(timeout=PATIENCE)[0].startswith(f"The folder {data_dir} cannot be written")
    assert process.returncode == 1


def test_manage_py_says_what_to_do_when_nothing_runs(data_dir: Path) -> None:
    process = supervisor("manage.py", "migrate", **environment(data_dir))
    said = process.communicate(timeout=PATIENCE)[0]
    what_to_do = "start it with “make run” in another terminal, or set DATABASE_URL."
    assert said == f"The local database is not running: {what_to_do}\n"
    assert process.returncode == 1


def test_check_and_reset_need_no_package(data_dir: Path) -> None:
    # As the Makefile calls them on a fresh machine; -S: without the folder of the installed packages
    for command, said in (("check", ""), ("reset", f"The local data in {data_dir} is gone.\n")):
        process = supervisor("-S", "-m", "cluster_portal.local_services", command, **environment(data_dir))
        assert (process.communicate(timeout=PATIENCE)[0], process.returncode) == (said, 0)


def test_manage_py_takes_what_is_missing_from_the_portal_that_runs(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = {"DATABASE_URL": "postgres://ours", "REDIS_URL": "redis://ours", "SECRET_KEY": "secret", "DEMO": "1"}

    def added(**configuration: str) -> dict[str, str | None]:
        for name in kept | {"DEBUG": ""}:
            monkeypatch.delenv(name, raising=False)
        for name, value in configuration.items():
            monkeypatch.setenv(name, value)
        use_local_environment()
        return {name: os.environ.get(name) for name in kept}

    nothing = dict.fromkeys(kept)
    monkeypatch.setenv("DATA_DIR", str(data_dir))
    with BackingServices(data_dir, database_url="postgres://ours", redis_url="redis://ours") as services:
        with pytest.raises(LocalServiceError, match="database is not running"):
            added()  # it is still being prepared
        keep_environment(services, kept)
        assert added() == added(DEBUG="1") == added(DATABASE_URL="", DEMO="") == kept
        assert added(DATABASE_URL="postgres://other", DEBUG="1") == nothing | {
            "DATABASE_URL": "postgres://other",
            "REDIS_URL": "redis://ours",
        }
        assert added(DEBUG="0") == nothing
        assert added(SECRET_KEY="of production") == nothing | {"SECRET_KEY": "of production"}
    with pytest.raises(LocalServiceError, match=r"The local broker is not running: .* or set REDIS_URL"):
        added(DATABASE_URL="postgres://other", DEBUG="1")


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
    ready = said.index(f"Portal ready at http://127.0.0.1:{port}/")
    assert said[ready + 1] == "Demo log-ins, all with the password klasteris-2020:"
    log_ins = [line.split()[0] for line in said[ready + 2 : -2]]
    people = ["coordinator", "applicant", "aedilis", "baltled", "pazangios", "prezicika", "proftools", "member"]
    assert log_ins == [f"{person}@example.org" for person in people]
    assert said[-2] == f"The mail it sends: http://127.0.0.1:{port}/demo/mail/"
    assert status_of(port, "/healthz") == 200
    command = ["from members.models import Member; print(Member.objects.filter(is_founder=True).count())"]
    shell = supervisor("manage.py", "shell", "-v", "0", "-c", *command, **environment(data_dir))
    assert shell.communicate(timeout=PATIENCE)[0] == "5\n"

    portal.kill()
    portal.communicate()
    assert left_after(data_dir, limit()) == []

    # A later run is quick, and so is its end; a machine that stands still for a moment may hold up one of them.
    starts: list[float] = []
    stops: list[float] = []
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
    assert "worker stopped with status -9" in portal.communicate(timeout=PATIENCE)[0]
    assert portal.returncode == 1
    assert left_after(data_dir) == []
