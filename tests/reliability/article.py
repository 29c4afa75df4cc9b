"""Small articles, each another one, made of the seeds' sentences; and a model that finds a claim in every sentence."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from schemas.article import Article
from tests.scale.prose import Prose

SENTENCES = 8
"""Two windows: a check of four calls, where passages are found for each."""

_LINE = re.compile(r"^S(\d+)\| (.*)$", re.MULTILINE)
_CLAIM = re.compile(r"^C(\d+)\| ", re.MULTILINE)
_ASKED = re.compile(r"List the claims of S(\d+)(?: to S(\d+))? only")
_LONGEST = 400


def small_articles(count: int, seed: int = 0) -> list[Article]:
    """So many of them; half of the words stay as they are in the seeds, so that they bear on each other."""
    prose = Prose(seed, kept=0.5)
    return [prose.article(SENTENCES) for _ in range(count)]


def answer(messages: Sequence[Mapping[str, Any]], body: Mapping[str, Any]) -> str:
    """What the model says: each line asked about is a claim; the first line shown tells for or against each."""
    question = str(messages[1]["content"])
    if asked := _ASKED.search(question):
        wanted = range(int(asked[1]), int(asked[2] or asked[1]) + 1)
        lines = {int(number): text for number, text in _LINE.findall(question)}
        return json.dumps({"claims": [_claim(number, lines[number]) for number in wanted]}, ensure_ascii=False)
    claims = [int(number) for number in _CLAIM.findall(question)]
    return json.dumps({"claims": [{"claim": number, "evidence": [_evidence(number)]} for number in claims]})


def _claim(line: int, text: str) -> dict[str, Any]:
    told = {"who": "", "where": "", "speaker": "", "worth": 2}
    return {"lines": [line], "words": "", "claim": text[:_LONGEST], **told}


def _evidence(claim: int) -> dict[str, Any]:
    stance = "conflicts_number" if claim % 3 == 0 else "supports"
    return {"lines": [1], "why": "tells of the same", "stance": stance, "confidence": "high"}
