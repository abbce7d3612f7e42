"""The check of the portal's texts: `python -m tests.catalogue`, part of `make lint`.

It reads the catalogues under locale/lt, the Lithuanian templates (`*_lt.*`), the clusters' files and the demo's texts, and
looks for retired words in the code; it prints one line a fault (file:entry: reason) and exits 1 when there is any. A part
whose tool is missing is named and skipped.
"""

import ast
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polib

from tests import wording

ROOT = Path(__file__).resolve().parent.parent
CATALOGUE = Path("cluster_portal/locale/lt/LC_MESSAGES/django.po")
WORDS = ROOT / "tests" / "words_lt.txt"
DICTIONARY = Path("/usr/share/hunspell")
SKIPPED_FOLDERS = {".venv", ".local", ".git", "node_modules"}

PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%[sd]|\{\w*\}")
NOT_PROSE = re.compile(
    r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}|\{\w+\}|<[^>]*>|&\w+;|`[^`]*`|\]\([^)]*\)|https?://\S+|\S+@\S+|"
    r"[\w.-]+\.(?:lt|org|com|xml|csv)\b",
    re.S,
)
# By these names go days in words, which end in „d.“: a full stop after one would be the second.
DOUBLED_STOP = re.compile(r"(?:%\((?:day|date)\)s|\{(?:day|deadline)\})\.(?!\.)")
TAG = re.compile(r"</?\w+")
WORD = re.compile(r"[^\W\d_]+")
LITHUANIAN_LETTER = re.compile("[ąčęėįšųūž„]", re.IGNORECASE)
# Messages that are no prose: parts of addresses, formats of dates.
TECHNICAL_CONTEXTS = {"url", "date format"}


def main() -> int:
    """Runs every part and returns the exit status."""
    faults = []
    texts = []
    for path in project_files("*.po"):
        if "/locale/lt/" in f"/{path}":
            catalogue = polib.pofile(str(ROOT / path))
            faults += [f"{path}:{fault}" for entry in catalogue for fault in entry_faults(entry)]
            texts += [(f"{path}:{entry.msgid!r}", text) for entry in catalogue for text in prose(entry)]
    faults += [f"{CATALOGUE}:{fault}" for fault in stale_entries()]
    texts += [(f"{path}:{number}", text) for path, number, text in lithuanian_files()]
    faults += [f"{where}: {reason}" for where, text in texts for reason in typography_faults(text)]
    faults += [f"{where}: {reason}" for where, text in texts for reason in wording.faults(wording.LITHUANIAN, text)]
    faults += [f"{where}: {reason}" for where, text in english() for reason in wording.faults(wording.ENGLISH, text)]
    faults += [f"{where}: two full stops after the day" for where, text in texts if DOUBLED_STOP.search(text)]
    faults += spelling_faults(texts)
    faults += wording.code_faults()
    for fault in faults:
        print(fault)
    print(f"Lithuanian texts: {len(texts)} checked, {len(faults)} faults.")
    return 1 if faults else 0


def project_files(pattern: str) -> list[Path]:
    """The project's files of that name pattern, relative to its root, without installed packages and local data."""
    found = []
    for folder, folders, names in os.walk(ROOT):
        folders[:] = sorted(set(folders) - SKIPPED_FOLDERS)
        found += [(Path(folder) / name).relative_to(ROOT) for name in sorted(names)]
    return [path for path in found if path.match(pattern)]


def translations(entry: polib.POEntry) -> list[str]:
    """The Lithuanian of an entry: one text, or its three plural forms."""
    return list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]


def prose(entry: polib.POEntry) -> list[str]:
    """The Lithuanian of an entry as far as it is language, its placeholders left out."""
    if entry.msgctxt in TECHNICAL_CONTEXTS or entry.obsolete:
        return []
    return [PLACEHOLDER.sub("\N{OBJECT REPLACEMENT CHARACTER}", text) for text in translations(entry) if text]


def entry_faults(entry: polib.POEntry) -> Iterator[str]:
    """What is wrong with one entry, apart from its words: "<msgid>: reason"."""
    name = f"{entry.msgid!r}"
    texts = translations(entry)
    if entry.obsolete:
        yield f"{name}: obsolete"
        return
    if "fuzzy" in entry.flags:
        yield f"{name}: fuzzy"
    if entry.msgid_plural and set(entry.msgstr_plural) != {0, 1, 2}:
        yield f"{name}: Lithuanian has three plural forms"
    if not all(texts):
        yield f"{name}: untranslated"
        return
    # The first plural form serves 21 and 31 too, so that every form needs what the English plural has.
    source = entry.msgid_plural or entry.msgid
    for text in texts:
        if set(PLACEHOLDER.findall(text)) != set(PLACEHOLDER.findall(source)):
            yield f"{name}: other placeholders in {text!r}"
        if DOUBLED_STOP.search(text):
            yield f"{name}: two full stops after the day in {text!r}"
        if sorted(TAG.findall(text)) != sorted(TAG.findall(source)):
            yield f"{name}: other tags in {text!r}"
        if [text[:1].isspace(), text[-1:].isspace()] != [source[:1].isspace(), source[-1:].isspace()]:
            yield f"{name}: other blanks at the ends of {text!r}"


def stale_entries() -> Iterator[str]:
    """Messages of the source that the catalogue lacks, and the other way round; the work tree stays untouched."""
    if not shutil.which("xgettext"):
        print("The catalogue is not compared with the source: there is no xgettext (apt-get install gettext).")
        return
    with tempfile.TemporaryDirectory(prefix="catalogue-") as folder:
        copy = Path(folder) / "project"
        shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(*SKIPPED_FOLDERS, "tests", "*.pyc"))
        (copy / ".local").mkdir()
        before = {key(entry) for entry in polib.pofile(str(copy / CATALOGUE)) if not entry.obsolete}
        command = [
            sys.executable,
            "manage.py",
            "makemessages",
            "-l",
            "lt",
            "-e",
            "html,txt,py,jinja",
            "--no-wrap",
            "--no-obsolete",
            "-v",
            "0",
        ]
        done = subprocess.run(command, cwd=copy, env=environment(copy), capture_output=True, text=True, check=False)
        if done.returncode:
            yield f" makemessages failed: {done.stderr.strip().splitlines()[-1:]}"
            return
        after = {key(entry) for entry in polib.pofile(str(copy / CATALOGUE)) if not entry.obsolete}
    for missing in sorted(after - before):
        yield f"{missing[1]!r}: in the source, not in the catalogue (run makemessages)"
    for left in sorted(before - after):
        yield f"{left[1]!r}: in the catalogue, no longer in the source (run makemessages)"


def environment(copy: Path) -> dict[str, str]:
    """What the settings need to be read; nothing connects to it."""
    return {
        **os.environ,
        "SECRET_KEY": "lint",
        "DEBUG": "1",
        "DATABASE_URL": "postgres://lint@127.0.0.1:1/lint",
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "DATA_DIR": str(copy / ".local"),
    }


def key(entry: polib.POEntry) -> tuple[str, str, str]:
    return (entry.msgctxt or "", entry.msgid, entry.msgid_plural)


def lithuanian_files() -> Iterator[tuple[Path, str, str]]:
    """(file, line or key, text) of the templates written in Lithuanian alone, the clusters' files and the demo."""
    for path in project_files("*_lt.*"):
        if path.parts[0] == "templates":
            for number, line in enumerate((ROOT / path).read_text("utf-8").splitlines(), 1):
                yield path, str(number), line.strip()
    for path, data in cluster_files():
        yield from ((path, *pair) for pair in values(data, "_lt"))
    for path in project_files("commands/seed_*.py"):
        tree = ast.parse((ROOT / path).read_text("utf-8"))
        pieces = {piece for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for piece in node.values}
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and node not in pieces and LITHUANIAN_LETTER.search(str(node.value)):
                yield path, str(node.lineno), str(node.value)


def cluster_files() -> Iterator[tuple[Path, dict[str, Any]]]:
    """The files that lay out a cluster (docs/identity.md), and what they say."""
    for path in project_files("*.toml"):
        if "identity" in path.parts:
            yield path, tomllib.loads((ROOT / path).read_text("utf-8"))


def english() -> Iterator[tuple[str, str]]:
    """(file and entry, text) of the English texts: the messages' ids, our words for allauth's, the English emails, the clusters'
    files.
    """
    for entry in polib.pofile(str(ROOT / CATALOGUE)):
        if entry.msgctxt not in TECHNICAL_CONTEXTS:
            yield from ((f"{entry.msgid!r}", text) for text in (entry.msgid, entry.msgid_plural) if text)
    for entry in polib.pofile(str(ROOT / "cluster_portal/locale/en/LC_MESSAGES/django.po")):
        yield f"{entry.msgid!r}", entry.msgstr
    for path in project_files("*_en.*"):
        if path.parts[0] == "templates":
            yield str(path), (ROOT / path).read_text("utf-8")
    for path, data in cluster_files():
        yield from ((f"{path}:{name}", text) for name, text in values(data, "_en"))


def values(data: object, ending: str, name: str = "") -> Iterator[tuple[str, str]]:
    """(key, text) of every string in nested lists and dictionaries whose key ends so; keys are joined by full stops."""
    if isinstance(data, dict):
        for inner, value in data.items():
            yield from values(value, ending, f"{name}.{inner}".strip("."))
    elif isinstance(data, str) and name.endswith(ending):
        yield name, data


def typography_faults(text: str) -> Iterator[str]:
    """Wrong quotation marks, double blanks and hyphens in the place of dashes."""
    plain = NOT_PROSE.sub("\N{OBJECT REPLACEMENT CHARACTER}", text)
    if re.search(r"[\"”«»]", plain):
        yield f"quotation marks other than „ “ in {text!r}"
    depth = 0
    for mark in re.findall(r"[„“]", plain):
        depth += 1 if mark == "„" else -1
        if depth < 0:
            break
    if depth:
        yield f"unpaired quotation marks in {text!r}"
    if re.search(r"\S[ \N{NO-BREAK SPACE}]{2,}", plain):
        yield f"double blank in {text!r}"
    if re.search(r"\S - \S", plain):
        yield f"a hyphen for a dash in {text!r}"


def spelling_faults(texts: list[tuple[str, str]]) -> list[str]:
    """The words of the texts that neither Debian's dictionary nor tests/words_lt.txt knows."""
    if not (DICTIONARY / "lt_LT.dic").exists():
        print("The spelling is not checked: there is no Lithuanian dictionary (apt-get install hunspell-lt).")
        return []
    try:
        from hunspell import Hunspell
    except ImportError:
        print("The spelling is not checked: there is no hunspell for Python (pip install -r requirements-dev.txt).")
        return []
    speller = Hunspell("lt_LT", hunspell_data_dir=str(DICTIONARY))
    known = project_words()
    faults = []
    for where, text in texts:
        for word in WORD.findall(NOT_PROSE.sub(" ", text).replace("\N{SOFT HYPHEN}", "")):
            # One letter and abbreviations in capitals are not in dictionaries.
            if len(word) > 1 and not word.isupper() and word.lower() not in known and not speller.spell(word):
                faults.append(f"{where}: unknown word {word}")
    return faults


def project_words() -> set[str]:
    """Right words that the dictionary lacks, in lower case: one a line, "#" begins a comment."""
    lines = (line.partition("#")[0].strip().lower() for line in WORDS.read_text("utf-8").splitlines())
    return {line for line in lines if line}


if __name__ == "__main__":
    sys.exit(main())
