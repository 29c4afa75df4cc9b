"""The request that the tests of this folder send."""

from schemas.usage import Stage
from service.llm.protocol import Format, Message, Request

SCHEMA = {
    "type": "object",
    "properties": {"city": {"type": "string", "maxLength": 12}},
    "required": ["city"],
    "additionalProperties": False,
}
SECRET = "Rebels took the airport of Aleppo"


def request(question: str = SECRET, form: Format = Format.JSON_SCHEMA, stage: Stage = Stage.EXTRACT) -> Request:
    """A question with a schema of one field."""
    messages = (Message("system", "Name the city as JSON."), Message("user", question))
    return Request(stage, messages, "City", SCHEMA, form, max_tokens=40)
