"""A model that reads by a table: every sentence is a claim, and what a line says to a claim stands in the table."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from schemas.article import Article, ArticleSubmission
from schemas.usage import Stage
from service.errors import ModelError
from service.llm.protocol import Request
from service.llm.scripted import Scripted
from service.pipeline.ingest import ingest

NOW = datetime(2024, 12, 31, tzinfo=UTC)

TOOK, FELL = "Rebels took the town of Kafr on Monday.", "The town of Kafr fell to rebels on Monday, residents said."
NINE, TWELVE = "Nine people were killed in Kafr.", "Twelve people were killed in Kafr, doctors said on Tuesday."
SINCE = "Since Monday the town of Kafr has been in the hands of rebels, a witness told this newspaper."
HELD = "The army held the town of Kafr on Monday, a spokesman said."

SAYS: Mapping[tuple[str, str], str] = {
    (TOOK, FELL): "supports",
    (TOOK, SINCE): "supports",
    (TOOK, HELD): "conflicts_negation",
    (NINE, TWELVE): "conflicts_number",
}
"""(claim, line) -> stance; whatever else is shown bears on nothing."""


def article(*sentences: str, publisher: str | None = None, day: int | None = None) -> Article:
    """An article, published on a day of December 2024."""
    at = datetime(2024, 12, day, tzinfo=UTC) if day else None
    submitted = ArticleSubmission(text=" ".join(sentences), publisher=publisher, published_at=at)
    return ingest(submitted, languages=("en",), max_chars=200_000, now=NOW)


class Reader(Scripted):
    """`fails`: what judging raises, while it is set."""

    def __init__(self, says: Mapping[tuple[str, str], str] = SAYS) -> None:
        super().__init__(self._read)
        self.says = says
        self.fails: ModelError | None = None

    def asked(self, stage: Stage = Stage.JUDGE) -> int:
        """How many requests of a stage came."""
        return sum(request.stage is stage for request in self.requests)

    def _read(self, request: Request) -> str | ModelError:
        lines = re.findall(r"^S(\d+)\| (.*)$", request.messages[1].content, re.MULTILINE)
        if request.stage is Stage.EXTRACT:
            return json.dumps({"claims": [_claim(int(number), line) for number, line in lines]})
        claims = re.findall(r"^C(\d+)\| (.*)$", request.messages[1].content, re.MULTILINE)
        return self.fails or json.dumps({"claims": [self._judged(int(number), one, lines) for number, one in claims]})

    def _judged(self, number: int, claim: str, lines: list[tuple[str, str]]) -> dict[str, Any]:
        found = [(int(line), self.says[claim, text]) for line, text in lines if (claim, text) in self.says]
        evidence = [{"lines": [line], "why": "", "stance": said, "confidence": "high"} for line, said in found]
        return {"claim": number, "evidence": evidence}


def _claim(line: int, text: str) -> dict[str, Any]:
    nobody = {"who": "", "where": "", "speaker": ""}
    return {"lines": [line], "words": "", "claim": text, "worth": 2, **nobody}
