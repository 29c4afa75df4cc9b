"""An error as it is answered: RFC 9457 with a stable code."""

from pydantic import Field

from schemas.record import Record


class FieldProblem(Record):
    """What is wrong with one field of a body."""

    pointer: str = Field(description="JSON pointer into the body (RFC 6901), or a query parameter behind a slash.")
    detail: str


class Problem(Record):
    """A problem document, media type application/problem+json."""

    type: str = Field(default="about:blank", description="A URI that names the kind of problem.")
    title: str
    status: int = Field(ge=400, le=599)
    detail: str = Field(description="What happened and what to do about it.")
    code: str = Field(description="Stable; made for programs.", pattern=r"^[a-z_]+$")
    instance: str | None = None
    errors: tuple[FieldProblem, ...] = ()
