"""PostgreSQL and Valkey together, for `make run`, the tests and the benchmarks."""

import shutil
from pathlib import Path
from typing import Self, TextIO

from cluster_portal.local_services.folder import lock
from cluster_portal.local_services.postgres import database_url, socket_dir, start_postgres
from cluster_portal.local_services.processes import Child, stop
from cluster_portal.local_services.valkey import redis_url, start_valkey


class BackingServices:
    """PostgreSQL and Valkey on one data folder, as a context manager or by start() and stop().

    After the start ``database_url`` and ``redis_url`` hold what was given or what was started here.
    ``durable=False`` trades safety against a power cut for speed, for tests. Start it from the main thread:
    the servers end with the thread that started them.
    """

    def __init__(self, data_dir: Path, *, database_url: str = "", redis_url: str = "", durable: bool = True) -> None:
        self.data_dir, self.durable = Path(data_dir).absolute(), durable
        self.logs = self.data_dir / "logs"
        self.database_url, self.redis_url = database_url, redis_url
        self.children: list[Child] = []
        self._lock: TextIO | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()

    def start(self) -> None:
        """Locks the data and starts what has no URL; raises LocalServiceError with nothing left running."""
        self._lock = lock(self.data_dir)
        try:
            self.logs.mkdir(exist_ok=True)
            waits = []
            if not self.redis_url:
                waits.append(start_valkey(self.data_dir, self.logs, self.children, durable=self.durable))
                self.redis_url = redis_url(self.data_dir)
            if not self.database_url:
                waits.append(start_postgres(self.data_dir, self.logs, self.children, durable=self.durable))
                self.database_url = database_url(self.data_dir)
            for wait in waits:
                wait()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stops what was started, the latest first, and frees the data."""
        while self.children:
            stop([self.children.pop()], 2)
        if self._lock:
            shutil.rmtree(socket_dir(self.data_dir), ignore_errors=True)
            self._lock.close()
            self._lock = None
