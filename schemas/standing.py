"""A standing claim: what has become of a claim since its article was checked, and every change of it."""

from enum import StrEnum

from pydantic import AwareDatetime, Field, model_validator

from schemas.article import ArticleSource
from schemas.evidence import Evidence
from schemas.record import Record
from schemas.report import ClaimReport, Verdict


class Cause(StrEnum):
    """Why a standing claim changed."""

    CHECK = "check"
    ARTICLE = "article"
    WITHDRAWAL = "withdrawal"


class Change(Record):
    """One change of a standing claim: when, because of what, and what it came to. It never changes itself."""

    number: int = Field(ge=1, description="Counted from 1, without gap.")
    at: AwareDatetime
    cause: Cause = Field(
        description="check: its own article was checked. article: another came in. withdrawal: a source was withdrawn."
    )
    check_id: str | None = Field(default=None, description="The check, where one is the cause.")
    source: ArticleSource | None = Field(default=None, description="The other article, where one is the cause.")
    before: Verdict | None = Field(default=None, description="null where the claim was new.")
    after: Verdict
    reason: str = Field(description="The verdict after it, in a sentence.")
    gained: tuple[Evidence, ...] = Field(default=(), description="Evidence that it had not before.")
    lost: tuple[Evidence, ...] = Field(default=(), description="Evidence that it has no longer.")

    @model_validator(mode="after")
    def _has_one_cause(self) -> "Change":
        if (self.check_id is not None) != (self.cause is Cause.CHECK) or (self.source is None) != (
            self.cause is Cause.CHECK
        ):
            raise ValueError("a change has its check, or the article that came in or was withdrawn")
        return self


class StandingClaim(Record):
    """A claim of an article, and what all that is held says to it as far as is known now."""

    id: str = Field(pattern=r"^[0-9a-f]{16}$")
    article: ArticleSource = Field(description="The article that makes the claim.")
    check_id: str = Field(description="The check that assessed it last.")
    report: ClaimReport
    first_at: AwareDatetime = Field(description="When a check found it first.")
    changed_at: AwareDatetime
    changes: int = Field(ge=1, description="So many, the finding of it among them.")
    retired_at: AwareDatetime | None = Field(
        default=None, description="Since then a check of its article finds it no more; it is not revised any longer."
    )


class StandingClaims(Record):
    """A page of standing claims, the one that changed last first."""

    items: tuple[StandingClaim, ...]
    next: str | None = Field(default=None, description="`after` of the next page; null on the last.")


class ClaimHistory(StandingClaim):
    """A standing claim with all its changes, oldest first."""

    history: tuple[Change, ...]
