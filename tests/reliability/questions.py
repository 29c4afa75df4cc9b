"""What the model was asked, by the key under which a check's journal keeps the answer."""

from collections import Counter
from collections.abc import Iterable

from schemas.usage import Stage
from service.llm.kept import fingerprint
from service.llm.protocol import Format, Message, Request
from tests.mockserver import Call


def key(call: Call) -> str:
    """The key of a call, made of what the model's server was sent."""
    asked = call.body["response_format"]["json_schema"]
    request = Request(
        stage=Stage.EXTRACT,  # makes no difference to the key
        messages=tuple(Message(**message) for message in call.body["messages"]),
        schema_name=asked["name"],
        schema=asked["schema"],
        format=Format.JSON_SCHEMA,
        max_tokens=call.body["max_tokens"],
    )
    return fingerprint(f"openai/{call.body['model']}", request)


def keys(log: Iterable[Call], sender: str) -> Counter[str]:
    """How often each question was asked by the process that has this provider's key."""
    return Counter(key(call) for call in log if call.authorization == f"Bearer {sender}")
