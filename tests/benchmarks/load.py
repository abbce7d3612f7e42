"""A load generator: whole requests over fresh loopback connections, as a sync gunicorn worker answers them.

One thread with a selector, so that the generator costs little beside the two workers it loads.
"""

import selectors
import socket
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import cycle
from statistics import median

ANSWER_WITHIN = 60  # seconds; what takes longer is a failure, not a figure


class WrongAnswer(Exception):
    """A server answered with something else than 200 and the whole of its body."""


@dataclass(frozen=True)
class Round:
    """What one round of requests took: each request's seconds, and the whole round's until the last answer."""

    latencies: Sequence[float]
    seconds: float

    @property
    def rate(self) -> float:
        """Requests per second."""
        return len(self.latencies) / self.seconds

    @property
    def p50(self) -> float:
        """The median request, in milliseconds."""
        return median(self.latencies) * 1000


def run(port: int, paths: Sequence[str], connections: int, *, count: int, seconds: float) -> Round:
    """Ask for `paths` in turn over so many connections at once, and return when every answer is there.

    No request begins after `count` of them or after `seconds`, whichever comes first. Raises WrongAnswer.
    """
    waiting = cycle([(path, request(port, path)) for path in paths])
    latencies: list[float] = []
    with closing(selectors.DefaultSelector()) as selector:
        begun = time.perf_counter()

        def ask() -> None:
            path, head = next(waiting)
            at = time.perf_counter()
            connection = socket.create_connection(("127.0.0.1", port), ANSWER_WITHIN)
            connection.sendall(head)
            connection.setblocking(False)
            selector.register(connection, selectors.EVENT_READ, (connection, at, path, []))

        asked = 0
        while asked < min(connections, count):
            ask()
            asked += 1
        while selector.get_map():
            ready = selector.select(ANSWER_WITHIN)
            if not ready:
                raise WrongAnswer(f"no answer within {ANSWER_WITHIN} s")
            for key, _events in ready:
                connection, at, path, parts = key.data
                if part := connection.recv(1 << 18):
                    parts.append(part)
                    continue
                now = time.perf_counter()
                selector.unregister(connection)
                connection.close()
                check(path, b"".join(parts))
                latencies.append(now - at)
                if asked < count and now - begun < seconds:
                    ask()
                    asked += 1
        return Round(latencies, time.perf_counter() - begun)


def request(port: int, path: str) -> bytes:
    """A visitor without a cookie whose client does not compress."""
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n".encode()


def check(path: str, answer: bytes) -> None:
    """Raises WrongAnswer unless the answer is a 200 and complete."""
    head, _, body = answer.partition(b"\r\n\r\n")
    status, *lines = head.lower().split(b"\r\n")
    lengths = [int(line[15:]) for line in lines if line.startswith(b"content-length:")]
    if status[9:12] != b"200" or lengths != [len(body)]:
        raise WrongAnswer(f"{path}: {status.decode(errors='replace') or 'no answer'}, {len(body)} of {lengths} bytes")
