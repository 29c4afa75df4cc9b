"""A check as it goes on: its state, what has happened so far, and how it ended."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from pydantic import AwareDatetime, Field, model_validator

from schemas.article import ArticleId
from schemas.record import Record
from schemas.report import Failure
from schemas.usage import StageUsage


class CheckState(StrEnum):
    """Where a check is. `ARROWS` has every way from one state to another; docs/operations.md draws them."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def ended(self) -> bool:
        """Whether it stays as it is."""
        return not ARROWS[self]


ARROWS: Mapping[CheckState, frozenset[CheckState]] = {
    CheckState.QUEUED: frozenset({CheckState.RUNNING, CheckState.CANCELLED}),
    CheckState.RUNNING: frozenset({CheckState.RUNNING, CheckState.DONE, CheckState.FAILED, CheckState.CANCELLED}),
    CheckState.DONE: frozenset(),
    CheckState.FAILED: frozenset(),
    CheckState.CANCELLED: frozenset(),
}
"""From running to running: another worker, or the same one after a restart, takes it up where it was left."""


class Progress(Record):
    """How far a check is. Totals grow while the article is read."""

    stretches: int = Field(default=0, ge=0, description="Stretches of the article that were read, or could not be.")
    claims: int = Field(default=0, ge=0, description="Claims found so far.")
    assessed: int = Field(default=0, ge=0, description="Claims whose report is made, those not assessed among them.")


class Check(Record):
    """One run over one article."""

    id: str = Field(pattern=r"^[0-9a-f]{32}$")
    article_id: ArticleId
    state: CheckState
    model: str = Field(description="As configured when the check was asked for.")
    created_at: AwareDatetime
    started_at: AwareDatetime | None = Field(default=None, description="When it first ran.")
    ended_at: AwareDatetime | None = None
    runs: int = Field(default=0, ge=0, description="How often it was taken up; more than once after a restart.")
    progress: Progress = Progress()
    usage: tuple[StageUsage, ...] = Field(default=(), description="What it has cost so far.")
    failure: Failure | None = Field(default=None, description="Given where it failed, and why.")
    report: bool = Field(default=False, description="Whether it has a report; a cancelled one has that of its part.")

    @model_validator(mode="after")
    def _only_what_failed_has_a_failure(self) -> "Check":
        if (self.failure is not None) != (self.state is CheckState.FAILED):
            raise ValueError("a check has a failure if and only if it failed")
        return self


class EventKind(StrEnum):
    """What an event of a check tells."""

    STATE = "state"
    READ = "read"
    CLAIM = "claim"
    USAGE = "usage"


class Event(Record):
    """Something that happened in a check. Numbers grow by one; an event never changes."""

    number: int = Field(ge=1)
    kind: EventKind
    at: AwareDatetime
    data: dict[str, Any] = Field(
        description="state: state, failure. read: sentences, claims, failure. claim: its report. usage: stages."
    )
