"""Asks for a draft and reads the reply. What cannot be read is asked for once more, then it is an error."""

import json
import re
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, TypeVar

from pydantic import ValidationError

from schemas.drafts import Draft, Shown
from schemas.usage import Stage
from service.errors import CutOff, EmptyReply, FormatRefused, Invalid, Refused, ReplyError, Unreadable
from service.llm.protocol import Backend, Finish, Format, Message, Reply, Request
from service.prompting import Rendered, load

D = TypeVar("D", bound=Draft)

_LADDER = tuple(Format)
_LONGEST_REPLY = 200_000
_SHOWN_OF_A_BAD_REPLY = 4_000
_WHOLE_FENCE = re.compile(r"```(?:json)?\s*\n(.*)\n\s*```", re.DOTALL)


@dataclass(slots=True)
class Formats:
    """Which response format the server was last seen to take. Shared by all checks that use one server."""

    accepted: Format = Format.JSON_SCHEMA


@dataclass(frozen=True, slots=True)
class Model:
    """A backend that answers with drafts."""

    backend: Backend
    formats: Formats = field(default_factory=Formats)
    max_tokens: int = 4096

    async def ask(self, stage: Stage, prompt: Rendered, draft: type[D], shown: Shown) -> D:
        """The model's answer as a draft. `shown`: what the prompt shows, which it may cite and has to answer.

        Raises:
            ModelError: no reply, or none that can be used, with one repair turn spent on the latter.
        """
        request = Request(
            stage=stage,
            messages=(Message("system", prompt.system), Message("user", prompt.user)),
            schema_name=draft.__name__,
            schema=schema(draft),
            max_tokens=self.max_tokens,
        )
        reply = await self._complete(request)
        try:
            return read(reply, draft, shown)
        except ReplyError as error:
            repaired = await self._complete(_repair(request, reply, error))
            return read(repaired, draft, shown)

    async def _complete(self, request: Request) -> Reply:
        """Sends the request in the strictest format that the server takes."""
        for form in _LADDER[_LADDER.index(self.formats.accepted) :]:
            try:
                reply = await self.backend.complete(_in_format(request, form))
            except FormatRefused:
                if form is _LADDER[-1]:
                    raise
                continue
            self.formats.accepted = form  # a lower step is kept when it has worked
            return reply
        raise AssertionError("the ladder has a last step")


@cache
def schema(draft: type[Draft]) -> dict[str, Any]:
    """The JSON Schema of a draft without titles and descriptions: the prompt tells what fields mean."""

    def bare(node: Any, *, names: bool = False) -> Any:
        if isinstance(node, dict):
            dropped = () if names else ("title", "description")
            return {
                key: bare(value, names=key in ("properties", "$defs"))
                for key, value in node.items()
                if key not in dropped
            }
        return [bare(item) for item in node] if isinstance(node, list) else node

    bared: dict[str, Any] = bare(draft.model_json_schema())
    return bared


def read(reply: Reply, draft: type[D], shown: Shown) -> D:
    """A reply as a draft: the whole reply, as it stands. Only a code fence around all of it is taken off.

    Raises:
        ReplyError: the reply is no such draft. The message says why, and quotes nothing of it.
    """
    if reply.finish is Finish.REFUSED:
        raise Refused("The model declined to answer.")
    if reply.finish is Finish.LENGTH:
        raise CutOff("The reply was cut off at its length limit; answer more briefly.")
    text = reply.text.strip()
    if fence := _WHOLE_FENCE.fullmatch(text):
        text = fence[1]
    if not text:
        raise EmptyReply("The reply was empty.")
    _check_is_one_json_value(text)
    try:
        return draft.model_validate_json(text, context=shown)
    except ValidationError as error:
        raise Invalid(_sentence(error)) from None


def _check_is_one_json_value(text: str) -> None:
    """Refuses what a lenient parser would let pass: a key given twice, NaN, bottomless nesting."""
    if len(text) > _LONGEST_REPLY:
        raise Unreadable(f"The reply has {len(text)} characters; at most {_LONGEST_REPLY} are read.")

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len({key for key, _ in pairs}) < len(pairs):
            raise ValueError("a key is given twice")
        return dict(pairs)

    def refuse(constant: str) -> None:
        raise ValueError(f"{constant} is not JSON")

    try:
        json.loads(text, object_pairs_hook=once, parse_constant=refuse)
    except json.JSONDecodeError as error:
        raise Unreadable(f"The reply is not one JSON value: {error.msg} at character {error.pos}.") from None
    except (ValueError, RecursionError) as error:
        reason = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)[:100]
        raise Unreadable(f"The reply is not readable JSON: {reason}.") from None


def _sentence(error: ValidationError) -> str:
    """The first faults with their places, without the values: those are the model's text."""
    faults = error.errors(include_url=False, include_input=False, include_context=False)

    def place(loc: tuple[int | str, ...], kind: str) -> str:
        known = loc[:-1] if kind == "extra_forbidden" else loc  # an unknown field's name is the model's text too
        return ".".join(map(str, known)) or "the reply"

    told = "; ".join(f"{place(fault['loc'], fault['type'])}: {fault['msg']}" for fault in faults[:3])
    return f"The reply does not fit: {told[:500]}."


def _in_format(request: Request, form: Format) -> Request:
    """The request as this format needs it: what does not carry the schema beside the prompt carries it inside."""
    if form is Format.JSON_SCHEMA:
        return request
    plain = load("plain_json", 1).render(schema=json.dumps(request.schema, separators=(",", ":"))).user
    first, *rest = request.messages
    told = Message(first.role, f"{first.content}\n\n{plain}")
    return replace(request, format=form, messages=(told, *rest))


def _repair(request: Request, reply: Reply, error: ReplyError) -> Request:
    """The same conversation with the bad reply and what is wrong with it."""
    said = (Message("assistant", reply.text[:_SHOWN_OF_A_BAD_REPLY]),) if reply.text.strip() else ()
    asked = Message("user", load("repair", 1).render(reason=str(error)).user)
    return replace(request, messages=(*request.messages, *said, asked))
