"""The documents name files that are there."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FENCED = re.compile(r"```.*?```", re.S)
NAMED = re.compile(r"`(\w[\w./-]*(?:\.(?:py|md|sql|html|typ|toml)|/))`")
LINKED = re.compile(r"\]\(([^):#]+)\)")


def project_paths() -> set[str]:
    """All files of the project and their folders; a folder ends in a slash."""
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True)
    files = {name for name in listed.stdout.splitlines() if (ROOT / name).exists()}
    return files | {f"{parent}/" for name in files for parent in Path(name).parents}


def missing(text: str, paths: set[str]) -> list[str]:
    """The paths that the text names and the project lacks.

    The first cell of a table names them in full, or as files beside the one before; elsewhere their end will do.
    """
    lacking = []
    for line in FENCED.sub("", text).splitlines():
        first_cell = line.split("|")[1] if line.startswith("|") else ""
        folder = ""
        for named in NAMED.findall(first_cell):
            found = next((path for path in (named, f"{folder}{named}") if path in paths), "")
            folder = found if found.endswith("/") else found.rpartition("/")[0] + "/"
            lacking += [] if found else [named]
        for named in NAMED.findall(line.removeprefix(f"|{first_cell}")):
            lacking += [] if any(f"/{path}".endswith(f"/{named}") for path in paths) else [named]
    return lacking


@pytest.mark.parametrize("document", ["README.md", "docs/architecture.md", "docs/operations.md", "docs/identity.md"])
def test_every_path_that_a_document_names_is_there(document):
    text = (ROOT / document).read_text()
    assert missing(text, project_paths()) == []
    for link in LINKED.findall(text):
        assert ((ROOT / document).parent / link).exists(), link
