"""What a visit of the home page carries over the wire, and how soon it is there in a browser."""

import gzip
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from html.parser import HTMLParser
from http.client import HTTPConnection
from statistics import median
from urllib.parse import urljoin, urlsplit

import brotli
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import sync_playwright

from tests.benchmarks.bench import Bench, Server
from tests.benchmarks.figures import Figure

MEMBERS = ("usual",)
DECODERS = {"br": brotli.decompress, "gzip": gzip.decompress, "": bytes}
IN_STYLE_SHEET = re.compile(r"""url\(\s*["']?((?!data:)[^"')#][^"')]*)""")
SETTLED = 300  # milliseconds after the load in which a late paint or shift would show
OBSERVED = """async () => {
  const entries = (type) => new Promise((resolve) => {
    new PerformanceObserver((list) => resolve(list.getEntries())).observe({type, buffered: true});
    setTimeout(() => resolve([]), 200);
  });
  const paints = await entries("largest-contentful-paint"), shifts = await entries("layout-shift");
  return [Math.max(...paints.map((entry) => entry.startTime)), shifts.reduce((sum, entry) => sum + entry.value, 0)];
}"""
LOADED_LINKS = {"stylesheet", "icon", "preload", "modulepreload", "manifest"}


def measure(bench: Bench) -> Iterator[Figure]:
    """The bytes of a first and of a repeat visit of the home page, headers included."""
    server = bench.serve("cluster_portal.wsgi", f"members_{bench.effort.usual}")
    browser = Browser(server.port)
    first, repeat = browser.visit("/"), browser.visit("/")
    plain = first.unpacked / 1000
    yield Figure("home, first visit", first.carried / 1000, "KB", "uncompressed", plain, at_most=80)
    yield Figure("home, repeat visit", repeat.carried / 1000, "KB", "first visit", first.carried / 1000, at_most=12)
    yield Figure("home, other hosts it contacts", len(browser.other_hosts), "hosts", at_most=0)
    yield from in_chromium(bench, server)


def in_chromium(bench: Bench, server: Server) -> Iterator[Figure]:
    """When the largest thing of the home page stands there, and how much the page shifts; without Chromium nothing."""
    names = ("chromium", "chromium-browser", "google-chrome")
    chromium = next(filter(None, map(shutil.which, names)), None)
    if not chromium:
        bench.note("chromium is not installed: the largest contentful paint and the layout shift are not measured")
        return
    reference = bench.serve("tests.benchmarks.reference", f"members_{bench.effort.usual}")
    options = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
    if os.geteuid() == 0:
        options.append("--no-sandbox")
    with (
        sync_playwright() as playwright,
        closing(playwright.chromium.launch(executable_path=chromium, args=options)) as browser,
    ):
        seen = [
            [paint(browser, f"http://127.0.0.1:{side.port}/") for side in (server, reference)]
            for _ in range(bench.effort.rounds + 1)
        ][bench.effort.rounds > 1 :]  # the first round fills what the servers and the browser keep
    (ours, shifts), (theirs, _) = (
        [median(values) for values in zip(*side, strict=True)] for side in zip(*seen, strict=True)
    )
    yield Figure("home, largest contentful paint", ours, "ms", "minimal ListView", theirs, at_most=800)
    yield Figure("home, layout shift", shifts, "", at_most=0.02)


def paint(browser: Chromium, address: str) -> tuple[float, float]:
    """A stranger's first visit: milliseconds to the largest contentful paint, and the cumulative layout shift."""
    with closing(browser.new_context()) as context:
        page = context.new_page()
        page.goto(address, wait_until="load")
        page.wait_for_timeout(SETTLED)
        return page.evaluate(OBSERVED)


@dataclass
class Visit:
    """The bytes of a visit, as carried and as they would be without compression."""

    carried: int = 0
    unpacked: int = 0


@dataclass
class Kept:
    """An answer that a browser keeps: whether it may be used unasked, by which tag to ask, and what it loads."""

    fresh: bool
    etag: str
    modified: str
    loads: list[str]


class Browser:
    """A browser's loading and HTTP cache, without the rest: it loads all that a page and its style sheets name."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.cache: dict[str, Kept] = {}
        self.other_hosts: set[str] = set()

    def visit(self, path: str) -> Visit:
        """Load a page and all that it needs, from this server only."""
        visit, waiting, seen = Visit(), [path], set()
        while waiting:
            address = waiting.pop()
            if address in seen:
                continue
            seen.add(address)
            if host := urlsplit(address).netloc:
                self.other_hosts.add(host)
                continue
            waiting += self.load(address, visit)
        return visit

    def load(self, path: str, visit: Visit) -> list[str]:
        """Load one file unless it is still fresh, add its bytes to the visit, and return what it loads in turn."""
        kept = self.cache.get(path)
        if kept and kept.fresh:
            return kept.loads
        headers = {"Accept-Encoding": "gzip, br"}
        if kept and kept.etag:
            headers["If-None-Match"] = kept.etag
        elif kept and kept.modified:
            headers["If-Modified-Since"] = kept.modified
        with closing(HTTPConnection("127.0.0.1", self.port, timeout=30)) as connection:
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
            packed = answer.read()
        head = len(f"HTTP/1.1 {answer.status} {answer.reason}\r\n\r\n")
        head += sum(len(name) + len(value) + len(": \r\n") for name, value in answer.getheaders())
        visit.carried += head + len(packed)
        if answer.status == 304 and kept:
            visit.unpacked += head
            return kept.loads
        if answer.status != 200:
            raise SystemExit(f"{path}: {answer.status}")
        body = DECODERS[answer.headers.get("Content-Encoding", "")](packed)
        visit.unpacked += head + len(body)
        control = answer.headers.get("Cache-Control", "")
        age = re.search(r"max-age=(\d+)", control)
        kept = Kept(
            fresh=bool(age and int(age[1])) and "no-cache" not in control and "no-store" not in control,
            etag=answer.headers.get("ETag", ""),
            modified=answer.headers.get("Last-Modified", ""),
            loads=self.named_in(path, answer.headers.get_content_type(), body),
        )
        if "no-store" not in control:
            self.cache[path] = kept
        return kept.loads

    def named_in(self, path: str, kind: str, body: bytes) -> list[str]:
        """The addresses of what a file loads, those of this server as paths."""
        if kind == "text/html":
            page = NamedFiles()
            page.feed(body.decode())
            named = page.loaded
        elif kind == "text/css":
            named = IN_STYLE_SHEET.findall(body.decode())
        else:
            named = []
        site = f"http://127.0.0.1:{self.port}"
        return [urljoin(site + path, name).removeprefix(site) for name in named if not name.startswith("data:")]


class NamedFiles(HTMLParser):
    """Gathers what a browser loads with a page: style sheets, scripts, icons, pictures (those that load late as well)."""

    def __init__(self) -> None:
        super().__init__()
        self.loaded: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "link" and LOADED_LINKS & set(values.get("rel", "").split()):
            self.loaded.append(values["href"])
        elif tag in ("script", "img", "iframe", "source", "video", "audio", "embed") and values.get("src"):
            self.loaded.append(values["src"])
        elif tag in ("img", "source") and values.get("srcset"):
            self.loaded.append(values["srcset"].split()[0])
