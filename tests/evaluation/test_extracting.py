"""Claims found in labelled texts: whose they are, whether they stand alone, whether they are all."""

import json
from pathlib import Path
from typing import Any

import pytest

from schemas.usage import Stage
from service.corpus.memory import MemoryCorpus
from service.evaluation.answers import CheckworthyAnswer, ExtractAnswer
from service.evaluation.extracting import self_contained
from service.evaluation.figures import figures
from service.evaluation.items import CheckworthyItem, ExtractItem
from service.evaluation.tables import tables
from service.evaluation.tasks import Line, Task, answered
from service.llm.protocol import Request
from service.llm.scripted import Scripted
from service.pipeline.desk import Desk, Limits
from tests.pipeline.test_garbage import CLAIM, EVIDENCE, extraction, judgements

TEXT = ExtractItem(
    id="1",
    dataset="own",
    text="Rebels took the town of Kafr on Monday.",
    context="Kafr: The town has a mill.",
    gold_claims=("Kafr was taken.", "Kafr is a village."),
)


async def worked(item: Any, task: Task, script: Any, out: Path) -> tuple[Any, Scripted]:
    model = Scripted(script)
    line = Line(Desk(MemoryCorpus(), model, Limits(attempts=1)))
    answers = await answered([item], task, line, out, calls=None, watch=lambda _: None)
    return answers[0], model


def script(request: Request) -> str:
    asked = request.messages[1].content
    if request.stage is Stage.EXTRACT:
        assert "List the claims of S2 only" in asked
        return extraction(CLAIM | {"lines": [2]})
    if "C1| Kafr was taken." in asked:
        return judgements([EVIDENCE], [])
    return judgements([EVIDENCE | {"lines": [2]}])


async def test_claims_of_a_text_are_held_against_it_and_against_the_labels(tmp_path: Path) -> None:
    """The context is shown and not asked about; the judge says what the text bears out, and which labels are found."""
    answer, model = await worked(TEXT, Task.DECOMPOSE, script, tmp_path / "a.jsonl")
    assert isinstance(answer, ExtractAnswer)
    assert (answer.sentences, answer.covered) == (1, (True, False))
    assert [(one.faithful, one.self_contained, one.worth) for one in answer.claims] == [(True, True, 3)]
    assert len(model.requests) == 3
    shares = figures("own", Task.DECOMPOSE, [answer]).shares
    assert {name: one.value for name, one in shares.items() if name != "tokens a claim"} == {
        "faithful": 1.0,
        "self-contained": 1.0,
        "recall": 0.5,
        "claims a sentence": 1.0,
    }


async def test_a_text_whose_claims_could_not_be_read_is_a_failure(tmp_path: Path) -> None:
    """No claim is no success: the reason is kept, and nothing is counted as found or missed."""
    answer, _ = await worked(TEXT, Task.EXTRACT, lambda _: "no", tmp_path / "a.jsonl")
    assert (answer.failure, answer.claims, answer.covered) == ("unreadable", (), (None, None))


@pytest.mark.parametrize(("worth", "expected"), [((), None), ((0,), 0), ((1, 3, 2), 3)])
async def test_the_worth_of_a_sentence_is_that_of_its_worthiest_claim(
    tmp_path: Path, worth: tuple[int, ...], expected: int | None
) -> None:
    """The sentence is asked about in its context, and one without a claim has no worth."""
    item = CheckworthyItem(
        id="1", dataset="own", sentence="It fell on Monday.", context="Previous: Kafr held.\nNext: All fled.", label=1
    )

    def answer(request: Request) -> str:
        assert "List the claims of S2 only" in request.messages[1].content
        told = [CLAIM | {"lines": [2], "worth": one, "claim": f"Kafr fell on Monday{'.' * one}"} for one in worth]
        return json.dumps({"claims": told})

    found, _ = await worked(item, Task.CHECKWORTHY, answer, tmp_path / "a.jsonl")
    assert isinstance(found, CheckworthyAnswer)
    assert (found.gold, found.worth) == (True, expected)
    told = figures("own", Task.CHECKWORTHY, [found])
    assert told.score is not None
    assert told.score.accuracy.value == float(bool(expected))
    assert all(table.markdown().count("|") for table in tables([told]))


@pytest.mark.parametrize(
    ("wording", "alone"),
    [
        ("He left the country.", False),
        ("The city fell.", False),
        ("The city of Aleppo fell.", True),
        ("Its largest city fell.", False),
        ("Bashar al-Assad left.", True),
        ("There were nine dead.", False),
        ("Theresa May resigned.", True),
    ],
)
def test_a_wording_that_opens_with_a_pronoun_does_not_stand_alone(wording: str, alone: bool) -> None:
    """A pronoun or a bare "the city" at the start, with no name behind it, is unresolved."""
    assert self_contained(wording) is alone
