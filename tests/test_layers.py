"""Imports run one way (docs/architecture.md, “Layers”): a room sees those below it and never those above. Names of classes
are the project's: each is there once.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps

ROOT = Path(__file__).resolve().parent.parent
BASE = {"cluster_portal.base", "cluster_portal.country"}
MIDDLE = {
    "cluster_portal.identity",
    "cluster_portal.page_cache",
    "cluster_portal.mail",
    "cluster_portal.desk",
}
SEES = {
    "cluster_portal.base": set(),
    "cluster_portal.country": {"cluster_portal.base"},
    "cluster_portal.page_cache": BASE,
    "cluster_portal.identity": {*BASE, "cluster_portal.page_cache", "cluster_portal.desk"},
    "cluster_portal.desk": BASE,
    "cluster_portal.mail": BASE | MIDDLE,
    "cluster_portal.operations": {*BASE, *MIDDLE},
    "cluster_portal.local_services": BASE,
    "members": BASE | MIDDLE,
    "news": {*BASE, *MIDDLE, "members"},
    "applications": {*BASE, *MIDDLE, "members", "news"},
}


def room(module: str) -> str | None:
    """The room that a module of ours is in; None for other packages and for the roof."""
    return next((name for name in SEES if module == name or module.startswith(f"{name}.")), None)


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """(line, module) of everything that a file imports, those for the type checker aside: they never run."""
    tree = ast.parse(path.read_text())
    for_types = {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if node in for_types:
            continue
        if isinstance(node, ast.ImportFrom) and node.module:
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)


@pytest.mark.parametrize("name", SEES)
def test_a_room_imports_only_what_is_below_it(name):
    files = sorted((ROOT / name.replace(".", "/")).rglob("*.py"))
    assert files
    wrong = [
        f"{path.relative_to(ROOT)}:{line} imports {module}"
        for path in files
        for line, module in imports(path)
        if module.split(".")[0] in ("cluster_portal", "members", "news", "applications")
        if room(module) not in {name, *SEES[name]}
    ]
    assert wrong == []


# By what a room is known besides its modules: namespaces of addresses and labels of tables.
KNOWN_AS = {"members": ("members",), "news": ("news",), "applications": ("applications", "ballots")}


def known_above(name: str) -> tuple[str, ...]:
    return tuple(word for room, words in KNOWN_AS.items() if room != name and room not in SEES[name] for word in words)


def accessors_above(name: str) -> set[str]:
    """The reverse accessors by which a room's models, or those of a room below, reach the rows of a room above."""
    return {
        str(relation.get_accessor_name())
        for model in apps.get_models()
        if room(model.__module__) in {name, *SEES[name]}
        for relation in model._meta.related_objects
        if room(relation.related_model.__module__) not in {name, *SEES[name], None}
    }


@pytest.mark.parametrize("name", SEES)
def test_a_room_knows_nothing_above_it_by_name(name):
    """Neither an address, nor a table or model, nor what is at the other end of a relation; migrations name tables."""
    words = re.compile(rf"\b(?:{'|'.join(known_above(name)) or '(?!)'})(?::[a-z]|_[a-z]+\b|\.[A-Z])")
    accessors = accessors_above(name)
    wrong = []
    for path in sorted((ROOT / name.replace(".", "/")).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())) if "migrations" not in path.parts else ():
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and words.search(node.value):
                wrong.append(f"{path.relative_to(ROOT)}:{node.lineno} names {node.value!r}")
            elif isinstance(node, ast.Attribute) and node.attr in accessors:
                wrong.append(f"{path.relative_to(ROOT)}:{node.lineno} reaches for {node.attr}")
    assert wrong == []


def test_no_two_classes_have_one_name():
    """So that a name means one thing, wherever one meets it. Management commands are found by the name of their file."""
    places: dict[str, list[str]] = {}
    folders = ("applications", "cluster_portal", "members", "news")
    for path in (path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))):
        for node in [] if "migrations" in path.parts else ast.parse(path.read_text()).body:
            if isinstance(node, ast.ClassDef) and node.name != "Command":
                places.setdefault(node.name, []).append(str(path.relative_to(ROOT)))
    assert {name: where for name, where in places.items() if len(where) > 1} == {}
