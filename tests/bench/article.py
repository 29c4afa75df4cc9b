"""The work that is measured: twelve fixed claims of one seed, judged against the other four.

The same work as was given to other pipelines: seed 004, the fourth, eighth and twelfth claim
contradicted, the others supported. Three of the claims are in each quarter of the article. What the mock model answers
is about as long as what a real one answered in the recordings: 48 tokens a claim (56 there), 28 a piece of evidence
(30 there).
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

SEED = "004_4ad423b35d6fea3c.txt"

# Sentence of the seed -> part of it, and the claim's wording.
CLAIMS: dict[int, tuple[str, str]] = {
    1: ("", "Syrian and Russian jets struck opposition forces in northern Syria."),
    2: (
        "the capture by the rebel alliance of an important military base east of Aleppo",
        "The rebel alliance captured an important military base east of Aleppo.",
    ),
    3: (
        "met little resistance on the ground from regime forces",
        "The rebel offensive met little resistance from regime forces.",
    ),
    5: ("", "The rebels captured key military sites in the east of Aleppo on Sunday."),
    6: (
        "left some neighborhoods in the hands of Kurdish forces",
        "The rebels left some neighborhoods of Aleppo in the hands of Kurdish forces.",
    ),
    8: ("", "Government and Russian aircraft bombed opposition positions in Aleppo and Idlib provinces."),
    9: (
        "at least four people were killed on Sunday in airstrikes on Idlib city",
        "At least four people were killed in airstrikes on Idlib city on Sunday.",
    ),
    10: (
        "Syria will continue “to defend its stability and territorial integrity",
        "Assad said that Syria will continue to defend its stability and territorial integrity.",
    ),
    12: (
        "killed more than 300,000 people and created nearly 6 million refugees",
        "Syria's civil war killed more than 300,000 people and created nearly 6 million refugees.",
    ),
    13: ("Russia and Turkey reached a ceasefire in Idlib", "Russia and Turkey reached a ceasefire in Idlib in 2020."),
    14: ("The rebels are led by Hayat Tahrir al-Sham (HTS)", "The rebels are led by Hayat Tahrir al-Sham (HTS)."),
    16: ("", "Aydintasbas said Turkey is emerging as a major actor in Syria."),
}
CONTRADICTED = (4, 8, 12)
_WORDINGS = re.compile(r"^C\d+\| (.*)$", re.MULTILINE)
_ASKED = re.compile(r"List the claims of S(\d+)(?: to S(\d+))? only")


def answer(messages: Sequence[Mapping[str, Any]], body: Mapping[str, Any]) -> str:
    """What the mock model says to either question."""
    question = str(messages[1]["content"])
    asked = _ASKED.search(question)
    if asked:
        first, last = int(asked[1]), int(asked[2] or asked[1])
        return _compact({"claims": [_claim(line) for line in CLAIMS if first <= line <= last]})
    known = [claim for _, claim in CLAIMS.values()]
    asked_about = [1 + known.index(wording) for wording in _WORDINGS.findall(question)]
    judged = [{"claim": number, "evidence": [_evidence(one)]} for number, one in enumerate(asked_about, start=1)]
    return _compact({"claims": judged})


def _claim(line: int) -> dict[str, object]:
    words, wording = CLAIMS[line]
    return {
        "lines": [line],
        "words": words,
        "claim": wording,
        "who": "the rebels",
        "where": "Aleppo",
        "speaker": "",
        "worth": 2,
    }


def _evidence(ordinal: int) -> dict[str, object]:
    conflicts = ordinal in CONTRADICTED
    return {
        "lines": [1],
        "why": "gives another figure for the same thing" if conflicts else "reports the same event in other words",
        "stance": "conflicts_number" if conflicts else "supports",
        "confidence": "high",
    }


def _compact(reply: object) -> str:
    return json.dumps(reply, ensure_ascii=False, separators=(",", ":"))
