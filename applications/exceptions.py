"""Refusals of the workflow. Each carries a sentence for the person who asked, in their language."""

from django.utils.translation import gettext as _


class Refused(Exception):
    """The workflow does not do what was asked, and has changed nothing."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class WrongStatus(Refused):
    """The status of the application has changed: the step is not legal from its present status."""

    def __init__(self, status_label: str) -> None:
        super().__init__(
            _("The status of the application has changed: it is now “%(status)s”. Nothing was changed.")
            % {"status": status_label}
        )


class Incomplete(Refused):
    """Something that submission needs is missing; `missing` maps field names to sentences."""

    def __init__(self, missing: dict[str, str]) -> None:
        super().__init__(_("The application is not complete yet. See what is missing below."))
        self.missing = missing


class AlreadyKnown(Refused):
    """The organisation is a member already or has an open application."""


class NotEntitled(Refused):
    """The person may not do this."""


class VotingClosed(Refused):
    """The vote came after the closing of the ballot."""

    def __init__(self) -> None:
        super().__init__(_("Voting on this application is closed. Your vote was not recorded."))


class LinkSpent(Refused):
    """The emailed link has been used, or is somebody else's."""

    def __init__(self) -> None:
        super().__init__(_("This link has been used already. Log in to see or change your organisation’s vote."))
