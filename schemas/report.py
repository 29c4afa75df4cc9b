"""What comes back: every claim with both sides of its evidence, what failed and why, what it cost, how it was made."""

from enum import StrEnum

from pydantic import AwareDatetime, Field, model_validator

from schemas.article import ArticleId, ArticleSource, Quote
from schemas.claim import Claim
from schemas.evidence import Evidence, Flag, Passage
from schemas.record import Record
from schemas.usage import Usage


class Verdict(StrEnum):
    """What the evidence rows amount to. A pure function of them; no model states it."""

    CORROBORATED = "corroborated"
    SUPPORTED = "supported"
    DISPUTED = "disputed"
    CONTRADICTED = "contradicted"
    NOTHING_FOUND = "nothing_found"
    NOT_ASSESSED = "not_assessed"


class Failure(Record):
    """Why something was not done: a stable code, and a sentence a person can act on."""

    code: str = Field(pattern=r"^[a-z_]+$")
    detail: str = Field(min_length=1)


class Origins(Record):
    """The independent origins on each side, the article's own left out."""

    supporting: tuple[str, ...] = ()
    partly: tuple[str, ...] = Field(
        default=(), description="Those that support a part of the claim only. They dispute no conflict."
    )
    conflicting: tuple[str, ...] = ()


class Searched(Record):
    """What was looked at for a claim: how many other articles were held, and the passages that were read."""

    articles: int = Field(ge=0)
    passages: tuple[Passage, ...] = ()


class ClaimReport(Record):
    """A claim, its verdict, and what the verdict rests on."""

    claim: Claim
    verdict: Verdict
    reason: str = Field(description="The verdict in a sentence.")
    failure: Failure | None = Field(default=None, description="Given where the verdict is not_assessed.")
    origins: Origins = Origins()
    supporting: tuple[Evidence, ...] = ()
    conflicting: tuple[Evidence, ...] = ()
    flags: tuple[Flag, ...] = Field(default=(), description="Not empty: code and model disagree, a person should look.")
    searched: Searched

    @model_validator(mode="after")
    def _a_failure_is_not_assessed(self) -> "ClaimReport":
        if (self.failure is not None) != (self.verdict is Verdict.NOT_ASSESSED):
            raise ValueError("a claim is not_assessed if and only if it carries a failure")
        return self


class Unread(Record):
    """Sentences in which no claims could be sought, and why."""

    quote: Quote
    failure: Failure


class PromptVersion(Record):
    """Which prompt was used, to the byte."""

    name: str
    version: int = Field(ge=1)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


class CorpusSnapshot(Record):
    """Which articles were held when the check ran."""

    articles: int = Field(ge=0)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$", description="Of the sorted ids, one a line.")


class Provenance(Record):
    """How the report was made."""

    model: str = Field(description="As configured.")
    answered_by: tuple[str, ...] = Field(default=(), description="The names under which the backend answered.")
    prompts: tuple[PromptVersion, ...]
    code_version: str
    corpus: CorpusSnapshot
    checked_at: AwareDatetime


class Report(Record):
    """One check of one article."""

    article: ArticleSource
    claims: tuple[ClaimReport, ...]
    unread: tuple[Unread, ...] = ()
    sources: tuple[ArticleSource, ...] = Field(default=(), description="The other articles that passages were read of.")
    usage: Usage
    provenance: Provenance
    warnings: tuple[str, ...] = ()
    withdrawn: tuple[ArticleId, ...] = Field(
        default=(), description="The articles quoted here that were withdrawn since; added when the report is read."
    )
