"""The words of an email: a subject and plain paragraphs, from which the text and the HTML are made alike.

Paragraphs are separated by empty lines. `{name}` is a placeholder of the mail's kind. A paragraph may be

    [Read the news post]({post})    a link; the first one of an email becomes a button
    > {question}                    a quotation, such as what somebody wrote
    # {code}                        something to be read from afar

and a paragraph of placeholders alone that are all empty is left out. There is no more to it, so that nobody can break
an email or read through it what is not theirs; what is put in for a placeholder is never read as markup.
"""

import re
from collections.abc import Iterable
from dataclasses import replace
from operator import itemgetter
from typing import NamedTuple

from django.conf import settings
from django.template import Engine
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from cluster_portal.identity.current import identity
from cluster_portal.mail.kinds import Context, EmailKind
from cluster_portal.mail.models import LEAVE_MARK, Wording

PLACEHOLDER = re.compile(r"\{([^{}\s]*)\}")
LINK = re.compile(r"\[([^\[\]]+)\]\(([^()\s]*)\)")
SUBJECT_LENGTH = 250
# What people type or paste may end its lines in other ways; templates and mail programs know only \n for certain.
LINE_ENDS = re.compile("\r\n?|[\v\f\x1c-\x1e\x85\u2028\u2029]")


class Words(NamedTuple):
    """What an email says in one language, with its placeholders."""

    subject: str
    text: str


class Paragraph(NamedTuple):
    """One paragraph as the layout shows it: `kind` is paragraph, quotation, large, button or link."""

    kind: str
    text: str
    url: str = ""


def default_words(kind: EmailKind, language: str) -> Words:
    """The words that come with the portal."""
    source = Engine.get_default().get_template(f"{kind.template}_{language}.txt").source
    subject, _line, text = source.strip().partition("\n")
    return Words(subject.strip(), text.strip())


def current(kind: EmailKind, language: str) -> Words:
    """The coordinator's words, or the default ones where there are none."""
    wording = Wording.objects.filter(template=kind.template, language=language).first()
    return Words(wording.subject, wording.text) if wording else default_words(kind, language)


def sendable(kind: EmailKind, languages: Iterable[str]) -> dict[str, Words]:
    """The current words by language, or the default ones where a new release took a placeholder away: an email must always
    leave.
    """
    wordings = Wording.objects.filter(template=kind.template, language__in=languages)
    edited = {wording.language: Words(wording.subject, wording.text) for wording in wordings}
    fit = {language: words for language, words in edited.items() if not faults(kind, *words)}
    return {language: fit.get(language) or default_words(kind, language) for language in languages}


def faults(kind: EmailKind, subject: str, text: str) -> list[str]:
    """What is wrong with words for this kind, each as a sentence that names it; none when they can be sent."""
    found = []
    names = PLACEHOLDER.findall(subject) + PLACEHOLDER.findall(text)
    for name in dict.fromkeys(names):
        if not kind.placeholder(name):
            found.append(_("There is no placeholder {%(name)s} in this email.") % {"name": name})
    for name in dict.fromkeys(PLACEHOLDER.findall(subject)):
        placeholder = kind.placeholder(name)
        # Codes, links and what people wrote stay out of what lists and screens show of an email.
        if placeholder and (placeholder.required or placeholder.is_link):
            found.append(_("The placeholder {%(name)s} belongs in the text, not in the subject.") % {"name": name})
    if re.search(r"[{}]", PLACEHOLDER.sub("", subject + text)):
        found.append(_("A curly bracket stands alone: a placeholder is written as {name}."))
    for label, target in re.findall(r"\[([^\[\]]+)\]\(([^)]*)\)", text):
        name = PLACEHOLDER.fullmatch(target)
        placeholder = kind.placeholder(name[1]) if name else None
        if not (placeholder.is_link if placeholder else re.fullmatch(r"https://[^\s{}]+", target)):
            found.append(_("The link “%(label)s” leads to no address of this email.") % {"label": label})
    for placeholder in kind.placeholders:
        if placeholder.required and placeholder.name not in PLACEHOLDER.findall(text):
            found.append(_("The text needs the placeholder {%(name)s}.") % {"name": placeholder.name})
    return found


def compose(kind: EmailKind, language: str, context: Context, words: Words | None = None) -> dict[str, str]:
    """The mail's `subject`, `text` and `html` in one language; `words` stand in for the current ones."""
    with translation.override(language):
        words = words or sendable(kind, [language])[language]
        names = set(PLACEHOLDER.findall(words.subject) + PLACEHOLDER.findall(words.text))
        values = {
            placeholder.name: LINE_ENDS.sub("\n", str(placeholder.value(context))).strip()
            for placeholder in kind.placeholders
            if placeholder.name in names
        }
        # Organisations' names come into subjects: whatever they hold, a subject is one line.
        subject = " ".join(filled(words.subject, values).split())[:SUBJECT_LENGTH]
        frame = {
            "subject": subject,
            "paragraphs": paragraphs(LINE_ENDS.sub("\n", words.text), values),
            "language": language,
            "site_url": settings.SITE_URL,
            "cluster": identity(),
            "reason": kind.reason,
            "leave_url": LEAVE_MARK if kind.announcement else "",
        }
        text = render_to_string("mail/message.txt", frame).strip() + "\n"
        return {"subject": subject, "text": text, "html": render_to_string("mail/message.html", frame)}


def example(kind: EmailKind, language: str, words: Words) -> dict[str, str]:
    """The mail as it would look with examples in the place of its placeholders."""
    with translation.override(language):
        examples = {placeholder.name: str(placeholder.example) for placeholder in kind.placeholders}
    stand_ins = tuple(replace(placeholder, value=itemgetter(placeholder.name)) for placeholder in kind.placeholders)
    return compose(replace(kind, placeholders=stand_ins), language, examples, words)


def paragraphs(text: str, values: dict[str, str]) -> list[Paragraph]:
    """The paragraphs of `text`, filled in; those of empty placeholders alone are left out."""
    found, has_button = [], False
    for paragraph in re.split(r"\n\s*\n", text.strip()):
        paragraph = paragraph.strip()
        names = PLACEHOLDER.findall(paragraph)
        if names and not any(values[name] for name in names) and not PLACEHOLDER.sub("", paragraph).strip("># \n"):
            continue
        if link := LINK.fullmatch(paragraph):
            found.append(
                Paragraph("link" if has_button else "button", filled(link[1], values), filled(link[2], values))
            )
            has_button = True
        elif paragraph.startswith(">"):
            found.append(Paragraph("quotation", filled(re.sub(r"(?m)^> ?", "", paragraph), values)))
        elif paragraph.startswith("# "):
            found.append(Paragraph("large", filled(paragraph[2:], values)))
        else:
            found.append(Paragraph("paragraph", filled(paragraph, values)))
    return found


def filled(words: str, values: dict[str, str]) -> str:
    """The words with the values in their places. A full stop that follows one („gruodžio 9 d.“, “Alfa Inc.”) is not doubled."""

    def value(match: re.Match[str]) -> str:
        found, stop = values[match[1]], match[2]
        return found if found.endswith(".") else found + stop

    return re.sub(rf"{PLACEHOLDER.pattern}(\.(?!\.)|)", value, words)
