"""The list of words that are not used finds each kind of mistake, and leaves right sentences alone."""

import pytest

from tests.catalogue import lithuanian_files
from tests.wording import CODE, ENGLISH, LITHUANIAN, faults, python_faults


@pytest.mark.parametrize(
    ("words", "wrong", "right"),
    [
        (LITHUANIAN, "Gautas nepilnas failas.", "Gautas ne visas failas."),
        (LITHUANIAN, "Visas teisinis pavadinimas", "Visas juridinio asmens pavadinimas"),
        (LITHUANIAN, "Niekas neišsaugota.", "Nieko neišsaugota."),
        (LITHUANIAN, "Protokolas Nr. 7", "Protokolas Nr.\xa07"),
        (LITHUANIAN, "2020 m. balandžio 27 d.", "2020\xa0m. balandžio\xa027\xa0d."),
        (ENGLISH, "The mail is sent.", "The email is sent by the mail server."),
        (ENGLISH, "%(count)s mail failed", "%(count)s email failed"),
        (ENGLISH, "Your e-mail address", "Your email address"),
        (ENGLISH, "Vote anew", "Vote again"),
        (CODE, "# The clockwork closes it.", "# The scheduled task closes it."),
        (CODE, "# Addresses, by commas", "# Addresses, separated by commas"),
        (CODE, "# Paragraphs are parted by empty lines.", "# Paragraphs are separated by empty lines."),
    ],
)
def test_a_mistake_is_named_and_its_correction_is_not(words, wrong, right):
    assert len(list(faults(words, wrong))) == 1
    assert list(faults(words, right)) == []


def test_comments_docstrings_and_names_are_read_and_strings_are_not():
    source = '"""Made anew."""\n\ntold = "made anew"  # its deeds\n'
    assert [fault.partition(" →")[0] for fault in python_faults(source)] == [
        "1: 'anew'",
        "3: the name told",
        "3: 'deeds'",
    ]


def test_the_sentences_that_tests_are_named_by_are_read():
    assert list(python_faults("def test_a_mail_is_sent(): ...\n")) == ["1: 'a mail' → email"]


def test_the_clusters_files_and_the_demo_are_read():
    read = {path.name for path, _place, text in lithuanian_files() if text}
    assert read >= {"gamybos-inovaciju-slenis.toml", "seed_demo.py", "ballot_reminder_lt.txt"}
