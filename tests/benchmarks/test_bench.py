"""The benchmark measures what it says: it runs, compares, and writes what contract.md promises. How fast is not asked here."""

import json
import os
import subprocess
import sys
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from cluster_portal.local_services.folder import ROOT
from members.directory.query import PAGE_SIZE
from tests.benchmarks import bench, load
from tests.benchmarks.figures import Figure, table, write
from tests.benchmarks.visit import Browser
from tests.statements import writing

KEYS = ["name", "value", "unit", "reference", "reference_value", "ratio", "goal", "ok"]


@pytest.fixture
def short_folder():
    """A temporary folder of a short name, as Chromium needs one: its socket's path is limited to 108 bytes."""
    with tempfile.TemporaryDirectory(prefix="b-") as folder:
        yield Path(folder)


def test_a_quick_run_writes_every_figure_and_leaves_nothing_behind(tmp_path, short_folder):
    run = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks", "--quick", "--output", "bench.json", "directory", "visit", "mail"],
        cwd=tmp_path,
        env={**os.environ, "TMPDIR": str(short_folder), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=900,
    )
    assert run.returncode == 0, run.stderr
    figures = json.loads((tmp_path / "bench.json").read_text())["figures"]
    assert [list(figure) for figure in figures] == [KEYS] * len(figures)
    names = [figure["name"] for figure in figures]
    assert len(set(names)) == len(names) >= 25
    measured = {figure["name"]: figure["value"] for figure in figures if figure["reference"]}
    assert [name for name, value in measured.items() if value <= 0] == []
    values = {figure["name"]: figure["value"] for figure in figures}
    assert (values["writes of these pages"], values["cookies of these pages"]) == (0, 0)
    assert [name for name in names if name not in run.stdout] == []
    assert list(short_folder.glob("portal-bench-*")) == []


@pytest.mark.parametrize(
    ("value", "reference", "limits", "ratio", "goal", "ok"),
    [
        (70, 100, {"ratio_at_least": 0.7}, 0.7, "at least 0.7 of it", True),
        (69, 100, {"ratio_at_least": 0.7}, 0.69, "at least 0.7 of it", False),
        (30, 10, {"ratio_at_most": 3}, 3, "at most 3 times it", True),
        (31, 10, {"ratio_at_most": 3}, 3.1, "at most 3 times it", False),
        (6, 6, {"ratio_at_most": 1, "at_most": 6}, 1, "at most 6 KB, the same as it", True),
        (6, 5, {"ratio_at_most": 1, "at_most": 6}, 1.2, "at most 6 KB, the same as it", False),
        (7, 7, {"ratio_at_most": 1, "at_most": 6}, 1, "at most 6 KB, the same as it", False),
        (5, None, {"ratio_at_least": 0.7}, None, "at least 0.7 of it", False),
        (0, None, {"at_most": 0}, None, "at most 0 KB", True),
        (99, 1, {}, 99, "", True),
    ],
)
def test_a_figure_is_judged_by_its_goal(value, reference, limits, ratio, goal, ok):
    figure = Figure("f", value, "KB", "r", reference, **limits)
    assert (figure.ratio, figure.goal, figure.ok) == (ratio, goal, ok)


def test_statements_that_write_or_lock_are_told_from_those_that_read():
    reads = [
        "SELECT 1",
        "\nWITH a AS (SELECT 'UPDATE x') TABLE a",
        "SAVEPOINT s",
        "SELECT updated_at FROM b WHERE c = (SELECT 1)",
    ]
    writes = [
        " insert INTO a VALUES (1)",
        "WITH gone AS (\nDELETE FROM a RETURNING *) SELECT * FROM gone",
        "LOCK TABLE a",
    ]
    locks = [f"SELECT * FROM a FOR {how}" for how in ("UPDATE OF a", "NO KEY UPDATE", "SHARE", "KEY SHARE SKIP LOCKED")]
    assert writing([*reads, *writes, *locks]) == [*writes, *locks]


def test_what_is_behind_its_goal_is_marked(tmp_path):
    figures = [Figure("slow", 1, "requests/s", "a quick one", 3, ratio_at_least=0.5), Figure("told", 12345.678, "ms")]
    lines = table(figures).splitlines()
    assert (lines[1][:13], lines[2][:13]) == ("BEHIND  slow ", "        told ")
    assert lines[-1] == "1 of 1 goals are missed."
    write(figures, tmp_path / "bench.json")
    assert json.loads((tmp_path / "bench.json").read_text())["figures"][0] == dict(
        zip(KEYS, ["slow", 1, "requests/s", "a quick one", 3, 0.3333, "at least 0.5 of it", False], strict=True)
    )


def test_the_reference_lists_as_many_members_a_page_as_the_directory():
    assert bench.PAGE_SIZE == PAGE_SIZE


class Site(BaseHTTPRequestHandler):
    """A page with a tag, a style sheet that stays fresh, a picture without a tag, and a stranger's script."""

    FILES = {
        "/": (b'<link rel="stylesheet" href="/s.css"><link rel="canonical" href="/not-loaded">'
              b'<script src="http://cdn.invalid/x.js"></script>', {"ETag": '"1"', "Content-Type": "text/html"}),
        "/s.css": (b"a{background:url(i/p.svg)}b{background:url(data:x)}",
                   {"Cache-Control": "max-age=9, immutable", "Content-Type": "text/css"}),
        "/i/p.svg": (b"<svg/>", {"Content-Type": "image/svg+xml"}),
        "/broken": (b"whole", {"Content-Length": "9"}),
    }  # fmt: skip

    server: "SiteServer"

    def do_GET(self):
        self.server.asked.append(self.path)
        if self.path not in self.FILES:
            self.send_error(500)
            return
        body, headers = self.FILES[self.path]
        same = self.headers["If-None-Match"] == headers.get("ETag", "")
        self.send_response(304 if same else 200)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(b"" if same else body)

    def log_message(self, *arguments):
        """No log."""


class SiteServer(ThreadingHTTPServer):
    """Keeps the paths that it was asked for."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Site)
        self.asked: list[str] = []


@pytest.fixture
def site():
    server = SiteServer()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_visit_loads_what_a_browser_would(site):
    browser = Browser(site.server_port)
    first, asked = browser.visit("/"), site.asked[:]
    repeat = browser.visit("/")
    assert (asked, site.asked[len(asked) :]) == (["/", "/s.css", "/i/p.svg"], ["/", "/i/p.svg"])
    assert browser.other_hosts == {"cdn.invalid"}
    assert 0 < repeat.carried < first.carried
    assert first.unpacked == first.carried


def test_a_round_asks_as_often_as_it_says_and_waits_for_every_answer(site):
    round_ = load.run(site.server_port, ["/", "/i/p.svg"], 3, count=7, seconds=30)
    assert (len(round_.latencies), sorted(site.asked)) == (7, ["/"] * 4 + ["/i/p.svg"] * 3)
    assert 0 < max(round_.latencies) <= round_.seconds
    assert round_.rate == 7 / round_.seconds


def test_a_round_begins_nothing_once_its_time_is_over(site):
    assert len(load.run(site.server_port, ["/"], 2, count=1000, seconds=0).latencies) == 2


@pytest.mark.parametrize("path", ["/broken", "/nowhere"])
def test_a_wrong_answer_is_no_measurement(site, path):
    with pytest.raises(load.WrongAnswer):
        load.run(site.server_port, [path], 1, count=1, seconds=1)
