"""What every shape here has in common: it cannot change, it takes no unknown field, its times know their zone."""

from pydantic import BaseModel, ConfigDict


class Record(BaseModel):
    """A frozen shape that refuses unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")
