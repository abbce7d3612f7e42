"""The processes of the local services: each in a group of its own, with a log, and gone when its parent is."""

import contextlib
import ctypes
import importlib.util
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

from cluster_portal.local_services.folder import ROOT, LocalServiceError

# From linux/prctl.h, linux/securebits.h and linux/capability.h
PR_SET_PDEATHSIG, PR_SET_SECUREBITS, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE = 1, 28, 47, 2
SECBIT_NO_SETUID_FIXUP = 4
CAP_DAC_OVERRIDE, LINUX_CAPABILITY_VERSION_3 = 1, 0x20080522
libc = ctypes.CDLL(None, use_errno=True)


def package_file(package: str, pattern: str) -> Path:
    """The first file of an installed package that matches the pattern, without importing it."""
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise LocalServiceError(f"The package {package} is not installed: run “pip install -r requirements.txt”.")
    found = sorted(Path(spec.origin).parent.glob(pattern))
    if not found:
        raise LocalServiceError(
            f"The package {package} has no {pattern} for this machine: set DATABASE_URL and REDIS_URL."
        )
    return found[0]


def become(uid: int, gid: int) -> None:
    """Leaves root for the given user, keeping the one right to pass folders that only root may enter.

    With the usual securebits setuid() would take the right away, and access(), by which PostgreSQL looks for
    its own programs, would not count it.
    """
    if libc.prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "PR_SET_SECUREBITS")
    os.setgroups([])
    os.setresgid(gid, gid, gid)
    os.setresuid(uid, uid, uid)
    rights = 1 << CAP_DAC_OVERRIDE
    header = (ctypes.c_uint32 * 2)(LINUX_CAPABILITY_VERSION_3, 0)
    if libc.capset(header, (ctypes.c_uint32 * 6)(rights, rights, rights)):
        raise OSError(ctypes.get_errno(), "capset")
    if libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_DAC_OVERRIDE, 0, 0):
        raise OSError(ctypes.get_errno(), "PR_CAP_AMBIENT")


def die_with_parent(last_signal: signal.Signals) -> None:
    """Asks the kernel, where it is Linux, to send this process a signal when its parent dies."""
    if sys.platform == "linux":
        libc.prctl(PR_SET_PDEATHSIG, int(last_signal), 0, 0, 0)


def _before_exec(parent: int, last_signal: signal.Signals, owner: tuple[int, int] | None) -> None:
    """In the new process: takes its user, then asks for a signal when the parent dies (setuid clears it)."""
    if owner:
        become(*owner)
    die_with_parent(last_signal)
    if sys.platform == "linux" and os.getppid() != parent:
        os._exit(1)


class Child:
    """A process in its own group, so that Ctrl-C reaches only the supervisor, and with a log file."""

    def __init__(
        self,
        name: str,
        command: list[str],
        logs: Path,
        *,
        stop_with: signal.Signals = signal.SIGTERM,
        orphan: signal.Signals = signal.SIGTERM,
        owner: tuple[int, int] | None = None,
        env: dict[str, str] | None = None,
        folder: Path = ROOT,
        shows_output: bool = False,
        stdin: str = "",
    ) -> None:
        self.name, self.stop_with, self.log = name, stop_with, logs / f"{name}.log"
        if self.log.exists():
            self.log.replace(logs / f"{name}.previous.log")
        with self.log.open("wb") as log:
            try:
                self.process = subprocess.Popen(
                    command,
                    cwd=folder,
                    env=env,
                    stdin=subprocess.PIPE if stdin else subprocess.DEVNULL,
                    stdout=None if shows_output else log,
                    stderr=log,
                    process_group=0,
                    preexec_fn=partial(_before_exec, os.getpid(), orphan, owner),
                )
            except subprocess.SubprocessError:
                raise LocalServiceError(
                    f"Root may not start {name} as another user here: be another user, or set DATABASE_URL."
                ) from None
        if stdin and self.process.stdin:
            self.process.stdin.write(stdin.encode())
            self.process.stdin.close()

    def check(self) -> None:
        """Raises LocalServiceError with the last lines of its log where the process has ended."""
        status = self.process.poll()
        if status is not None:
            last_lines = self.log.read_text(errors="replace").splitlines()[-15:]
            if status == os.EX_CONFIG:  # `prepare` has said all in one sentence
                raise LocalServiceError(last_lines[-1])
            first = f"{self.name} stopped with status {status}; its log {self.log} ends with:"
            raise LocalServiceError("\n  ".join([first, *last_lines]))

    def finish(self, seconds: float) -> None:
        """Waits for a process that ends by itself; raises LocalServiceError unless it ends well in time."""
        try:
            if self.process.wait(seconds):
                self.check()
        except subprocess.TimeoutExpired:
            raise LocalServiceError(f"{self.name} did not finish within {seconds:.0f} s; see {self.log}.") from None

    def ask_to_stop(self) -> None:
        """Sends the process its own stop signal."""
        if self.process.poll() is None:
            self.process.send_signal(self.stop_with)

    def gone(self, deadline: float) -> None:
        """Waits for the end until the deadline (monotonic seconds), then kills; what it left goes too."""
        try:
            self.process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)


def stop(children: Iterable[Child], seconds: float) -> None:
    """Asks all of them to stop at once, and kills those that are still there after so many seconds."""
    children = list(children)
    for child in children:
        child.ask_to_stop()
    deadline = time.monotonic() + seconds
    for child in children:
        child.gone(deadline)


def wait_until(ready: Callable[[], bool], children: Iterable[Child], seconds: float, what: str) -> None:
    """Waits for ready(); raises LocalServiceError when a child ends before, or when it takes too long."""
    children, deadline = list(children), time.monotonic() + seconds
    while not ready():
        for child in children:
            child.check()
        if time.monotonic() > deadline:
            raise LocalServiceError(f"{what} did not answer within {seconds:.0f} s; see {children[0].log}.")
        time.sleep(0.05)


def port_is_free(port: int) -> bool:
    """Whether a server could listen at this port of 127.0.0.1 (0 always can).

    Raises PermissionError as the system does.
    """
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except PermissionError:
        raise
    except OSError:
        return False
    return True
