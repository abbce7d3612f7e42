"""The founders' ballot counted by hand: the design's rule in its own words, and every way to go on, one founder at a time.

Slow and simple on purpose; `applications/tally.py` is held against it.
"""

from collections import Counter
from fractions import Fraction
from functools import cache
from itertools import product

# Where one founder may stand. A recorded vote is the coordinator's word for the founder, who may still speak for itself.
CAST = ("for", "against", "abstain")
RECORDED = {f"recorded {choice}": choice for choice in CAST}
OPEN_STANDS = ("missing", *RECORDED)
STANDS = (*CAST, "recused", *OPEN_STANDS)
WAYS_ON = (*CAST, "recused", "missing")  # to object to a recorded vote is to be missing again


def verdict(stands: dict[str, int], quorum: Fraction, threshold: str) -> str:
    """What a ballot closed with so many founders in each stand decides."""
    stands = Counter(stands)
    for_, against, abstain = (stands[choice] + stands[f"recorded {choice}"] for choice in CAST)
    voted, entitled = for_ + against + abstain, stands.total() - stands["recused"]
    if voted == 0 or Fraction(voted, entitled) < quorum:
        return "inquorate"
    if threshold == "simple_majority":
        approved = for_ > against
    elif threshold == "two_thirds":
        approved = for_ > 0 and Fraction(for_, for_ + against) >= Fraction(2, 3)
    else:
        assert threshold == "unanimity"
        approved = for_ == entitled
    return "approved" if approved else "rejected"


@cache
def completions(open_founders: int) -> frozenset[frozenset[tuple[str, int]]]:
    """Every way in which so many founders may each go on, as numbers of stands."""
    return frozenset(frozenset(Counter(way).items()) for way in product(WAYS_ON, repeat=open_founders))


def outcome(stands: dict[str, int], quorum: Fraction, threshold: str) -> str:
    """The outcome that every completion has, or "open" where they differ.

    The votes that founders cast themselves stay; missing founders and those with a recorded vote may do anything.
    """
    settled = Counter({stand: number for stand, number in stands.items() if stand not in OPEN_STANDS})
    open_founders = sum(stands.values()) - settled.total()
    found = {verdict(settled + Counter(dict(way)), quorum, threshold) for way in completions(open_founders)}
    return found.pop() if len(found) == 1 else "open"
