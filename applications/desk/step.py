"""A step of the coordinator: one of the workflow's verbs on the screen.

A file of `steps/` holds one class: the words, the form's fields, what the step will do, and the call of its verb. All
files there are imported at the start (see `apps.py`); the pages, addresses and buttons are made of `STEPS`.
"""

from abc import ABCMeta, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from django import forms
from django.forms.forms import DeclarativeFieldsMetaclass
from django.utils.translation import gettext as _

from applications import emails
from applications.models import Application
from applications.workflow.door import Verb
from cluster_portal.base.prompts import Prompts
from cluster_portal.mail.outbox import Letter, Recipient
from members.models import Member, User

if TYPE_CHECKING:  # the stubs' own name for what gettext_lazy gives
    from django.utils.functional import _StrPromise


@dataclass(frozen=True)
class Preview:
    """What a step will do: sentences; the people whom it emails, or where the page shows them, the emails themselves."""

    sentences: list[str]
    recipients: list[Recipient] = field(default_factory=list)
    letters: list[Letter] = field(default_factory=list)

    @property
    def people(self) -> int:
        """How many get an email of `letters`."""
        return sum(len(letter.recipients) for letter in self.letters)


class AbstractForm(DeclarativeFieldsMetaclass, ABCMeta):
    """The metaclass of a form with abstract methods."""


class Step(Prompts, forms.Form, metaclass=AbstractForm):
    """The base of the steps: a form on one application; without fields the step is only confirmed.

    `rank` orders the buttons. Reading the page writes and locks nothing: `preview` only looks.
    """

    verb: ClassVar[Verb[Any, ..., Any]]
    rank: ClassVar[int]
    title: ClassVar["str | _StrPromise"]
    button: ClassVar["str | _StrPromise"]
    done: ClassVar["str | _StrPromise"]
    template: ClassVar[str] = "step"
    is_final: ClassVar[bool] = False  # a decision against somebody that cannot be taken back, and looks so
    do_not_call_in_templates = True  # the page of an application lists the classes

    def __init__(self, *args: Any, application: Application, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.application = application

    @abstractmethod
    def preview(self) -> Preview:
        """What the step will do as the application stands; asked for only where it is legal."""

    @abstractmethod
    def take(self, by: User) -> None:
        """Call the verb with what the valid form holds; raises its refusals."""


STEPS: dict[str, type[Step]] = {}
StepClass = TypeVar("StepClass", bound=type[Step])


def step_of(verb: Verb[Any, ..., Any]) -> Callable[[StepClass], StepClass]:
    """Make a class the step of `verb`."""

    def register(step: StepClass) -> StepClass:
        step.verb = verb
        STEPS[verb.name] = step
        return step

    return register


def next_steps(application: Application) -> list[type[Step]]:
    """The steps that make sense now, in the order of their buttons."""
    steps = sorted(STEPS.values(), key=lambda step: step.rank)
    return [step for step in steps if step.verb.refusal(application) is None]


# What several steps ask or say


def words_field(
    label: "str | _StrPromise", help_text: "str | _StrPromise", max_length: int = 5000, rows: int = 6
) -> forms.CharField:
    return forms.CharField(
        label=label, help_text=help_text, max_length=max_length, widget=forms.Textarea(attrs={"rows": rows})
    )


def without_voter(founders: list[Member]) -> list[str]:
    """A sentence on the founders for which nobody can vote, if there are any: no email reaches them."""
    have_one = {founder.pk for _person, founder in emails.voters(founders)}
    lacking = [str(founder) for founder in founders if founder.pk not in have_one]
    sentence = _(
        "These founders have no voter: %(founders)s. Appoint one, or record their votes given on paper or in a meeting."
    )
    return [sentence % {"founders": ", ".join(lacking)}] if lacking else []


def people_of(founders: list[Member]) -> list[Recipient]:
    """The voters of these founders."""
    return [emails.recipient(person) for person, _founder in emails.voters(founders)]
