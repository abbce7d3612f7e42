"""``python -m cluster_portal.local_services check | run | reset``, for the Makefile."""

import os
import shutil
import sys
from pathlib import Path

from cluster_portal.local_services.environment import read_dotenv
from cluster_portal.local_services.folder import LocalServiceError, default_data_dir, lock
from cluster_portal.local_services.portal import check, run
from cluster_portal.local_services.postgres import socket_dir


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
