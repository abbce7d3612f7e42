"""Counting the founders' votes. Pure: everything goes in as arguments, nothing is read or written.

The rule's terms are those of the design: quorum (share of the entitled founders that must have voted) and threshold.
A founder that recused itself is not entitled. A vote recorded from paper or a meeting counts, but its founder may
still object to it; so, for the question whether the outcome can still change, it is as open as a missing one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction


class Result(StrEnum):
    OPEN = "open"
    APPROVED = "approved"
    REJECTED = "rejected"
    INQUORATE = "inquorate"


class Majority(StrEnum):
    SIMPLE_MAJORITY = "simple_majority"
    TWO_THIRDS = "two_thirds"
    UNANIMITY = "unanimity"


@dataclass(frozen=True)
class Tally:
    """The state of a ballot, in numbers of founders.

    `outcome` is OPEN while some way to go on would still change it; `if_closed_now` is what closing at this moment gives.
    """

    founders: int
    recused: int
    for_: int
    against: int
    abstain: int
    needed: int
    outcome: Result
    if_closed_now: Result

    @property
    def entitled(self) -> int:
        return self.founders - self.recused

    @property
    def voted(self) -> int:
        return self.for_ + self.against + self.abstain

    @property
    def missing(self) -> int:
        return self.entitled - self.voted

    @property
    def can_change(self) -> bool:
        return self.outcome == Result.OPEN

    @property
    def all_recused(self) -> bool:
        """Whether every founder recused itself, so that the decision must be taken outside the portal."""
        return self.founders > 0 and self.entitled == 0


def votes_needed(entitled: int, quorum: Fraction) -> int:
    """How many founders must vote: the quorum's share of those entitled, rounded up, and at least one."""
    return max(1, -(-entitled * quorum.numerator // quorum.denominator))


def result(entitled: int, for_: int, against: int, abstain: int, quorum: Fraction, threshold: str) -> Result:
    """The outcome of a ballot closed with these votes. A tie rejects. No entitled founder: inquorate."""
    if for_ + against + abstain < votes_needed(entitled, quorum):
        return Result.INQUORATE
    passed = {
        Majority.SIMPLE_MAJORITY: for_ > against,
        Majority.TWO_THIRDS: for_ > 0 and 3 * for_ >= 2 * (for_ + against),
        Majority.UNANIMITY: for_ == entitled,
    }[Majority(threshold)]
    return Result.APPROVED if passed else Result.REJECTED


def count(
    founders: int,
    choices: Sequence[str],
    quorum: Fraction,
    threshold: str,
    *,
    recused: int = 0,
    recorded: Sequence[str] = (),
) -> Tally:
    """Count the ballot of `founders`, of which `recused` stepped aside.

    `choices` ("for", "against", "abstain") are the votes that founders cast themselves, `recorded` those that the
    coordinator recorded for others; one a founder, none of a recused one.
    """
    entitled = founders - recused
    for_, against, abstain = (list(choices).count(choice) for choice in ("for", "against", "abstain"))
    # Three ways to go on show every end there is: nobody votes, all that are open vote for, all vote against. Whatever else
    # they do, abstaining and recusing themselves included: if that approves, all voting for does; if it rejects, all voting
    # against does; and if it leaves no quorum, silence does.
    open_ = entitled - len(choices)
    possible = {
        result(entitled, for_ + f, against + a, abstain, quorum, threshold) for f, a in ((0, 0), (open_, 0), (0, open_))
    }
    all_for, all_against, all_abstain = (
        cast + list(recorded).count(choice)
        for cast, choice in ((for_, "for"), (against, "against"), (abstain, "abstain"))
    )
    return Tally(
        founders=founders,
        recused=recused,
        for_=all_for,
        against=all_against,
        abstain=all_abstain,
        needed=votes_needed(entitled, quorum),
        outcome=possible.pop() if len(possible) == 1 else Result.OPEN,
        if_closed_now=result(entitled, all_for, all_against, all_abstain, quorum, threshold),
    )
