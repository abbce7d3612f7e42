"""The whole portal: the backing services, then web, worker and beat, under one parent until it is told to stop."""

import http.client
import os
import signal
import sys
import time
from functools import partial
from pathlib import Path

from cluster_portal.local_services.backing import BackingServices
from cluster_portal.local_services.environment import environment_of, keep_environment
from cluster_portal.local_services.folder import LocalServiceError, lock, log_ins_file
from cluster_portal.local_services.processes import Child, die_with_parent, port_is_free, stop, wait_until


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


def run(data_dir: Path, port: int) -> None:
    """Runs the portal until it is told to stop; raises LocalServiceError where it cannot, or a part ends."""
    check(data_dir, port)
    die_with_parent(signal.SIGTERM)  # of make
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    services = BackingServices(
        data_dir, database_url=os.environ.get("DATABASE_URL", ""), redis_url=os.environ.get("REDIS_URL", "")
    )
    children: list[Child] = []
    try:
        print("Starting the database and the broker …", flush=True)
        services.start()
        environment = environment_of(services, port)
        start(services, port, {**os.environ, **environment}, children)
        keep_environment(services, environment)
        welcome(data_dir, port)
        while not make_was_interrupted():
            for child in [*children, *services.children]:
                child.check()
            time.sleep(0.5)
        print("\nStopping …", flush=True)
    except KeyboardInterrupt:
        print("\nStopping …", flush=True)
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        stop(children, 6)  # a turn of delivering mail takes up to 5 s; with the servers 10 s at most
        services.stop()


def start(services: BackingServices, port: int, env: dict[str, str], children: list[Child]) -> None:
    """Prepares the data, then starts the parts of the portal; each is added to the children before it is waited for."""
    command = [sys.executable, "-m", "cluster_portal.local_services.prepare"]
    prepare = Child("prepare", command, services.logs, orphan=signal.SIGKILL, env=env, shows_output=True)
    children.append(prepare)
    prepare.finish(600)
    print("Starting web, worker and beat …", flush=True)
    children[:] = parts(services.data_dir, port, env)
    wait_until(partial(is_healthy, port), [*children, *services.children], 60, "The portal")


def parts(data_dir: Path, port: int, env: dict[str, str]) -> list[Child]:
    """Web, beat and worker, started."""
    begin = partial(Child, logs=data_dir / "logs", env=env)
    # Loaded once for both workers of the web server, as loading is most of a later start
    web = (
        "-m gunicorn cluster_portal.wsgi --no-control-socket --preload --workers 2 --threads 4 --graceful-timeout 3"
        f" --access-logfile - --bind 127.0.0.1:{port}"
    )
    worker = "-m celery -A cluster_portal worker --concurrency 2 --loglevel INFO --without-mingle --without-gossip"
    beat = "-m celery -A cluster_portal beat --pidfile= --schedule"
    return [
        begin("web", [sys.executable, *web.split()]),
        begin("beat", [sys.executable, *beat.split(), str(data_dir / "beat-schedule")], orphan=signal.SIGKILL),
        begin("worker", [sys.executable, *worker.split()], orphan=signal.SIGKILL),
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


def welcome(data_dir: Path, port: int) -> None:
    """Prints where the portal is, and what the seed of a demo said of who may log in."""
    print(f"\nPortal ready at http://127.0.0.1:{port}/")
    if log_ins := log_ins_file(data_dir).read_text():
        print(f"{log_ins}The mail it sends: http://127.0.0.1:{port}/demo/mail/")
    print("Ctrl-C stops it.", flush=True)
