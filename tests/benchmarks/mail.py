"""How fast mail leaves, how often it connects, what queueing costs the request, and whether a worker grows."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from cluster_portal.local_services.folder import ROOT
from cluster_portal.local_services.processes import Child, port_is_free, stop, wait_until
from tests.benchmarks.bench import Bench
from tests.benchmarks.figures import Figure
from tests.processes import free_port

MEMBERS = ("small",)
WORKERS = 2


def measure(bench: Bench) -> Iterator[Figure]:
    """Announcements a second by two workers beside Django's loop; queueing at three sizes; memory over many emails."""
    effort = bench.effort
    mails, many = effort.delivered
    with Mailroom(bench) as room:
        rounds = [(room.reference(mails), room.deliver(mails)) for _round in range(effort.rounds)]
        ours, theirs, connections = (
            median(mails / seconds for _reference, (seconds, _connections) in rounds),
            median(mails / seconds for seconds, _ours in rounds),
            max(connections for _reference, (_seconds, connections) in rounds),
        )
        yield Figure(
            f"{mails:,} announcements by two workers",
            ours,
            "mails/s",
            "Django's send_messages over one connection",
            theirs,
            ratio_at_least=0.7,
        )
        yield Figure(
            f"connections for {mails:,} mails", connections, "connections", at_most=max(mails / 50, 2 * WORKERS)
        )
        before = room.memory()
        room.deliver(many)
        yield Figure(
            f"a worker's memory after {many:,} mails more",
            room.memory(),
            "MB",
            "before them",
            before,
            ratio_at_most=1.1,
        )
    for recipients in effort.queued:
        measured = [
            (room.work("queue", recipients), room.work("bulk_create", recipients)) for _round in range(effort.rounds)
        ]
        yield Figure(
            f"queueing {recipients:,} mails in a request",
            median(ours for ours, _theirs in measured),
            "ms",
            "Django's bulk_create of as many rows",
            median(theirs for _ours, theirs in measured),
            at_most=60 if recipients == 1_000 else None,
        )


class Mailroom:
    """Two workers, each as the Procfile has it, and a mail server that takes everything, as a context manager."""

    def __init__(self, bench: Bench) -> None:
        self.bench, self.port = bench, free_port()
        self.counts = Path(bench.folder, "mail-sink")
        self.environment = bench.environment(f"members_{bench.effort.small}", EMAIL_URL=f"smtp://127.0.0.1:{self.port}")
        self.children: list[Child] = []

    def __enter__(self) -> "Mailroom":
        self.start("mail-sink", "tests.benchmarks.mail_sink", str(self.port), str(self.counts))
        wait_until(lambda: not port_is_free(self.port), self.children, 120, "the mail server")
        for number in range(WORKERS):
            name = f"worker-{number}"
            options = ["--concurrency", "2", "--hostname", f"{name}@%h", "--loglevel", "INFO"]  # the Procfile's
            self.start(name, "celery", "-A", "cluster_portal", "worker", *options)
        workers = self.children[1:]
        wait_until(
            lambda: all(" ready." in worker.log.read_text(errors="replace") for worker in workers),
            self.children,
            120,
            "the workers",
        )
        self.deliver(WORKERS * 200)  # each process has its connections and its code by now
        return self

    def __exit__(self, *exception: object) -> None:
        stop(self.children, 15)

    def start(self, name: str, module: str, *arguments: str) -> None:
        command = [sys.executable, "-m", module, *arguments]
        self.children.append(Child(name, command, self.bench.services.logs, env=self.environment))

    def work(self, does: str, count: int) -> float:
        """What `mail_work` prints; SystemExit with its errors when it fails."""
        ended = subprocess.run(
            [sys.executable, "-m", "tests.benchmarks.mail_work", does, str(count)],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
        )
        if ended.returncode:
            sys.exit(f"The mail could not be measured ({does}):\n{ended.stderr[-3000:]}")
        return float(ended.stdout)

    def reference(self, count: int) -> float:
        """The seconds of Django's loop."""
        return self.work("reference", count)

    def deliver(self, count: int) -> tuple[float, int]:
        """The seconds in which the workers send so many emails, and by how many connections."""
        before = self.counts.read_bytes().count(b"c") if self.counts.exists() else 0
        seconds = self.work("deliver", count)
        return seconds, self.counts.read_bytes().count(b"c") - before

    def memory(self) -> float:
        """The resident memory, in MB, of the larger of the processes that send."""
        sizes = []
        for worker in self.children[1:]:
            pid = worker.process.pid
            for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
                status = Path(f"/proc/{child}/status").read_text()
                sizes.append(int(status.split("VmRSS:")[1].split()[0]) / 1024)
        return max(sizes)
