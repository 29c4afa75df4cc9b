"""The shapes of labelled data, one JSON object a line, and the sample that is taken of them.

What a label says never reaches a model: it is read here, and compared after the answer is in.
"""

import hashlib
import json
from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from service.errors import InputError


class Label(StrEnum):
    """What pieces of evidence together say of a claim."""

    SUPPORTS = "supports"
    REFUTES = "refutes"
    CONFLICTING = "conflicting"
    NOT_ENOUGH_INFO = "not_enough_info"


class Item(BaseModel):
    """One labelled thing. Fields of the data that are of no use here are passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str
    dataset: str


Words = Annotated[str, StringConstraints(pattern=r"\w")]
"""A text that says something. It is kept as it is, white space and all."""


class Source(BaseModel):
    """A text that a claim is held against."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    source_id: str
    text: str = Field(min_length=1)
    title: str | None = None


class VerifyItem(Item):
    """A claim, the evidence that somebody found for it, and what that evidence says."""

    claim: Words
    evidence: tuple[Source, ...]
    label: Label
    claim_date: date | None = None


class SidedClaim(BaseModel):
    """A claim and the sources on each side of it."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    claim: Words
    supporting: tuple[str, ...]
    conflicting: tuple[str, ...]
    ignore: tuple[str, ...] = ()
    """Sources on which the labels say nothing."""
    candidates: tuple[str, ...] | None = None
    """The sources that were labelled; None: all."""


class CrossSourceItem(Item):
    """Several documents, and claims with the documents that support and conflict with each."""

    documents: tuple[Source, ...]
    claims: tuple[SidedClaim, ...] = Field(min_length=1)


class CheckworthyItem(Item):
    """A sentence, and whether it is worth checking."""

    sentence: Words
    context: str | None = None
    label: int = Field(ge=0, le=1)


class ExtractItem(Item):
    """A text, and the claims that somebody found in it."""

    text: Words
    context: str | None = None
    gold_claims: tuple[Words, ...]


M = TypeVar("M", bound=BaseModel)
I = TypeVar("I", bound=Item)  # noqa: E741 - the type of the items


def read_lines(path: Path, shape: type[M], name: str) -> tuple[M, ...]:
    """What the lines of a JSON Lines file hold. `name`: what one is called in an error.

    Raises:
        InputError: the file cannot be read, holds nothing, or a line of it is not of this shape.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} cannot be read: {error}.") from error
    items = []
    for number, line in enumerate(lines, start=1):
        try:
            items.append(shape.model_validate(json.loads(line)))
        except (ValidationError, ValueError) as error:
            raise InputError(f"{path}, line {number} is not a {name}: {str(error).splitlines()[0]}.") from None
    if not items:
        raise InputError(f"{path} holds no {name}.")
    return tuple(items)


def read_items(path: Path, shape: type[I]) -> tuple[I, ...]:
    """The items of a JSON Lines file.

    Raises:
        InputError: as `read_lines` tells, or two items have one id.
    """
    items = read_lines(path, shape, shape.__name__)
    if len({item.id for item in items}) < len(items):
        raise InputError(f"{path} gives an id to more than one item.")
    return items


def relabelled(items: Sequence[I], file: Path | None) -> Sequence[I]:
    """The items with the labels that a YAML file gives them by their ids; the others keep theirs.

    Raises:
        InputError: the file cannot be read, or is no such mapping.
    """
    if file is None:
        return items
    try:
        labels = dict(yaml.safe_load(file.read_text(encoding="utf-8")))
    except (OSError, TypeError, ValueError, yaml.YAMLError) as error:
        raise InputError(f"{file} is no mapping of item ids to labels: {str(error).splitlines()[0]}.") from error
    try:
        return [type(item).model_validate(item.model_dump() | _label(labels.get(item.id))) for item in items]
    except ValidationError as error:
        raise InputError(f"{file} holds a label that there is not: {error.errors()[0]['msg']}.") from None


def _label(label: object) -> dict[str, object]:
    return {} if label is None else {"label": label}


def sample(items: Sequence[I], size: int | None, *, seed: int = 0, skip: int = 0) -> tuple[I, ...]:
    """`size` items in an order that only the seed and their ids decide; `skip` passes over an earlier sample.

    The same data in another order, or with items added, keeps its drawing order.
    """
    drawn = sorted(items, key=lambda item: hashlib.sha256(f"{seed}:{item.id}".encode()).digest())
    return tuple(drawn[skip : None if size is None else skip + size])
