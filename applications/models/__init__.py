"""Joining the cluster: the application, the founders' ballot on it, and the minutes of the decision."""

from applications.models.application import OPEN_STATUSES, Application, Attachment, Status, private_storage
from applications.models.ballot import Ballot, DecisionRule, Recusal, Vote
from applications.models.history import HistoryContext
from applications.models.minutes import Minutes

__all__ = [
    "OPEN_STATUSES", "Application", "Attachment", "Ballot", "DecisionRule", "HistoryContext", "Minutes", "Recusal", "Status", "Vote",
    "private_storage",
]  # fmt: skip
