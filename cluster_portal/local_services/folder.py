"""The folder of the local data: where it is, who holds it, and what is kept in it between runs."""

import fcntl
import json
import os
from pathlib import Path
from typing import Any, TextIO

ROOT = Path(__file__).resolve().parents[2]


class LocalServiceError(SystemExit):
    """What went wrong, in one sentence. A SystemExit: manage.py too ends with it, without a traceback."""


def default_data_dir() -> Path:
    """The folder of the local data: DATA_DIR, else ``.local`` in the repository."""
    return Path(os.environ.get("DATA_DIR") or ROOT / ".local").absolute()


def read_state(data_dir: Path) -> dict[str, Any]:
    """What is kept between runs: the broker's port and password, the secret key, the environment; else empty."""
    try:
        return json.loads((data_dir / "state.json").read_text())
    except (FileNotFoundError, PermissionError, ValueError):
        return {}


def write_state(data_dir: Path, state: dict[str, Any]) -> None:
    """Keeps the state in a file that only its owner may read, replaced whole."""
    new = data_dir / "state.json.new"
    with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(state, file)
    new.replace(data_dir / "state.json")


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


def log_ins_file(data_dir: Path) -> Path:
    """What a demo's seed said of who may log in, handed on to who started the portal; empty where there is no demo."""
    return data_dir / "log-ins.txt"
