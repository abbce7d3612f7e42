"""Words that the portal and its code do not use, each with what to write instead; `tests/catalogue.py` looks for them in
the texts and in the code, `python -m tests.wording` in the code alone.

The lists come from the copy edits: a kind of mistake once corrected is named here, so that it does not come back.
"""

import ast
import io
import re
import subprocess
import sys
import tokenize
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

LITHUANIAN = {
    r"\b[Nn]epiln\w+": "ne visas, ne iki galo",
    r"\b[Tt]eisin\w+ pavadinim\w+": "juridinio asmens pavadinimas",
    r"\b[Nn]iekas ne\w+(?:ta|ti|tas)\b": "nieko (nieko neišsaugota)",
    r"\blaid(?:a|os|ą)\b": "redakcija",
    r"\bbalsavimo teis\w+": "balso teisė",
    r"\bteisę balsuoti turin\w+": "balso teisę turintys",
    r"\bInteresas\b": "nusišalinimo priežastis",
    r"\buž kurį balsuojama": "kurio vardu balsuojama",
    r"\bkam ir kuo didžiuo\w+": "ką ir kam gamina ir kuo didžiuojasi",
    r"\b[Žž]emiau\b": "toliau",
    r"\btarp šakų": "tarp pramonės šakų",
    r"\bkol balsuosite": "kol nebalsavote ir balsavimas nesibaigė",
    r"\bpakeliui\b": "nukopijuota ne visa",
    r"\bpaprieštara\w+": "nesutiko",
    r"\bprašym\w+ turi būti išspręst\w+": "išnagrinėtas",
    r"\b[Uu]žbai[gk]\w* (?:prašymą|kaip atmest\w+)": "atmesti prašymą",
    r"\bPabandykite mažiau": "įrašykite mažiau",
    r"\bKažkas, tikimės": "šis adresas nurodytas…",
    r"\bdviem veiksniais\b(?=.*jungi|$)": "dviejų veiksnių autentifikavimas",
    r"\bNušalinti mano": "nusišalinti",
    r"\bĮsigalioti": "patvirtinti (veiksmažodis yra negalininkinis)",
    r"\bko nors trūksta": "kai ko trūksta",
    r"\bsustabdy\w+ laišk\w+|\blaišk\w+ (?:bus )?sustabdy\w+": "nebesiųsti, siuntimas atšauktas",
    r"\bNr\. ": "nepertraukiamas tarpas po „Nr.“",
    r"\d m\.|\d d\.|\bm\. (?:sausio|vasario|kovo|balandžio|gegužės|birželio|liepos|rugpjūčio|rugsėjo|spalio|"
    r"lapkričio|gruodžio) \d": "nepertraukiami tarpai datoje, kaip formats.py",
}
ENGLISH = {
    r"\b[Ee]-mails?\b": "email",
    r"\b[Mm]ails\b": "emails",
    r"\b(?:[Aa]|[Tt]he|[Tt]his|[Tt]hat|[Ee]very|[Ee]ach|[Oo]ne|[Nn]o|first|old|chosen|\)[sd]) mail\b(?! server)": "email",
    r"\b[Mm]ailed\b": "emailed, sent",
    r"\banew\b": "again",
    r"\blook\w* (?:it |them |your application |the application )?through\b": "review, check",
    r"\bslip\b": "typo",
    r"\bawaits?\b": "is waiting for",
    r"\bshipped\b": "default",
    r"\b[Rr]eason of\b": "reason for",
    r"\bstands? in the minutes\b": "is recorded in the minutes",
    r"\b(?:give|gave) (?:the|this) draft up\b": "discard",
    r"\b[Aa]nonymise\w*": "erase personal data",
    r"\b(?:in|to) the admin\b": "at the coordinator's desk",
    r"\b[Ss]omebody, we hope": "a plain sentence",
    r"\bmended\b": "fixed",
    r"(?<!Legal )\bBasis:": "Legal basis:",
    r"\b[Tt]wo-step\b|\b[Tt]wo-factor log-in\b": "two-factor authentication",
    r"(?<=\w)'(?!ve sent|ll send)(?=\w)|s'(?=\s)": "’",
    r"\bgoes on\b|\bgo on with\b": "continues, continue",
}
# Comments, docstrings and documents.
CODE = {
    r"\banew\b": "again",
    r"\bclockwork\b": "scheduled task",
    r"\bslips? of the pen\b": "typo",
    r"\bpart(?:s|ed) by\b": "separated by",
    r"\bdeeds?\b": "action",
    r"\bmend(?:s|ed|ing)?\b": "fix, correct",
    r"\bawaits\b": "waits for",
    r"\bone's eyes\b": "inline",
    r"\bdone its work\b": "has been used",
    r"\bbeyond us\b": "all recused",
    r"\bshipped\b": "default",
    r"\bby commas\b(?<!separated by commas)": "separated by commas",
    r"\b[Ee]-mails?\b": "email",
    r"\bmails\b": "emails",
    r"\b(?:[Aa]|[Tt]his|[Tt]hat|[Ee]very|[Ee]ach) mail\b(?![- ](?:server|program|app|log|queue|worker|client|folder))": "email",
}
# Names are nouns for things and verbs for actions.
NAMES = {
    "told": "what it holds: lines, notices, events",
    "taken": "in_use, used",
    "here": "current",
    "own": "what it is: its_applications, listed",
    "dress": "lay_out, decorate",
    "dressed": "laid_out, decorated",
    "Once": "a noun for what it keeps",
    "Staffs": "StaffOnly",
    "anew": "again, fresh",
    "deed": "action, step",
    "is_beyond_us": "all_recused",
}


def faults(words: dict[str, str], text: str) -> Iterator[str]:
    """What is found in the text of the words that are not used: "word → instead"."""
    for pattern, instead in words.items():
        if found := re.search(pattern, text):
            yield f"{found.group()!r} → {instead}"


def code_faults() -> Iterator[str]:
    """The same in the code's own prose and names: "file:line: word → instead"."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in listed.splitlines():
        path = ROOT / name
        if (
            not path.is_file()
            or "/migrations/" in name
            or name.startswith(("templates/news/", "tests/cases/", "tests/wording.py"))
        ):
            continue
        if name.endswith(".py"):
            yield from (f"{name}:{fault}" for fault in python_faults(path.read_text("utf-8")))
        elif comment := COMMENTS.get(path.suffix or path.name):
            text = path.read_text("utf-8")
            for found in re.finditer(comment, text, re.S):
                line = text.count("\n", 0, found.start()) + 1
                yield from (f"{name}:{line}: {fault}" for fault in faults(CODE, found.group()))


COMMENTS = {
    ".sql": r"--[^\n]*",
    ".css": r"/\*.*?\*/",
    ".js": r"/\*.*?\*/|(?<!:)//[^\n]*",
    ".html": r"\{#.*?#\}|\{% comment %\}.*?\{% endcomment %\}",
    ".typ": r"//[^\n]*",
    ".jinja": r"\{#.*?#\}",
    ".md": r"[^\n]+",
    ".toml": r"(?<!\S)#[^\n]*",
    ".example": r"(?<!\S)#[^\n]*",
    "Makefile": r"(?<!\S)#[^\n]*",
}


def python_faults(text: str) -> Iterator[str]:
    """ "line: word → instead" of comments, docstrings, the sentences that tests are named by, and other names."""
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            yield from (f"{node.lineno}: {fault}" for fault in faults(CODE, node.name.replace("_", " ")))
    docstrings = {
        node.body[0].lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and ast.get_docstring(node)
    }
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        line = token.start[0]
        if token.type == tokenize.COMMENT or (token.type == tokenize.STRING and line in docstrings):
            yield from (f"{line}: {fault}" for fault in faults(CODE, token.string))
        elif token.type == tokenize.NAME and token.string in NAMES:
            yield f"{line}: the name {token.string} → {NAMES[token.string]}"


if __name__ == "__main__":
    found = list(code_faults())
    print(*found, sep="\n")
    sys.exit(bool(found))
