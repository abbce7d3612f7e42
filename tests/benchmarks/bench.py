"""What a suite stands on: PostgreSQL and Valkey of our own, databases of several sizes, web servers as in production."""

import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import monotonic
from urllib.parse import urlsplit, urlunsplit

from cluster_portal.local_services.backing import BackingServices
from cluster_portal.local_services.folder import ROOT
from cluster_portal.local_services.processes import Child, port_is_free, stop, wait_until
from tests.benchmarks import load
from tests.processes import free_port

CONNECTIONS = (1, 16)
PAGE_SIZE = 24  # the directory's, and so the reference's


@dataclass(frozen=True)
class Effort:
    """How much is measured: sizes of the directory in members; rounds, and the bounds of one round of requests; emails."""

    founded: int = 6  # as seed_cluster leaves it
    small: int = 200
    usual: int = 1_000
    large: int = 20_000
    rounds: int = 5
    count: int = 2_000
    seconds: float = 0.6
    warm_up: int = 60
    processes: int = 2  # of each web server
    delivered: tuple[int, int] = (1_000, 20_000)  # for speed, for memory
    queued: tuple[int, ...] = (10, 1_000, 5_000)
    quick: bool = False


QUICK = Effort(
    small=30, usual=50, large=80, rounds=1, count=4, warm_up=2, processes=1, delivered=(60, 120), queued=(10, 20), quick=True
)  # fmt: skip


@dataclass(frozen=True)
class Server:
    """A web server on the loopback."""

    port: int
    child: Child


@dataclass(frozen=True)
class Target:
    """One side of a comparison: pages of a server, asked for in turn."""

    server: Server
    paths: Sequence[str]


class Bench:
    """The services of one benchmark run, as a context manager."""

    def __init__(self, effort: Effort) -> None:
        self.effort = effort
        self.folder = Path(tempfile.mkdtemp(prefix="portal-bench-"))
        self.services = BackingServices(self.folder / "services", durable=not effort.quick)
        self.secret_key = secrets.token_urlsafe(48)
        self.servers: list[Server] = []
        self.began = monotonic()

    def __enter__(self) -> "Bench":
        (self.folder / "data" / "static").mkdir(parents=True)
        self.services.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop_servers()
        self.services.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def note(self, text: str) -> None:
        """Tell whoever waits what is going on."""
        print(f"[{monotonic() - self.began:4.0f} s] {text}", file=sys.stderr, flush=True)

    def prepare(self, sizes: Sequence[int]) -> None:
        """Make the databases `members_<size>`, and the static files as production serves them."""
        commands = [["tests.benchmarks.prepare", *(str(size) for size in sizes)]]
        if not self.effort.quick:
            commands.append(["django", "collectstatic", "--no-input", "--verbosity", "0"])
        with ThreadPoolExecutor() as at_once:
            list(at_once.map(lambda command: self.run(*command), commands))

    def database_url(self, database: str = "") -> str:
        """The address of one of the databases; without a name, of that which `seed_cluster` has left as it is."""
        parts = urlsplit(self.services.database_url)
        return urlunsplit(parts._replace(path=f"/{database}")) if database else self.services.database_url

    def environment(self, database: str = "", *, keeping: bool = True, **more: str) -> dict[str, str]:
        """The variables of a production portal on one of the databases; without `keeping` it keeps nothing."""
        return {
            **os.environ,
            # Not what a .env file or the caller's shell says: nothing of a benchmark may leave this machine.
            **dict.fromkeys(
                ("EMAIL_URL", "SENTRY_DSN", "STORAGE_URL", "CSRF_TRUSTED_ORIGINS", "GUNICORN_CMD_ARGS"), ""
            ),
            "DJANGO_SETTINGS_MODULE": "tests.benchmarks.settings" if self.effort.quick else "cluster_portal.settings",
            "PAGE_CACHE": "1" if keeping else "0",
            "DEBUG": "0",
            "DEMO": "0",
            "SECRET_KEY": self.secret_key,
            "ALLOWED_HOSTS": "127.0.0.1",
            "SITE_URL": "http://127.0.0.1:8000",
            "DATABASE_URL": self.database_url(database),
            "REDIS_URL": self.services.redis_url,
            "DATA_DIR": str(self.folder / "data"),
            **more,
        }

    def run(self, module: str, *arguments: str, database: str = "", keeping: bool = True) -> str:
        """What `python -m module …` prints in the portal's environment; SystemExit with its errors when it fails."""
        ended = subprocess.run(
            [sys.executable, "-m", module, *arguments],
            cwd=ROOT,
            env=self.environment(database, keeping=keeping),
            capture_output=True,
            text=True,
        )
        if ended.returncode:
            sys.exit(f"{module} {' '.join(arguments)} failed:\n{ended.stderr[-3000:]}")
        return ended.stdout

    def serve(self, application: str, database: str = "", *, keeping: bool = True, **more: str) -> Server:
        """Start gunicorn with sync workers and the Procfile's other options; it is stopped after the suite."""
        port = free_port()
        environment = self.environment(database, keeping=keeping, SITE_URL=f"http://127.0.0.1:{port}", **more)
        options = ["--no-control-socket", "--bind", f"127.0.0.1:{port}", "--access-logfile", "-"]
        workers = ["--workers", str(self.effort.processes)]
        command = [sys.executable, "-m", "gunicorn", application, *options, *workers]
        child = Child(f"web-{port}", command, self.services.logs, env=environment)
        server = Server(port, child)
        self.servers.append(server)
        wait_until(lambda: not port_is_free(port), [child], 120, application)
        return server

    def stop_servers(self) -> None:
        """Stop the web servers that the suite has started."""
        stop([server.child for server in self.servers], 5)
        self.servers.clear()

    def ask(self, target: Target, connections: int, count: int) -> load.Round:
        """One round of requests; SystemExit with the end of the server's log where it answers wrongly."""
        try:
            return load.run(target.server.port, target.paths, connections, count=count, seconds=self.effort.seconds)
        except (load.WrongAnswer, OSError) as error:
            last_lines = target.server.child.log.read_text(errors="replace").splitlines()[-25:]
            sys.exit("\n  ".join([f"A page could not be measured: {error}", *last_lines]))

    def compare(
        self, ours: Target, theirs: Target, figure: Callable[[load.Round], float]
    ) -> Iterator[tuple[int, float, float]]:
        """For 1 and for 16 connections the medians of a figure of both sides.

        Rounds of both sides alternate, and each waits for its last answer before the next begins.
        """
        for side in (ours, theirs):  # both workers of both servers, whatever they make once only
            self.ask(side, 8, self.effort.warm_up)
        for connections in CONNECTIONS:
            rounds = [
                [figure(self.ask(side, connections, self.effort.count)) for side in (ours, theirs)]
                for _ in range(self.effort.rounds)
            ]
            mine, other = (median(values) for values in zip(*rounds, strict=True))
            yield connections, mine, other
