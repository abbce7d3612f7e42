"""Two hundred and forty histories of ballots in which everybody acts at once, over connections of their own.

Who does what in which order is drawn from a seed; how the threads interleave is the machine's. Whatever happens, every
closing must have the outcome that the votes recorded by then give when counted by hand, and its own minutes.
"""

import threading
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import timedelta
from itertools import cycle
from random import Random
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from applications import emails, tasks
from applications.ballot.links import VoteLink
from applications.exceptions import LinkSpent, NotEntitled, Refused, VotingClosed, WrongStatus
from applications.models import Application, Ballot, DecisionRule, Minutes, Status, Vote
from applications.workflow import balloting
from applications.workflow.door import VERBS, Taker
from cluster_portal.base.known import known
from cluster_portal.mail.models import OutgoingMail
from members.models import Representative
from tests import factories
from tests.applications import by_hand

HISTORIES, TESTS = 240, 4
LANES = 3  # histories that go on at the same moment
ACTORS = 5  # threads of one history: two crowds of voters, the coordinator, the applicant's side, the clock
RULES = [(1, 2, "simple_majority"), (1, 2, "two_thirds"), (2, 3, "simple_majority"), (1, 1, "unanimity")]
# pghistory's tables, generated from the models
BallotHistory, VoteHistory, RecusalHistory = (
    Application._meta.apps.get_model("applications", name)
    for name in ("BallotHistory", "VoteHistory", "RecusalHistory")
)


class History:
    """One ballot with what its actors will do, and what came of it."""

    def __init__(self, seed: int, applicant, coordinator, voters) -> None:
        self.seed, self.random = seed, Random(seed)
        self.applicant, self.coordinator, self.voters = applicant, coordinator, voters
        numerator, denominator, threshold = self.random.choice(RULES)
        DecisionRule.objects.create(
            quorum_numerator=numerator, quorum_denominator=denominator, threshold=threshold, voting_days=14
        )
        self.application = balloting.open_voting(factories.submitted(applicant), coordinator)
        self.ballot = self.application.ballot
        self.links = {person: VoteLink.make(self.ballot, founder, person) for founder, person in voters}
        self.mood = self.random.choice([(6, 1, 1), (1, 6, 1), (2, 2, 1)])
        self.done: Counter[str] = Counter()
        self.refused: Counter[type] = Counter()
        self.faults: list[BaseException] = []
        record = self.coordinators_action("record_vote")
        self.play_one(record)  # something that may be confirmed or objected to
        self.prepare(recorded=record[1][1])
        half = len(voters) // 2
        self.scripts = [
            [self.voters_action(voters[:half]) for _ in range(4)],
            [self.voters_action(voters[half:]) for _ in range(4)],
            [self.coordinators_action() for _ in range(4)],
            [self.voters_action(voters) for _ in range(2)] + [self.applicants_action()],
            [self.clocks_action() for _ in range(3)],
        ]

    def prepare(self, recorded) -> None:
        """In some histories, what the races come to by chance only has come about before they begin.

        So it comes about in every run, however the threads interleave on a machine that does other things as well.
        """
        if self.seed % 10 == 3:
            self.play_one(("remind_voters", (self.coordinator,), {}))
        if self.seed % 10 == 7:
            person = next(person for founder, person in self.voters if founder == recorded)
            self.play_one(("object_to_vote", (person, "Posėdyje nebuvome."), {}))
        if self.seed % 10 == 5:
            _founder, person = self.voters[0]
            self.play_one(("recuse", (person, "competitor"), {}))
            self.play_one(("cast_vote", (person, "for"), {}))  # refused: it has recused itself
        if choice := {1: "for", 2: "against"}.get(self.seed % 10):
            for founder in dict.fromkeys(founder for founder, _person in self.voters):
                what = (founder, choice, timezone.localdate(), "Protokolas Nr. 7")
                self.play_one(("record_vote", (self.coordinator, *what), {}))
            self.play_one(("close_voting", (self.coordinator,), {}))

    def choice(self) -> str:
        return self.random.choices(["for", "against", "abstain"], self.mood)[0]

    def voters_action(self, voters):
        """(verb, arguments) of a founder's person: mostly a vote, by page or link; or a recusal, or an objection."""
        _founder, person = self.random.choice(voters)
        link = self.random.choice([None, self.links[person]])
        verb = self.random.choices(["cast_vote", "recuse", "object_to_vote"], [6, 1, 3])[0]
        what = {"cast_vote": self.choice(), "recuse": "competitor", "object_to_vote": "Posėdyje nebuvome."}[verb]
        return verb, (person, what), {"link": link}

    def coordinators_action(self, verb: str = ""):
        verb = verb or self.random.choice(
            ["record_vote", "record_vote", "extend_voting", "close_voting", "reopen_voting", "remind_voters"]
        )
        founder, _person = self.random.choice(self.voters)
        what = {
            "record_vote": (founder, self.choice(), timezone.localdate(), "Protokolas Nr. 7"),
            "extend_voting": (self.random.randint(1, 9), "Ne visi spėjo."),
            "reopen_voting": (self.random.randint(1, 9), "Naujos žinios."),
        }.get(verb, ())
        return verb, (self.coordinator, *what), {}

    def applicants_action(self):
        """Seldom the withdrawal; else one more vote."""
        return ("withdraw", (self.applicant,), {}) if self.random.random() < 0.3 else self.voters_action(self.voters)

    def clocks_action(self):
        return self.random.choice(["the deadline passes", "the task closes", "the task closes"]), (), {}

    def play(self, actor: int) -> None:
        """Do what this actor's script says; a refusal is part of the story, anything else is a fault."""
        for action in self.scripts[actor]:
            self.play_one(action)

    def play_one(self, action) -> None:
        verb, arguments, named = action
        try:
            if verb == "the deadline passes":
                with transaction.atomic():
                    factories.past_deadline(self.application)
            elif verb == "the task closes":
                tasks.close_due_ballots()
            else:
                VERBS[verb](self.application, *arguments, **named)
            self.done[verb] += 1
        except Refused as refusal:
            self.refused[type(refusal)] += 1
        except BaseException as fault:  # raised in a thread, it is reported by the test
            self.faults.append(fault)

    def end(self, turns: Iterator[bool]) -> None:
        """The deadline passes for good, and the scheduled task closes what is still open; every second decision against an
        application (`turns`) is reopened before that, for the races seldom leave the coordinator the time.
        """
        application = Application.objects.get(pk=self.application.pk)
        if application.status == Status.REJECTED and next(turns):
            self.play_one(self.coordinators_action("reopen_voting"))
        if Application.objects.get(pk=self.application.pk).status == Status.VOTING:
            with transaction.atomic():
                factories.past_deadline(self.application)
            balloting.close_voting(self.application, None)


def play_at_once(histories: list[History]) -> None:
    """Play the histories, LANES of them at a time, every actor a thread with a connection of its own."""

    def act(lane: list[History], actor: int, together: threading.Barrier) -> None:
        try:
            for history in lane:
                together.wait(60)
                history.play(actor)
        finally:
            connection.close()

    threads = []
    for number in range(LANES):
        lane, together = histories[number::LANES], threading.Barrier(ACTORS)
        threads += [threading.Thread(target=act, args=(lane, actor, together)) for actor in range(ACTORS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def steps_of(ballot: Ballot) -> list[list]:
    """The history rows of a ballot, step by step, each step's votes and recusals before the ballot's own row.

    The rows of one step share pghistory's context. Every step notes its moment while it holds the application's lock, so
    the moments are in the order in which the steps came (the rows' own `pgh_created_at` is when the waiting began).
    """
    steps = defaultdict(list)
    for model, mine in [
        (RecusalHistory, {"ballot": ballot.pk}),
        (VoteHistory, {"ballot": ballot.pk}),
        (BallotHistory, {"pgh_obj": ballot.pk}),
    ]:
        for row in model.objects.filter(**mine, pgh_context__isnull=False).select_related("pgh_context"):
            steps[row.pgh_context_id].append(row)
    return sorted(steps.values(), key=moment)


def moment(step: list):
    """When a step was taken; `step` holds its history rows."""
    name = {
        "cast_vote": "cast_at",
        "record_vote": "cast_at",
        "recuse": "declared_at",
        "object_to_vote": "objected_at",
        "close_voting": "closed_at",
        "open_voting": "pgh_created_at",
    }.get(verb_of(step), "reminded_at")
    return next(value for row in step if (value := getattr(row, name, None)))


def verb_of(step: list) -> str:
    return step[0].pgh_context.metadata["verb"]


class Replay:
    """A ballot rebuilt from its history rows alone, and counted by hand after each step."""

    def __init__(self, ballot: Ballot) -> None:
        self.ballot, self.founders = ballot, list(ballot.entitled.values_list("pk", flat=True))
        self.steps: Counter[str] = Counter()
        self.votes: dict[int, Any] = {}
        self.recused: set[int] = set()
        self.closings: list[str] = []
        self.is_open = True
        for step in steps_of(ballot):
            self.follow(step)

    def follow(self, step: list) -> None:
        was_open, verb = self.is_open, verb_of(step)
        self.steps[verb] += 1
        for row in step:
            if isinstance(row, RecusalHistory):
                self.recused.add(row.founder_id)
            elif isinstance(row, VoteHistory):
                if row.pgh_label == "set_aside":
                    del self.votes[row.founder_id]
                else:
                    assert (row.pgh_label == "changed") == (row.founder_id in self.votes)
                    self.votes[row.founder_id] = row
            else:
                self.is_open = row.closed_at is None
                if row.outcome:
                    self.closings.append(row.outcome)
                    assert row.outcome == by_hand.verdict(self.stands, *self.rule)
        if verb in ("cast_vote", "recuse"):
            assert was_open
            assert self.is_open == (by_hand.outcome(self.stands, *self.rule) == "open"), "closed too early or too late"
        if verb in ("record_vote", "object_to_vote", "remind_voters", "extend_voting", "reopen_voting"):
            assert self.is_open
        if verb == "close_voting":
            assert not self.is_open

    @property
    def rule(self):
        return self.ballot.rule.quorum, self.ballot.rule.threshold

    @property
    def stands(self) -> Counter:
        return Counter(map(self.stand, self.founders))

    def stand(self, founder: int) -> str:
        vote = self.votes.get(founder)
        if founder in self.recused:
            return "recused"
        if vote is None or vote.objected_at:
            return "missing"
        return f"recorded {vote.choice}" if vote.manner == "recorded" else vote.choice


STATUS_OF = {"approved": Status.APPROVED, "rejected": Status.REJECTED, "inquorate": Status.LAPSED}
VOTE_FIELDS = [field.attname for field in Vote._meta.concrete_fields]


def check(history: History) -> None:
    """What must hold of every history, however it went."""
    application = Application.objects.get(pk=history.application.pk)
    ballot = Ballot.objects.select_related("rule").get(application=application)
    replay = Replay(ballot)

    # The outcome is that of the recorded votes; a withdrawn application may have had none.
    if application.status != Status.WITHDRAWN:
        assert application.status == STATUS_OF[ballot.outcome]
        assert ballot.outcome == replay.closings[-1] == ballot.tally().if_closed_now
        assert ballot.outcome == by_hand.verdict(replay.stands, *replay.rule)
        # The last minutes tell each extension and reopening, and nothing else of that kind.
        course = Counter(event["event"] for event in known(application.minutes.last()).content["course"])
        assert course["extend_voting"] == replay.steps["extend_voting"]
        assert course["reopen_voting"] == replay.steps["reopen_voting"]

    # One set of minutes a closing, and no other.
    assert list(application.minutes.order_by("sequence").values_list("edition", "content__outcome")) == [
        (1, outcome) for outcome in replay.closings
    ]
    assert BallotHistory.objects.filter(pgh_obj=ballot.pk).exclude(outcome="").count() == len(replay.closings)

    # The history is complete: its last row of each founder is the vote, and each step that was taken is there.
    votes = {vote.founder_id: vote for vote in ballot.votes.all()}
    assert len(votes) == ballot.votes.count()
    assert votes.keys() == replay.votes.keys()
    for founder, vote in votes.items():
        for name in VOTE_FIELDS:
            assert getattr(replay.votes[founder], name) == getattr(vote, name), name
    for verb in ("cast_vote", "recuse", "record_vote", "object_to_vote", "extend_voting", "reopen_voting"):
        assert replay.steps[verb] == history.done[verb], verb
    assert replay.recused == set(ballot.recusals.values_list("founder_id", flat=True))

    # Nobody is called to vote on a ballot that is closed, and the coordinator hears of each closing once.
    calls = OutgoingMail.objects.filter(topic=application.topic, status="queued")
    assert not any(mail.key.split(":")[2] in emails.CALLS_TO_VOTE for mail in calls)
    results = OutgoingMail.objects.filter(key__startswith=f"{application.topic}:voting_closed:")
    assert results.filter(to=history.coordinator.email).count() == len(replay.closings)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("part", range(TESTS))
def test_every_history_ends_as_its_votes_say(part, monkeypatch, caplog, applicant, coordinator, founders):
    # Two days to object would keep the coordinator's closing out of all histories.
    monkeypatch.setattr("applications.models.ballot.TIME_TO_OBJECT", timedelta(0))
    voters = [(founder, founder.voter) for founder in founders]
    for founder in founders[:2]:  # two organisations that send two people each
        second = factories.person()
        Representative.objects.create(member=founder, user=second, role=Representative.Role.VOTER)
        voters.append((founder, second))
    seeds = range(part * HISTORIES // TESTS, (part + 1) * HISTORIES // TESTS)
    histories = [History(seed, applicant, coordinator, voters) for seed in seeds]
    play_at_once(histories)
    turns = cycle([True, False])
    for history in histories:
        assert history.faults == [], history.seed
        history.end(turns)
    faults_of_the_clockwork = [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]
    assert faults_of_the_clockwork == []
    for history in histories:
        check(history)

    numbers = defaultdict(list)
    for year, sequence in Minutes.objects.filter(edition=1).values_list("year", "sequence"):
        numbers[year].append(sequence)
    for given in numbers.values():
        assert sorted(given) == list(range(1, len(given) + 1))

    # The histories were no quiet ones: every action succeeded somewhere, every refusal and every end came.
    done = sum((history.done for history in histories), Counter())
    refused = sum((history.refused for history in histories), Counter())
    ends = Counter(Application.objects.values_list("status", flat=True))
    print(
        f"histories {seeds}: {dict(done)}, refused { ({kind.__name__: n for kind, n in refused.items()}) }, {dict(ends)}"
    )
    verbs = [
        *(name for name, verb in VERBS.items() if verb.taker == Taker.VOTER),
        "record_vote",
        "remind_voters",
        "extend_voting",
        "close_voting",
        "reopen_voting",
        "withdraw",
    ]
    assert [verb for verb in verbs if not done[verb]] == []
    assert refused.keys() >= {Refused, VotingClosed, WrongStatus, NotEntitled, LinkSpent}
    assert ends.keys() == {Status.APPROVED, Status.REJECTED, Status.LAPSED, Status.WITHDRAWN}
