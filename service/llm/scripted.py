"""The double that we ship: answers from a script, for tests and for trying the service without a model."""

from collections.abc import Callable, Iterable

from service.errors import ModelError, RequestRefused
from service.llm import chat
from service.llm.protocol import Reply, Request

Line = Reply | str | ModelError
"""One answer: a whole reply, its text alone, or an error to raise."""


class Scripted:
    """Answers each request by a function of it, or by the next line of a list."""

    def __init__(self, answer: Callable[[Request], Line] | Iterable[Line], name: str = "scripted") -> None:
        self.requests: list[Request] = []
        """The requests that came, in order."""
        self._name = name
        self._answer = answer if callable(answer) else _in_turn(answer)

    @property
    def name(self) -> str:
        """The name it was given."""
        return self._name

    async def complete(self, request: Request) -> Reply:
        """The script's answer; a text alone is given token counts of a quarter of its characters.

        Raises:
            ModelError: the script says so. RequestRefused: the script has no further line.
        """
        self.requests.append(request)
        line = self._answer(request)
        if isinstance(line, ModelError):
            raise line
        if isinstance(line, Reply):
            return line
        asked = chat.estimate(*(message.content for message in request.messages))
        return Reply(line, self._name, prompt_tokens=asked, completion_tokens=chat.estimate(line))

    async def aclose(self) -> None:
        """Nothing is held."""


def _in_turn(lines: Iterable[Line]) -> Callable[[Request], Line]:
    left = iter(lines)
    return lambda request: next(left, RequestRefused("The script has no further answer."))
