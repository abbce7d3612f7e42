"""The tally against every way in which a ballot can go on, counted by hand."""

from collections import Counter
from fractions import Fraction
from itertools import combinations_with_replacement

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from applications.ballot import counting
from applications.ballot.counting import Majority, Result
from tests.applications import by_hand

HALF = Fraction(1, 2)
MAJORITY, TWO_THIRDS, UNANIMITY = Majority


def counted(stands: dict[str, int], quorum: Fraction, threshold: str) -> counting.Tally:
    """The portal's tally of founders in these stands."""
    stands = Counter(stands)
    return counting.count(
        stands.total(),
        [choice for choice in by_hand.CAST for _founder in range(stands[choice])],
        quorum,
        threshold,
        recused=stands["recused"],
        recorded=[choice for stand, choice in by_hand.RECORDED.items() for _founder in range(stands[stand])],
    )


def agrees(stands: dict[str, int], quorum: Fraction, threshold: str) -> None:
    """Assert that the portal and the count by hand say the same of these stands."""
    found = counted(stands, quorum, threshold)
    assert found.outcome == by_hand.outcome(stands, quorum, threshold), (stands, quorum, threshold)
    assert found.if_closed_now == by_hand.verdict(stands, quorum, threshold), (stands, quorum, threshold)


# Examples a person can check


@pytest.mark.parametrize(
    ("choices", "outcome"),
    [
        ("", Result.OPEN),
        ("for for", Result.OPEN),
        ("for for for", Result.APPROVED),
        ("against against against", Result.REJECTED),
        ("for for against against", Result.OPEN),
        ("for against abstain abstain", Result.OPEN),
        ("for for against against abstain", Result.REJECTED),
        ("abstain abstain abstain abstain abstain", Result.REJECTED),
    ],
)
def test_a_simple_majority_of_five_with_a_quorum_of_half(choices, outcome):
    assert counting.count(5, choices.split(), HALF, MAJORITY).outcome == outcome


def test_two_of_five_votes_closed_now_have_no_quorum():
    assert counting.count(5, ["for", "for"], HALF, MAJORITY).if_closed_now == Result.INQUORATE


def test_half_of_four_is_two_and_half_of_five_is_three():
    assert [counting.votes_needed(entitled, HALF) for entitled in (1, 4, 5)] == [1, 2, 3]


@pytest.mark.parametrize(("recused", "needed"), [(0, 3), (1, 2), (2, 2), (3, 1), (4, 1)])
def test_a_recusal_leaves_the_quorums_denominator(recused, needed):
    assert counting.count(5, [], HALF, MAJORITY, recused=recused).needed == needed


def test_a_recusal_can_make_a_quorum_out_of_votes_that_were_too_few():
    assert counting.count(5, ["for", "for"], HALF, MAJORITY).if_closed_now == Result.INQUORATE
    assert counting.count(5, ["for", "for"], HALF, MAJORITY, recused=1).if_closed_now == Result.APPROVED


def test_a_tie_rejects():
    assert counting.count(4, ["for", "for", "against", "against"], HALF, MAJORITY).outcome == Result.REJECTED


@pytest.mark.parametrize(
    ("choices", "outcome"),
    [
        ("for for for for against", Result.APPROVED),
        ("for for against abstain abstain", Result.APPROVED),  # exactly two thirds; who abstained is not counted
        ("for for for against against", Result.REJECTED),
        ("for abstain abstain abstain abstain", Result.APPROVED),
        ("abstain abstain abstain abstain abstain", Result.REJECTED),
    ],
)
def test_two_thirds_are_of_the_votes_for_and_against(choices, outcome):
    assert counting.count(5, choices.split(), HALF, TWO_THIRDS).outcome == outcome


def test_unanimity_is_of_the_entitled_not_of_those_who_voted():
    assert counting.count(5, ["for"] * 4, HALF, UNANIMITY).if_closed_now == Result.REJECTED
    assert counting.count(5, ["for"] * 4, HALF, UNANIMITY, recused=1).outcome == Result.APPROVED
    assert counting.count(5, [*["for"] * 3, "abstain"], HALF, UNANIMITY).outcome == Result.REJECTED


def test_recorded_votes_count_but_do_not_end_a_ballot_early():
    recorded = counting.count(5, [], HALF, MAJORITY, recorded=["for"] * 5)
    assert (recorded.outcome, recorded.if_closed_now) == (Result.OPEN, Result.APPROVED)
    assert (recorded.for_, recorded.missing) == (5, 0)


@pytest.mark.parametrize("threshold", Majority)
@pytest.mark.parametrize("quorum", [Fraction(0), HALF, Fraction(1)])
@pytest.mark.parametrize("founders", [1, 5, 7])
def test_all_founders_recused_decide_nothing(founders, quorum, threshold):
    found = counting.count(founders, [], quorum, threshold, recused=founders)
    assert (found.outcome, found.all_recused, found.can_change) == (Result.INQUORATE, True, False)
    assert not counting.count(founders, [], quorum, threshold, recused=founders - 1).all_recused


def test_nobody_entitled_decides_nothing():
    found = counting.count(0, [], HALF, UNANIMITY)
    assert (found.outcome, found.all_recused) == (Result.INQUORATE, False)


# Against the count by hand


@pytest.mark.parametrize("founders", range(6))
def test_every_ballot_of_up_to_five_founders(founders):
    for stands in combinations_with_replacement(by_hand.STANDS, founders):
        for quorum in map(Fraction, ("0", "1/3", "1/2", "2/3", "3/4", "1")):
            for threshold in Majority:
                agrees(Counter(stands), quorum, threshold)


ballots = st.lists(st.sampled_from(by_hand.STANDS), max_size=7)
quorums = st.fractions(0, 1, max_denominator=8)
thresholds = st.sampled_from(list(Majority))


@settings(max_examples=400, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(stands=ballots, quorum=quorums, threshold=thresholds)
@example(stands=["for"] * 3 + ["against"] * 3 + ["missing"], quorum=HALF, threshold=MAJORITY)
@example(stands=["for"] * 4 + ["against"] * 2 + ["recused"], quorum=Fraction(1), threshold=TWO_THIRDS)
@example(stands=["missing"] * 7, quorum=Fraction(0), threshold=UNANIMITY)
def test_a_ballot_of_up_to_seven_is_decided_exactly_when_no_completion_changes_it(stands, quorum, threshold):
    agrees(Counter(stands), quorum, threshold)


@settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(stands=ballots, quorum=quorums, threshold=thresholds, data=st.data())
def test_what_is_decided_stays_decided_and_what_is_open_can_be_turned(stands, quorum, threshold, data):
    """Played on founder by founder, a decided ballot ends as decided; an open one has two ends to show."""
    before = counted(Counter(stands), quorum, threshold)
    ends = set()
    for _game in range(2):
        played = [
            data.draw(st.sampled_from(by_hand.WAYS_ON)) if stand in by_hand.OPEN_STANDS else stand for stand in stands
        ]
        ends.add(counted(Counter(played), quorum, threshold).if_closed_now)
    if before.outcome != Result.OPEN:
        assert ends == {before.outcome}
        assert before.if_closed_now == before.outcome
    else:
        settled = Counter(stand for stand in stands if stand not in by_hand.OPEN_STANDS)
        all_ends = {
            counted(settled + Counter(dict(way)), quorum, threshold).if_closed_now
            for way in by_hand.completions(len(stands) - settled.total())
        }
        assert ends <= all_ends
        assert len(all_ends) > 1


@settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(stands=ballots, quorum=quorums, threshold=thresholds)
def test_the_counts_add_up(stands, quorum, threshold):
    found = counted(Counter(stands), quorum, threshold)
    assert found.entitled == len(stands) - stands.count("recused")
    assert found.voted + found.missing == found.entitled
    assert found.missing == stands.count("missing")
    assert found.for_ == stands.count("for") + stands.count("recorded for")
    assert Fraction(found.needed) >= found.entitled * quorum
    assert found.needed == 1 or Fraction(found.needed - 1) < found.entitled * quorum
