"""The words of the emails: how they are written, checked and laid out, and that the default ones hold."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template import Engine

from cluster_portal.mail import words
from cluster_portal.mail.kinds import KINDS, EmailKind, Placeholder
from cluster_portal.mail.models import Wording
from cluster_portal.mail.words import Words, compose, current, default_words, example, faults, filled
from tests.catalogue import NOT_PROSE, WORD

KIND = EmailKind(
    "account/email/login_code",
    "A mail",
    (
        Placeholder("name", "a name", "Alfa", lambda context: context["name"]),
        Placeholder("note", "a note", "Beta", lambda context: context["note"]),
        Placeholder("page", "a link", "https://example.org/", lambda context: context["page"], is_link=True),
    ),
)
CONTEXT = {"name": "Alfa & <Ko> {note} [x](https://evil.example)", "note": "", "page": "https://example.org/a?b=1&c=2"}
LANGUAGES = [code for code, _name in settings.LANGUAGES]


def composed(text, subject="Subject", **context):
    return compose(KIND, "en", {**CONTEXT, **context}, Words(subject, text))


@pytest.mark.django_db
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("template", KINDS)
def test_every_default_email_keeps_the_rules_and_is_whole(template, language):
    kind = KINDS[template]
    assert faults(kind, *default_words(kind, language)) == []
    mail = example(kind, language, default_words(kind, language))
    assert mail["subject"] == mail["subject"].strip() != ""
    assert ".." not in mail["text"]  # Lithuanian dates end in a full stop: none stands at the end of a sentence
    for part in (mail["text"], mail["html"]):
        assert "{" not in part.replace("{display", "")
        assert ".." not in part  # a date in Lithuanian brings a full stop of its own
        assert {"lt": "Gamybos inovacijų slėnio klasteris", "en": "Production Innovation Valley cluster"}[
            language
        ] in part
        assert settings.SITE_URL in part
    assert not re.search(r"<(script|img|link|iframe|object|form)\b|url\(|@import|\bon\w+=", mail["html"])
    assert f'<html lang="{language}">' in mail["html"]
    assert max(map(len, mail["html"].splitlines())) < 998  # RFC 5322, 2.1.1


def test_every_email_template_is_of_a_kind_that_the_coordinator_can_edit():
    [folder] = Engine.get_default().dirs
    found = {
        str(path.relative_to(folder))[: -len("_lt.txt")]
        for pattern in ("*/emails/*_lt.txt", "*/email/*_lt.txt")
        for path in Path(folder).glob(pattern)
    }
    assert found == set(KINDS)


@pytest.mark.parametrize("template", KINDS)
def test_the_english_of_the_emails_is_spelled_right(template):
    hunspell = pytest.importorskip("hunspell")
    speller = hunspell.Hunspell("en_US", hunspell_data_dir=str(Path(hunspell.__file__).parent / "dictionaries"))
    right = {"organisation", "organisations", "app", "ip", "recusal", "recused", "recuses"}
    text = NOT_PROSE.sub(" ", re.sub(r"\{\w+\}|\]\([^)]*\)", " ", " ".join(default_words(KINDS[template], "en"))))
    unknown = {word for word in WORD.findall(text) if len(word) > 1 and word.lower() not in right}
    assert {word for word in unknown if not speller.spell(word)} == set()


@pytest.mark.django_db
def test_what_stands_in_for_a_placeholder_is_never_markup():
    mail = composed("Hello {name}.", subject="On {name}")
    assert mail["subject"] == "On Alfa & <Ko> {note} [x](https://evil.example)"
    assert "Hello Alfa & <Ko> {note} [x](https://evil.example)." in mail["text"]
    assert "Hello Alfa &amp; &lt;Ko&gt; {note} [x](https://evil.example)." in mail["html"]
    assert 'href="https://evil.example' not in mail["html"]


@pytest.mark.django_db
def test_paragraphs_links_and_quotations():
    mail = composed(
        "One\ntwo\n\n[Read on]({page})\n\n[Again]({page})\n\n> {note}\n\n# {name}", note="A\n\nB", name="123"
    )
    assert "One\ntwo\n\nRead on:\nhttps://example.org/a?b=1&c=2\n\nAgain:\n" in mail["text"]
    assert "<p>One<br>two</p>" in mail["html"]
    assert mail["html"].count('href="https://example.org/a?b=1&amp;c=2"') == 2
    assert "<p>A</p>\n\n<p>B</p>" in mail["html"]
    assert "\n\n> A\n> \n> B\n\n123\n" in mail["text"]  # nobody's words can pass for the portal's own


@pytest.mark.django_db
def test_a_paragraph_of_an_empty_placeholder_is_left_out():
    assert "One\n\nTwo\n" in composed("One\n\n{note}\n\n> {note}\n\nTwo")["text"]
    assert "One\n\nx  y\n" in composed("One\n\nx {note} y")["text"]


@pytest.mark.django_db
def test_a_subject_is_one_line_and_not_endless():
    assert composed("x", subject="A {name}", name="b\r\nBcc: c@example.org")["subject"] == "A b Bcc: c@example.org"
    assert len(composed("x", subject="{name}", name="b" * 999)["subject"]) == words.SUBJECT_LENGTH


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("{name} {nobody}", "{nobody}"),
        ("{ name }", "{name}"),
        ("{name", "{name}"),
        ("[x]({name})", "x“"),
        ("[x](javascript:alert)", "x“"),
        ("[x](http://example.org)", "x“"),
        ("[x]({page}/more)", "x“"),
    ],
)
def test_faults_are_named(text, fault):
    [found] = faults(KIND, "Subject", text)
    assert fault in found


@pytest.mark.parametrize(
    ("template", "name"), [("account/email/login_code", "code"), ("applications/emails/please_vote", "vote")]
)
def test_codes_and_links_stay_out_of_the_subject_which_staff_read(template, name):
    kind = KINDS[template]
    [found] = faults(kind, f"A {{{name}}}", default_words(kind, "lt").text)
    assert f"{{{name}}}" in found


def test_an_email_that_needs_its_code_is_refused_without_it():
    assert faults(KINDS["account/email/login_code"], "Code", "No code") != []
    assert faults(KIND, "S", "[x]({page}) [y](https://example.org/a)") == []


@pytest.mark.django_db
def test_the_coordinators_words_take_precedence_over_the_default_ones():
    kind = KINDS["account/email/login_code"]
    assert current(kind, "lt") == default_words(kind, "lt")
    Wording.objects.create(template=kind.template, language="lt", subject="Kodas", text="# {code}")
    assert current(kind, "lt") == Words("Kodas", "# {code}")
    assert current(kind, "en") == default_words(kind, "en")


@pytest.mark.django_db
def test_words_that_no_longer_fit_do_not_stop_what_they_are_mailed_for():
    kind = KINDS["account/email/login_code"]
    Wording.objects.create(template=kind.template, language="lt", subject="{gone}", text="# {code}")
    assert compose(kind, "lt", {"code": "A-1"})["subject"] == default_words(kind, "lt").subject


def test_a_full_stop_after_a_value_that_ends_in_one_is_not_doubled():
    values = {"day": "2027 m. gruodžio 9 d.", "name": "Alfa Inc.", "plain": "Alfa"}
    assert filled("Iki {day}. {name}. {plain}.", values) == "Iki 2027 m. gruodžio 9 d. Alfa Inc. Alfa."
    assert filled("{name}... {day}, {name}", values) == "Alfa Inc.... 2027 m. gruodžio 9 d., Alfa Inc."
