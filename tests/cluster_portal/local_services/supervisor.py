"""The supervisor in processes of its own, and what is left of them."""

import os
import subprocess
import sys
import time
from pathlib import Path

from cluster_portal.local_services.folder import ROOT

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
PATIENCE = 120  # seconds for what has no limit of its own, on a machine that does other things as well


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
