"""A claim: a checkable statement that an article makes."""

from datetime import date
from enum import StrEnum

from pydantic import Field

from schemas.article import ArticleId, Quote
from schemas.record import Record


class Quantity(Record):
    """A number as it was written, and the values it allows, both ends included.

    "dozens" is 24 to 199, "at least four" is 4 to no end, "56" is 56 to 56, "second largest" is rank 2.
    """

    exact: str = Field(min_length=1)
    start: int = Field(ge=0, description="Where it stands in the text that was read, in code points.")
    low: float | None = Field(description="The least value it allows; null: no lower end.")
    high: float | None = Field(description="The greatest value it allows; null: no upper end.")
    unit: str | None = Field(
        default=None, description="What is counted or measured: 'percent', 'people', 'year', 'USD'."
    )
    rank: bool = Field(default=False, description="A place in an order ('second largest' is 2, 'largest' is 1).")


class Moment(Record):
    """A date as it was written, and the days it may mean, both ends included."""

    exact: str = Field(min_length=1)
    start: int = Field(ge=0, description="Where it stands in the text that was read, in code points.")
    first: date
    last: date


class AttributionMode(StrEnum):
    """How an article gives somebody's words."""

    QUOTED = "quoted"
    REPORTED = "reported"


class Checked(StrEnum):
    """What of an attributed claim is checked: that it was said, or what was said."""

    SAYING = "saying"
    CONTENT = "content"


class Attribution(Record):
    """Who says it, by the article's own account."""

    speaker: str = Field(min_length=1)
    mode: AttributionMode
    checked: Checked


class Claim(Record):
    """One or more sentences of an article, and what they claim in words that stand alone."""

    id: str
    article_id: ArticleId
    text: str = Field(min_length=1, description="The claim in a wording that needs no context.")
    quote: Quote
    who: str | None = None
    where: str | None = None
    when: tuple[Moment, ...] = ()
    quantities: tuple[Quantity, ...] = ()
    attribution: Attribution | None = None
    worth: int = Field(ge=0, le=3, description="0 not worth checking, 3 central to what the public needs to know.")
