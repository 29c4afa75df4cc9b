"""What was answered to labelled items: one line each, with no word of the data, so that it may be published."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from pydantic import Field, ValidationError

from schemas.article import Article
from schemas.evidence import Confidence, ConflictKind, Evidence, Flag, Stance
from schemas.record import Record
from schemas.report import ClaimReport
from schemas.usage import StageUsage
from service.errors import InputError
from service.evaluation.items import Label
from service.llm.metering import summed


class Spent(Record):
    """What one item cost. None: the model did not tell."""

    calls: int
    prompt_tokens: int | None
    completion_tokens: int | None
    seconds: float

    @classmethod
    def of(cls, usage: Sequence[StageUsage]) -> "Spent":
        """The sum over the stages."""
        return cls.total([cls.model_validate(stage.model_dump(include=set(cls.model_fields))) for stage in usage])

    @classmethod
    def total(cls, parts: Sequence["Spent"]) -> "Spent":
        """The sum; tokens are None where any part does not tell them."""
        return cls(
            calls=sum(one.calls for one in parts),
            prompt_tokens=summed(one.prompt_tokens for one in parts),
            completion_tokens=summed(one.completion_tokens for one in parts),
            seconds=round(sum(one.seconds for one in parts), 3),
        )

    def shared(self, parts: int) -> list["Spent"]:
        """The same sum over `parts` items: all of it on the first, nothing on the others."""
        return [self, *[NOTHING] * (parts - 1)]


NOTHING = Spent(calls=0, prompt_tokens=0, completion_tokens=0, seconds=0)


class Bearing(Record):
    """One piece of evidence: which source says it, on which side, and what was noted of it."""

    source: str
    stance: Stance
    kind: ConflictKind | None
    partial: bool = False
    confidence: Confidence
    flags: tuple[Flag, ...] = ()

    @classmethod
    def of(cls, evidence: Evidence, source: str) -> "Bearing":
        """A piece of evidence without its words."""
        return cls(
            source=source,
            stance=evidence.stance,
            kind=evidence.kind,
            partial=evidence.partial,
            confidence=evidence.confidence,
            flags=evidence.flags,
        )


class Answer(Record):
    """What is kept of every item."""

    dataset: str
    id: str
    spent: Spent = NOTHING
    failure: str | None = Field(default=None, description="Why there is no answer: the code of an error.")


class VerifyAnswer(Answer):
    """The label that the evidence amounts to; None where the claim was not assessed."""

    gold: Label
    answered: Label | None
    evidence: tuple[Bearing, ...] = ()


class SidedAnswer(Record):
    """One claim held against several documents."""

    supporting: tuple[str, ...] = Field(description="By the labels.")
    conflicting: tuple[str, ...] = Field(description="By the labels.")
    ignored: tuple[str, ...] = ()
    failure: str | None = None
    evidence: tuple[Bearing, ...] = ()


class CrossSourceAnswer(Answer):
    """The claims of one item."""

    documents: tuple[str, ...]
    claims: tuple[SidedAnswer, ...]


class CheckworthyAnswer(Answer):
    """The worth of the sentence's worthiest claim; None where it has no claim."""

    gold: bool
    worth: int | None


class FoundClaim(Record):
    """One claim that was found in a text."""

    worth: int
    faithful: bool | None = Field(description="Borne out by the text, by the judge; None: not assessed.")
    self_contained: bool
    characters: int


class ExtractAnswer(Answer):
    """The claims of a text, and which of the labelled claims are among them."""

    sentences: int
    claims: tuple[FoundClaim, ...]
    covered: tuple[bool | None, ...] = Field(description="Each labelled claim: borne out by the claims found.")
    completion_tokens: int | None = Field(description="Of the extraction alone.")


def bearings(report: ClaimReport, sources: Mapping[str, Article]) -> tuple[Bearing, ...]:
    """The evidence of a report, for every source of that text. `sources`: by the data's own names."""
    return tuple(
        Bearing.of(item, name)
        for item in (*report.supporting, *report.conflicting)
        for name, article in sources.items()
        if article.id == item.article.id
    )


def read_answers(path: Path, shape: type[Answer]) -> dict[str, Answer]:
    """The answers in a file, by item id; none where there is no file. A last line that was broken off is no answer.

    Raises:
        InputError: the file cannot be read, or a line of it is no such answer.
    """
    if not path.is_file():
        return {}
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} cannot be read: {error}.") from error
    found = {}
    for number, line in enumerate(text[: text.rfind("\n") + 1].splitlines(), start=1):
        try:
            answer = shape.model_validate_json(line)
        except ValidationError as error:
            raise InputError(f"{path}, line {number} is not a {shape.__name__}: {error.errors()[0]['msg']}.") from None
        found[answer.id] = answer
    return found


def check_writable(path: Path) -> None:
    """Proves that answers can be added to a file, before any is paid for; a last line that was broken off is dropped.

    Raises:
        InputError: they cannot.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a+b") as file:
            file.seek(0)
            file.truncate(file.read().rfind(b"\n") + 1)
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror}.") from error
