"""The body of a request: which type it is of, and JSON as one of our models.

Handlers read it themselves. A body that is declared as a parameter is read before the dependencies that look at the
key, so that whoever has none would be told about the body.
"""

import json
import re
from collections.abc import Sequence
from typing import Any, TypeVar

from fastapi import Request
from pydantic import BaseModel, ValidationError

from service.api.problems import RequestFault, field_problems
from service.pipeline.ingest import article_text_decoded

JSON = "application/json"

Model = TypeVar("Model", bound=BaseModel)

_CHARSET = re.compile(r';\s*charset\s*=\s*"?([^\s;"]*)', re.IGNORECASE)


async def json_body(request: Request, model: type[Model]) -> Model:
    """The body as this model.

    Raises:
        RequestFault: it is of another type, is not JSON, or its fields do not fit.
        NotText: it is not UTF-8.
    """
    media_type(request, (JSON,))
    text = article_text_decoded(await request.body())
    try:
        made = model.model_validate_json(text, strict=True)
    except ValidationError as error:
        raise unfitting(error) from None
    check_given_once(text)
    return made


def media_type(request: Request, taken: Sequence[str]) -> str:
    """The body's type in small letters, one of those taken; its charset, where one is given, is UTF-8.

    Raises:
        RequestFault: it is of another type, or compressed.
    """
    header = request.headers.get("content-type", "")
    found = header.partition(";")[0].strip().lower()
    charset = _CHARSET.search(header)
    fault = None
    if found not in taken:
        fault = f"Content-Type must be {'one of ' if len(taken) > 1 else ''}{', '.join(taken)}."
    elif charset and charset[1].lower() not in ("utf-8", "utf8", "us-ascii"):
        fault = "Only UTF-8 is taken; convert the text and say charset=utf-8."
    elif request.headers.get("content-encoding", "identity").lower() != "identity":
        fault = "Compressed bodies are not taken; send it without Content-Encoding."
    if fault:
        accepted = "Accept-Post" if request.method == "POST" else "Accept"
        raise RequestFault("unsupported_media_type", fault, headers={accepted: ", ".join(taken)})
    return found


def check_given_once(text: str) -> None:
    """Refuses a JSON object in which a field stands twice: readers differ in which of the two they take.

    Raises:
        RequestFault: one does.
    """
    keys = json.loads(text, object_pairs_hook=lambda pairs: [key for key, _ in pairs])
    if len(set(keys)) < len(keys):
        raise RequestFault("malformed_json", "A field is given twice; give each once.")


def unfitting(error: ValidationError) -> RequestFault:
    """What pydantic says, without the values: those may be an article."""
    faults = error.errors(include_url=False, include_context=False, include_input=False)
    if faults[0]["type"] == "json_invalid":
        return RequestFault("malformed_json", f"{faults[0]['msg']}.")
    return RequestFault(
        "invalid_request", "The body does not fit; each fault names its place.", errors=field_problems(faults)
    )


def documented(model: type[BaseModel], example: BaseModel) -> dict[str, Any]:
    """A JSON body as an operation of the OpenAPI document has it: `openapi_extra`. The model's parts stand in place."""
    schema = model.model_json_schema()
    content = {"schema": _in_place(schema, schema.pop("$defs", {})), "example": example.model_dump(mode="json")}
    return {"requestBody": {"required": True, "content": {JSON: content}}}


def _in_place(schema: Any, parts: dict[str, Any]) -> Any:
    """A JSON schema with its parts where it refers to them. No part of ours holds itself."""
    if isinstance(schema, list):
        return [_in_place(one, parts) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _in_place(parts[schema["$ref"].rpartition("/")[2]], parts)
    return {name: _in_place(one, parts) for name, one in schema.items()}
