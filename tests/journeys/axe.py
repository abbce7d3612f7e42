"""What axe finds on a page, and whether the page fits its window."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe

STANDARD = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]  # WCAG 2.2, level AA
Fault = tuple[str, str, list[str]]  # the page, what is wrong, the first places where


def faults(page: Any, name: str) -> list[Fault]:
    """The faults of the page as it stands; only its colours are looked at in dark once more, for nothing else changes."""
    page.wait_for_load_state()
    page.emulate_media(color_scheme="light", reduced_motion="reduce")  # a colour on its way would be no page's colour
    found = violations(page, name, {"runOnly": STANDARD})
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    found += violations(page, f"{name} (dark)", {"runOnly": {"type": "rule", "values": ["color-contrast"]}})
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        found.append((name, "wider than the window", []))
    return found


def violations(page: Any, name: str, options: dict[str, Any]) -> list[Fault]:
    result = Axe().run(page, options={**options, "resultTypes": ["violations"]})
    return [
        (name, fault["id"], [node["html"][:120] for node in fault["nodes"][:3]])
        for fault in result.response["violations"]
    ]


def faults_of(page: Any, paths: list[str], statuses: tuple[int, ...] = (200, 404)) -> list[Fault]:
    """The faults of pages that are opened one after the other."""
    found = []
    for path in paths:
        response = page.goto(path)
        assert response.status in statuses, path
        found += faults(page, path)
    return found
