"""A decision rule in plain sentences, from data: the rule of today's ballots, and those that old minutes keep."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from applications.ballot.counting import Majority, votes_needed


def rule_in_words(rule: Mapping[str, Any], entitled: int | None) -> list[str]:
    """What `rule` (see `DecisionRule.as_data`) says, for so many entitled founders.

    Minutes outlive the code that wrote them: what a rule does not say has no sentence, what it says beyond is left out, and
    so is the quorum where it is not known how many were `entitled`.
    """
    sentences = []
    numerator, denominator = rule.get("quorum_numerator"), rule.get("quorum_denominator")
    if numerator is not None and denominator and entitled is not None:
        sentences.append(quorum(Fraction(numerator, denominator), entitled))
    if sentence := threshold(rule.get("threshold", "")):
        sentences.append(sentence)
    if days := rule.get("voting_days"):
        sentences.append(voting_time(days))
    if days := rule.get("reminder_days"):
        sentences.append(
            _("Those who have not voted are reminded this many days before the end: %(days)s.")
            % {"days": ", ".join(map(str, sorted(days, reverse=True)))}
        )
    if "comments_shown" in rule:
        sentences.append(
            _("Founders read one another’s comments once they have voted.")
            if rule["comments_shown"]
            else _("Only the coordinator reads the comments; they are recorded in the minutes.")
        )
    return sentences


def quorum(share: Fraction, entitled: int) -> str:
    """How many founders must vote."""
    return ngettext(
        "At least %(needed)d of %(entitled)d founder must vote.",
        "At least %(needed)d of %(entitled)d founders must vote.",
        entitled,
    ) % {"needed": votes_needed(entitled, share), "entitled": entitled}


def threshold(kind: str) -> str:
    """What approves; a threshold that is no longer known stands for itself."""
    itself = f"{capfirst(_('threshold'))}: {kind}." if kind else ""
    return {
        Majority.SIMPLE_MAJORITY.value: _(
            "An application is approved when more founders vote for than against; a tie rejects it."
        ),
        Majority.TWO_THIRDS.value: _(
            "An application is approved when at least two thirds of the votes, not counting abstentions, are in favour."
        ),
        Majority.UNANIMITY.value: _("An application is approved when every entitled founder votes for."),
    }.get(kind, itself)


def voting_time(days: int) -> str:
    """How long founders vote."""
    return ngettext(
        "Voting takes %(days)d day; it ends sooner once no vote can change the outcome.",
        "Voting takes %(days)d days; it ends sooner once no vote can change the outcome.",
        days,
    ) % {"days": days}
