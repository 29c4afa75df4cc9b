"""What a check cost, stage by stage. What is unknown is null, never 0."""

from decimal import Decimal
from enum import StrEnum

from pydantic import Field

from schemas.record import Record


class Stage(StrEnum):
    """The stages of a check that ask a model."""

    EXTRACT = "extract"
    JUDGE = "judge"


class StageUsage(Record):
    """The calls of one stage, failed ones and repair turns included."""

    stage: Stage
    calls: int = Field(ge=0, description="Requests sent to the backend.")
    failed: int = Field(ge=0, description="Requests that brought no reply.")
    prompt_tokens: int | None = Field(ge=0)
    completion_tokens: int | None = Field(ge=0)
    seconds: float = Field(ge=0, description="Time spent waiting for the backend, summed over parallel calls.")
    cost: Decimal | None = Field(
        ge=0, description="US dollars; null where the model's price or its token counts are unknown."
    )


class Usage(Record):
    """The cost of a whole check."""

    stages: tuple[StageUsage, ...]
    seconds: float = Field(ge=0, description="Wall time of the check.")
