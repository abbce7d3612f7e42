"""The links in the emails of a ballot: each lets one person vote once, for one founder, without a password.

A link is signed and holds no secret of the portal. It opens a page; only that page's POST votes. It is spent as soon as
the founder has voted or recused itself after the link was made, in whatever way, so that a forwarded or used link changes nothing;
and it ends with the ballot.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from django.core import signing
from django.urls import reverse
from django.utils import timezone

from applications.models import Ballot, Vote
from members.models import Member, User
from members.permissions import founder_of


def signer() -> signing.Signer:
    """Not the one that adds the time of signing: a link holds its own, and reads the same whenever it is written."""
    return signing.Signer(salt="applications.ballot.links")


@dataclass(frozen=True)
class VoteLink:
    """What a link says: whom it was emailed to, for which founder, on which ballot and round, and when."""

    ballot_id: int
    round: int
    founder_id: int
    person_id: int
    made_at: datetime

    @property
    def token(self) -> str:
        return signer().sign_object(
            [self.ballot_id, self.round, self.founder_id, self.person_id, int(self.made_at.timestamp() * 1000)]
        )

    @property
    def path(self) -> str:
        return reverse("ballots:link", args=[self.token])

    @classmethod
    def make(cls, ballot: Ballot, founder: Member, person: User) -> "VoteLink":
        return cls(ballot.pk, ballot.round, founder.pk, person.pk, timezone.now())

    @classmethod
    def read(cls, token: str) -> "VoteLink | None":
        """The link that `token` is, or None where it is none of ours."""
        try:
            ballot, ballot_round, founder, person, made = signer().unsign_object(token)
        except signing.BadSignature:
            return None
        return cls(ballot, ballot_round, founder, person, datetime.fromtimestamp(made / 1000, UTC))

    def person(self) -> User | None:
        """The person it was emailed to, if still a voter of that founder."""
        person = User.objects.filter(pk=self.person_id, is_active=True).first()
        founder = founder_of(person) if person else None
        return person if founder and founder.pk == self.founder_id else None

    def is_spent(self, ballot: Ballot) -> bool:
        """Whether the founder has voted or recused itself since, or the ballot has gone into another round."""
        if ballot.pk != self.ballot_id or ballot.round != self.round:
            return True
        since = ballot.votes.exclude(manner=Vote.Manner.RECORDED).filter(
            founder=self.founder_id, cast_at__gte=self.made_at
        )
        return since.exists() or ballot.recusals.filter(founder=self.founder_id).exists()
