"""PostgreSQL and Valkey as real processes: what is started, what is refused, and that nothing is left behind."""

import contextlib
import os
import socket
import subprocess
import sys
from pathlib import Path

import psycopg2
import pytest

from cluster_portal.local_services.backing import BackingServices
from cluster_portal.local_services.folder import LocalServiceError
from cluster_portal.local_services.postgres import make_private, socket_dir
from tests.cluster_portal.local_services.supervisor import (
    PATIENCE,
    environment,
    left_after,
    limit,
    processes,
    supervisor,
)

HOLD = (
    "import signal; from cluster_portal.local_services.backing import BackingServices\n"
    "from cluster_portal.local_services.folder import default_data_dir\n"
    "with BackingServices(default_data_dir()): print('up', flush=True); signal.pause()"
)
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can take this position")


def one(url: str, query: str) -> object:
    """The one value that a query answers."""
    with contextlib.closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchone()[0]


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
    code = "import os, sys; from cluster_portal.local_services.processes import become; become(65534, 65534); "
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


def test_data_of_another_major_version_is_refused(data_dir: Path) -> None:
    (data_dir / "postgres").mkdir(parents=True)
    (data_dir / "postgres" / "PG_VERSION").write_text("15\n")
    with pytest.raises(LocalServiceError, match=r"is of PostgreSQL 15, and PostgreSQL 18 is installed"):
        BackingServices(data_dir).start()
    assert left_after(data_dir) == []


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
