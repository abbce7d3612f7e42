"""The minutes in words: what the kept content says, in one language. Content of any older version can be read."""

import json
from datetime import date, datetime
from typing import Any

from django.db.models import TextChoices
from django.utils import dateformat, timezone, translation
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from applications.ballot.rule_words import rule_in_words
from applications.minutes.content import completed
from applications.minutes.glyphs import MARK, printable
from applications.models import Ballot, Minutes, Recusal, Vote
from applications.workflow.door import VERBS
from cluster_portal.identity.current import identity


def words_of(minutes: Minutes, language: str) -> dict[str, Any]:
    """All that the layout sets, in one language: see `minutes.typ` for the kinds of sections."""
    content = completed(minutes.content)
    with translation.override(language):
        words = {
            "language": language,
            "cluster": identity().name,
            "title": _("Minutes of the founders’ vote no. %(number)s") % {"number": minutes.number},
            "date": on(content["closed_at"]),
            "subject": _("On the admission of a new member"),
            "example": _("Example: no real organisation, no real decision") if content["is_example"] else "",
            "edition": edition(minutes),
            "decision": {"heading": _("Decision"), "sentence": decision(content), "grounds": grounds(content)},
            "sections": [
                {"heading": _("Considered"), "facts": applicant(content["applicant"], content["submitted_at"])},
                {"heading": _("Decision rule"), "sentences": rule(content)},
                {"heading": _("Course of the ballot"), "facts": course(content)},
                {"heading": _("Founders’ votes"), **votes(content["founders"])},
                {"heading": _("Count"), **count(content["count"])},
                *admission(content),
                {"heading": _("About these minutes"), "sentences": remarks(minutes, content)},
            ],
        }
        settable_words = printable(words)
        if MARK in json.dumps(settable_words, ensure_ascii=False):
            settable_words["sections"][-1]["sentences"].append(about_mark())
        return settable_words


def on(day: str) -> str:
    """A day, or the day of a moment, of the content in words; what is none stands for itself."""
    try:
        parsed = date.fromisoformat(day) if len(day) == 10 else in_vilnius(day)
    except ValueError:
        return day
    return dateformat.format(parsed, pgettext("date format", "j F Y"))


def at(moment: str) -> str:
    """A moment of the content in words, by the clock of Vilnius; what is none stands for itself."""
    try:
        parsed = in_vilnius(moment)
    except ValueError:
        return moment
    return dateformat.format(parsed, pgettext("date format", "j F Y, H:i"))


def in_vilnius(moment: str) -> datetime:
    return timezone.localtime(datetime.fromisoformat(moment), timezone.get_default_timezone())


def edition(minutes: Minutes) -> str:
    """Which edition it is, from the second on."""
    if minutes.edition == 1:
        return ""
    return _("Edition %(edition)d of %(day)s, with the admission") % {
        "edition": minutes.edition,
        "day": on(minutes.issued_at.isoformat()),
    }


def decision(content: dict[str, Any]) -> str:
    """The outcome as a resolution."""
    if content["count"]["entitled"] == 0:
        return _("No decision by ballot: all founders recused themselves. It is taken outside the portal.")
    return {
        Ballot.Outcome.APPROVED: _("Resolved: to approve the application to join the cluster."),
        Ballot.Outcome.REJECTED: _("Resolved: not to approve the application to join the cluster."),
        Ballot.Outcome.INQUORATE: _("No decision was taken: there was no quorum."),
    }.get(content["outcome"], content["outcome"])


def grounds(content: dict[str, Any]) -> str:
    """The votes and the quorum in one line."""
    count, sentences = content["count"], []
    if has(count, "for", "against", "abstain"):
        sentences.append(_("For – %(for)d, against – %(against)d, abstained – %(abstain)d.") % count)
    if has(count, "voted", "needed"):
        sentences.append(_("There is a quorum.") if count["voted"] >= count["needed"] else _("There is no quorum."))
    return " ".join(sentences)


def has(numbers: dict[str, int | None], *names: str) -> bool:
    """Whether all these numbers were kept."""
    return all(numbers[name] is not None for name in names)


def applicant(facts: dict[str, Any], submitted_at: str) -> list[list[str]]:
    """The organisation that applied, as pairs of label and value."""
    pairs = [
        (_("Application of"), facts["name"]),
        (_("Full legal name"), facts["legal_name"]),
        (_("Legal entity code"), facts["company_code"]),
        (_("Municipality"), facts["municipality"][translation.get_language()]),
        (_("Application submitted"), at(submitted_at)),
    ]
    return [[label, value or "–"] for label, value in pairs]


def rule(content: dict[str, Any]) -> list[str]:
    """The rule under which the ballot was opened, for all founders entitled then."""
    return rule_in_words(content["rule"], content["count"]["founders"])


def course(content: dict[str, Any]) -> list[list[str]]:
    """From the opening to the closing, as pairs of moment and what happened."""
    happened = [[at(content["opened_at"]), _("Voting opened.")]]
    happened += [[at(event["at"]), what(event)] for event in content["course"]]
    deadline = _("Voting closed; its deadline was %(moment)s.") % {"moment": at(content["closes_at"])}
    return [*happened, [at(content["closed_at"]), deadline]]


def what(event: dict[str, Any]) -> str:
    """One event of the ballot's course, with its reason."""
    if event["event"] == "closed":
        return {
            Ballot.Outcome.APPROVED: _("Voting closed: the application was approved."),
            Ballot.Outcome.REJECTED: _("Voting closed: the application was not approved."),
            Ballot.Outcome.INQUORATE: _("Voting closed without a quorum."),
        }.get(event["outcome"], event["outcome"])
    verb = VERBS.get(event["event"])
    line = verb.history_line if verb else None
    sentence = str(line.new_deadline) % {"moment": at(event["until"])} if line and line.new_deadline else event["event"]
    return "\n".join([sentence, *([labelled(_("Reason"), event["reason"])] if event["reason"] else [])])


def label_of(choices: type[TextChoices], value: str) -> str:
    """The word for a kept value; the value itself where a later version knows it no more."""
    return str(choices(value).label) if value in choices.values else value


def labelled(label: str, text: str) -> str:
    return f"{label}: {text}"


def votes(founders: list[dict[str, Any]]) -> dict[str, Any]:
    """The table of the founders: who, what vote, when and how."""
    rows = [[[founder["name"], founder["legal_name"]], stance(founder), details(founder)] for founder in founders]
    return {"columns": [_("Founder"), pgettext("minutes", "Vote"), _("When and how")], "votes": rows}


def stance(founder: dict[str, Any]) -> str:
    """A founder's vote in a word."""
    vote = founder["vote"]
    if founder["recusal"]:
        return pgettext("minutes", "Recused")
    if vote is None:
        return pgettext("minutes", "Did not vote")
    if vote["objected_at"]:
        return pgettext("minutes", "Not counted")
    return capfirst(label_of(Vote.Choice, vote["choice"]))


def details(founder: dict[str, Any]) -> list[str]:
    """The circumstances of a founder's vote or recusal, one a line."""
    recusal, vote = founder["recusal"], founder["vote"]
    if recusal:
        lines = [circumstances(recusal["declared_at"], recusal["manner"])]
        lines.append(labelled(_("Declared by"), recusal["by"]))
        lines.append(labelled(_("Reason for recusal"), label_of(Recusal.Interest, recusal["interest"])))
        if recusal["word"]:
            lines.append(labelled(_("Explanation"), recusal["word"]))
        if vote:
            lines.append(_("The vote that it had cast before is not counted."))
        return lines
    return vote_lines(vote) if vote else []


def vote_lines(vote: dict[str, Any]) -> list[str]:
    """When and how a vote was given and who cast it; the paper or meeting, the objection and the comment, if any."""
    lines = [circumstances(vote["cast_at"], vote["manner"])]
    if vote["manner"] == Vote.Manner.RECORDED:
        source = {"day": on(vote["decided_on"]), "reference": vote["reference"]}
        lines.append(_("Document or meeting of %(day)s: %(reference)s") % source)
        lines.append(labelled(_("Recorded by"), vote["by"]))
    else:
        lines.append(labelled(_("Cast by"), vote["by"]))
    if vote["objected_at"]:
        lines.append(labelled(_("Recorded vote"), label_of(Vote.Choice, vote["choice"])))
        moment = {"moment": at(vote["objected_at"])}
        lines.append(labelled(_("The founder objected on %(moment)s") % moment, vote["objection"]))
    if vote["comment"]:
        lines.append(labelled(_("Comment"), vote["comment"]))
    return lines


def circumstances(moment: str, manner: str) -> str:
    """When and in what manner: "24 November 2026, 14:05 – in the portal"."""
    return f"{at(moment)} – {label_of(Vote.Manner, manner)}"


def count(numbers: dict[str, int | None]) -> dict[str, Any]:
    """The table of the numbers, and the quorum in a sentence."""
    columns = {
        "founders": _("Founders"),
        "recused": pgettext("minutes", "Recused"),
        "entitled": _("Entitled to vote"),
        "for": capfirst(pgettext("vote", "for")),
        "against": capfirst(pgettext("vote", "against")),
        "abstain": capfirst(pgettext("vote", "abstained")),
        "missing": pgettext("minutes", "Did not vote"),
    }
    figures = {
        "labels": list(columns.values()),
        "figures": ["–" if numbers[name] is None else str(numbers[name]) for name in columns],
    }
    return {**figures, "sentences": quorum(numbers)}


def quorum(numbers: dict[str, int | None]) -> list[str]:
    """Whether there is a quorum, and by which numbers, where they were kept."""
    voted, needed, entitled = numbers["voted"], numbers["needed"], numbers["entitled"]
    if entitled == 0:
        return [_("There can be no quorum: all founders recused themselves.")]
    if voted is None or needed is None or entitled is None:
        return []
    if voted >= needed:
        sentence = ngettext(
            "There is a quorum: %(voted)d of %(entitled)d entitled founder voted; at least %(needed)d had to.",
            "There is a quorum: %(voted)d of %(entitled)d entitled founders voted; at least %(needed)d had to.",
            entitled,
        )
    else:
        sentence = ngettext(
            "There is no quorum: %(voted)d of %(entitled)d entitled founder voted; at least %(needed)d had to.",
            "There is no quorum: %(voted)d of %(entitled)d entitled founders voted; at least %(needed)d had to.",
            entitled,
        )
    return [sentence % numbers]


def admission(content: dict[str, Any]) -> list[dict[str, Any]]:
    """The section that the second edition adds."""
    if not (admitted := content.get("admission")):
        return []
    sentence = _("The organisation was admitted to the cluster on %(day)s as member no. %(number)d.") % {
        "day": on(admitted["on"]),
        "number": admitted["member"],
    }
    sentences = [sentence]
    if outside := admitted.get("outside_decision"):
        sentences.append(labelled(_("Decision taken outside the portal"), outside))
    return [{"heading": _("Admission"), "sentences": sentences}]


def remarks(minutes: Minutes, content: dict[str, Any]) -> list[str]:
    """What a reader must know of the document itself."""
    sentences = []
    if minutes.edition > 1:
        sentences.append(
            _("This edition adds the admission; what the founders decided on %(day)s is unchanged.")
            % {"day": on(content["closed_at"])}
        )
    for earlier in content["supersedes"]:
        sentences.append(
            _("These minutes supersede minutes no. %(number)s of %(day)s on the same application.")
            % {"number": earlier["number"], "day": on(earlier["issued_at"])}
        )
    sentences.append(
        _("These minutes were drawn up by the cluster’s portal when voting closed, from what it had recorded by then.")
    )
    sentences.append(
        _(
            "The minutes were drawn up automatically and are not signed; their integrity is confirmed by the SHA-256 "
            "checksum of this file, which the portal keeps and checks at every download."
        )
    )
    sentences.append(_("All times are Lithuanian time."))
    return sentences


def about_mark() -> str:
    """What MARK means, where it is used."""
    return _(
        "The sign %(mark)s stands for a character that this document’s font lacks; the portal keeps the original."
    ) % {"mark": MARK}
