"""Passages that were searched and found, and what of them bears on a claim."""

from enum import StrEnum

from pydantic import Field, model_validator

from schemas.article import ArticleId, ArticleSource, Quote
from schemas.record import Record


class Passage(Record):
    """A few consecutive sentences of one article, verbatim."""

    article_id: ArticleId
    quote: Quote


class Stance(StrEnum):
    """On which side of a claim a piece of evidence stands."""

    SUPPORTS = "supports"
    CONFLICTS = "conflicts"


class ConflictKind(StrEnum):
    """In what a claim and its evidence cannot both be true."""

    NUMBER = "number"
    DATE = "date"
    ENTITY = "entity"
    PLACE = "place"
    NEGATION = "negation"
    ATTRIBUTION = "attribution"
    SCOPE = "scope"
    SUPERSEDED = "superseded"
    OTHER = "other"


class Confidence(StrEnum):
    """How sure the model says it is, in its own word. What the word is worth was measured: docs/judgement.md."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Flag(StrEnum):
    """Where code and model disagree. A flagged claim wants a person's eyes; no flag changes a stance."""

    NUMBERS_DIFFER = "numbers_differ"
    NUMBERS_AGREE = "numbers_agree"
    RANKS_DIFFER = "ranks_differ"
    DATES_DIFFER = "dates_differ"
    NEGATION_DIFFERS = "negation_differs"
    NAMES_DIFFER = "names_differ"
    OWN_ORIGIN = "own_origin"


class Evidence(Record):
    """Sentences of another article with a stance towards a claim."""

    article: ArticleSource
    quote: Quote
    stance: Stance
    kind: ConflictKind | None = Field(default=None, description="Given for a conflict, null for support.")
    partial: bool = Field(
        default=False, description="Support of a part of the claim, or that makes it likely; the rest is left open."
    )
    why: str = Field(default="", description="The model's reason, in its own words.")
    confidence: Confidence
    origin: str = Field(description="Where the report comes from; reports of one origin count once.")
    attributed_to: str | None = Field(default=None, description="Whom the source itself cites for it: 'reuters'.")
    flags: tuple[Flag, ...] = ()

    @model_validator(mode="after")
    def _only_a_conflict_has_a_kind(self) -> "Evidence":
        if (self.kind is not None) != (self.stance is Stance.CONFLICTS):
            raise ValueError("a conflict has a kind, support has none")
        if self.partial and self.stance is Stance.CONFLICTS:
            raise ValueError("only support is partial: one point that conflicts makes a conflict")
        return self
