"""Joining the cluster: the application, the founders' ballot on it, and the minutes of the decision."""

from typing import Any

from applications.models.application import (
    ONE_OPEN_APPLICATION,
    OPEN_STATUSES,
    Application,
    Attachment,
    Status,
    private_storage,
)
from applications.models.ballot import Ballot, DecisionRule, Recusal, Vote
from applications.models.history import HistoryContext
from applications.models.minutes import Minutes

# Made by pghistory
ApplicationHistory: Any
BallotHistory: Any
RecusalHistory: Any
VoteHistory: Any

__all__ = [
    "ONE_OPEN_APPLICATION", "OPEN_STATUSES", "Application", "Attachment", "Ballot", "DecisionRule", "HistoryContext", "Minutes", "Recusal", "Status", "Vote",
    "private_storage",
]  # fmt: skip
