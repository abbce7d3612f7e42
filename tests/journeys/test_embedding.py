"""The wall of logos in somebody else's page, in a real browser under both sites' policies."""

import re
import threading
from html import unescape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from cluster_portal.base.known import known
from tests import factories

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


class Host(BaseHTTPRequestHandler):
    """Somebody's site with a policy of its own and the snippet in its page."""

    server: "HostServer"

    def do_GET(self):
        body = f"<!DOCTYPE html><title>Host</title>{self.server.snippet}".encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Security-Policy", f"default-src 'none'; frame-src {self.server.framed}")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        """No log."""


class HostServer(ThreadingHTTPServer):
    """The site with the given snippet, which may frame the given address."""

    def __init__(self, snippet: str, framed: str) -> None:
        super().__init__(("127.0.0.1", 0), Host)
        self.snippet, self.framed = snippet, framed


@pytest.mark.parametrize(("page", "path"), [("/itraukti/", "/itraukti/siena/"), ("/en/embed/", "/en/embed/wall/")])
def test_the_snippet_works_in_another_site_under_its_policy(page, path, browser, live_server, settings, client):
    settings.SITE_URL = live_server.url
    factories.member("Alfa")
    snippet = unescape(known(re.search(r"<textarea[^>]*>(.*?)</textarea>", client.get(page).content.decode()))[1])
    server = HostServer(snippet, live_server.url)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    context = browser.new_context()
    try:
        faults: list[str] = []
        tab = context.new_page()
        tab.on("console", lambda message: faults.extend([message.text] if message.type == "error" else []))
        tab.goto(f"http://localhost:{server.server_port}/")
        link = tab.frame_locator(f"iframe[src='{live_server.url}{path}']").get_by_role("link", name="Alfa")
        link.wait_for()
        assert link.evaluate("node => getComputedStyle(node).display") == "flex"  # its style sheet is there
        assert [fault for fault in faults if "favicon" not in fault] == []
        # Any other page of the portal refuses to be framed.
        server.snippet = f'<iframe src="{live_server.url}/nariai/"></iframe>'
        with tab.expect_console_message(
            lambda message: "frame-ancestors" in message.text or "X-Frame-Options" in message.text
        ):
            tab.goto(f"http://localhost:{server.server_port}/")
    finally:
        context.close()
        server.shutdown()
        server.server_close()


def test_the_snippet_is_copied_by_its_button(browser, live_server):
    context = browser.new_context(base_url=live_server.url, permissions=["clipboard-read", "clipboard-write"])
    try:
        tab = context.new_page()
        tab.goto("/itraukti/")
        tab.get_by_role("button", name="Kopijuoti").first.click()
        tab.get_by_text("Nukopijuota").first.wait_for()
        copied = tab.evaluate("navigator.clipboard.readText()")
        assert copied == tab.locator("textarea").first.input_value()
        assert copied.startswith("<iframe src=")
    finally:
        context.close()
