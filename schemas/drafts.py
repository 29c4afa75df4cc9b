"""What a model is asked to return. A draft is not a fact: the pipeline turns it into one or refuses it.

A draft is validated with a context, `Shown`: what the prompt showed. A line number outside it, a citation across two
stretches of it, or a claim left out is an error.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationInfo, field_validator, model_validator

from schemas.evidence import Confidence, ConflictKind

Short = Annotated[str, StringConstraints(max_length=120)]


@dataclass(frozen=True, slots=True)
class Shown:
    """What a prompt showed: the stretches of consecutive line numbers, and how many claims, numbered from 1."""

    runs: Sequence[range] = ()
    claims: int = 0


class Draft(BaseModel):
    """A reply's shape: types are not coerced, unknown fields are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


def _shown(info: ValidationInfo) -> Shown:
    return info.context if isinstance(info.context, Shown) else Shown()


def _cited(numbers: Sequence[int], info: ValidationInfo) -> Sequence[int]:
    """Refuses numbers that were not shown, twice given, or not consecutive within one stretch."""
    runs = _shown(info).runs
    shown = ", ".join(f"{run.start} to {run.stop - 1}" for run in runs)
    for number in numbers:
        if not any(number in run for run in runs):
            raise ValueError(f"line {number} is not among the lines asked about ({shown})")
    if list(numbers) != list(range(numbers[0], numbers[0] + len(numbers))):
        raise ValueError(f"lines {list(numbers)} do not follow each other without gap or repetition")
    if not any(numbers[0] in run and numbers[-1] in run for run in runs):
        raise ValueError(f"lines {list(numbers)} are not from one passage")
    return numbers


class ClaimDraft(Draft):
    """One claim as the model states it."""

    lines: list[int] = Field(min_length=1, max_length=6)
    words: Annotated[str, StringConstraints(max_length=600)]
    claim: Annotated[str, StringConstraints(min_length=1, max_length=400)]
    who: Short
    where: Short
    speaker: Short
    worth: int = Field(ge=0, le=3)

    _lines_were_asked_about = field_validator("lines")(_cited)

    @field_validator("claim")
    @classmethod
    def _says_something(cls, claim: str) -> str:
        if not any(letter.isalnum() for letter in claim):
            raise ValueError("the claim is empty")
        return claim


class ExtractionDraft(Draft):
    """The claims of one window of an article."""

    claims: list[ClaimDraft] = Field(max_length=40)


class StanceDraft(StrEnum):
    """Stance and kind in one word, so that no reply can give support a kind or leave a conflict without."""

    SUPPORTS = "supports"
    SUPPORTS_IN_PART = "supports_in_part"
    CONFLICTS_NUMBER = "conflicts_number"
    CONFLICTS_DATE = "conflicts_date"
    CONFLICTS_ENTITY = "conflicts_entity"
    CONFLICTS_PLACE = "conflicts_place"
    CONFLICTS_NEGATION = "conflicts_negation"
    CONFLICTS_ATTRIBUTION = "conflicts_attribution"
    CONFLICTS_SCOPE = "conflicts_scope"
    CONFLICTS_SUPERSEDED = "conflicts_superseded"
    CONFLICTS_OTHER = "conflicts_other"

    @property
    def kind(self) -> ConflictKind | None:
        """The kind of conflict; None for support."""
        is_support = self in {StanceDraft.SUPPORTS, StanceDraft.SUPPORTS_IN_PART}
        return None if is_support else ConflictKind(self.value.removeprefix("conflicts_"))


class EvidenceDraft(Draft):
    """Lines that bear on the claim."""

    lines: list[int] = Field(min_length=1, max_length=4)
    why: Annotated[str, StringConstraints(max_length=300)]
    stance: StanceDraft
    confidence: Confidence

    _lines_were_shown = field_validator("lines")(_cited)


class JudgementDraft(Draft):
    """All that bears on one claim."""

    claim: int = Field(ge=1)
    evidence: list[EvidenceDraft] = Field(max_length=24)

    @model_validator(mode="after")
    def _no_line_is_cited_twice(self) -> Self:
        cited = Counter(number for item in self.evidence for number in item.lines)
        for number, times in cited.items():
            if times > 1:
                raise ValueError(f"line {number} is cited more than once for a claim; give each line one stance")
        return self


class JudgementsDraft(Draft):
    """All that bears on each claim that was asked about."""

    claims: list[JudgementDraft] = Field(max_length=50)

    @model_validator(mode="after")
    def _every_claim_is_answered_once(self, info: ValidationInfo) -> Self:
        asked = list(range(1, _shown(info).claims + 1))
        if sorted(one.claim for one in self.claims) != asked:
            raise ValueError(f"answer each of the claims 1 to {len(asked)} once, also one on which nothing bears")
        return self
