"""The browser: Debian's Chromium. Where it is missing, each journey is skipped by name and says how to get it."""

import shutil
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.processes import Inbox, Worker, smtp_server

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

# A click returns when the answer's first bytes are there: what the new page says is asked with `expect`, which waits for
# it, and on a busy machine for longer than its usual 5 s.
expect.set_options(timeout=30_000)


def pytest_collection_modifyitems(items):
    if CHROMIUM:
        return
    for item in items:
        if "/journeys/" in str(item.path):
            item.add_marker(pytest.mark.skip(reason="no Chromium on this machine: apt-get install chromium"))


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    return {
        **browser_type_launch_args,
        "executable_path": CHROMIUM,
        "args": [
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
        ],
    }


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args):
    return {**browser_context_args, "locale": "lt-LT", "timezone_id": "Europe/Vilnius"}


@pytest.fixture(autouse=True)
def committed(transactional_db):
    """What a journey lays out is seen by the server, and gone after it."""


@pytest.fixture
def inbox(tmp_path: Path):
    """A mail server's inbox with a worker that delivers into it."""
    box = Inbox()
    with smtp_server(box) as email_url:
        worker = Worker(tmp_path / "worker.log", email_url)
        try:
            worker.wait_until_ready()
            yield box
        finally:
            worker.stop()


@pytest.fixture
def person(browser, browser_context_args, live_server):
    """Opens a page in a session of its own; with an address, logged in."""
    contexts = []

    def open_page(email: str = "", width: int = 1280):
        context = browser.new_context(
            **{**browser_context_args, "base_url": live_server.url, "viewport": {"width": width, "height": 800}}
        )
        contexts.append(context)
        page = context.new_page()
        if email:
            page.goto("/paskyra/login/")
            page.fill("[name=login]", email)
            page.fill("[name=password]", "klasteris-2020")
            page.locator("main form[method=post] button[type=submit]").first.click()
            page.wait_for_url(lambda url: "/login/" not in url)
        return page

    yield open_page
    for context in contexts:
        context.close()
