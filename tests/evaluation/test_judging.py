"""Claims with labelled evidence through the line: what is asked, what the answers amount to, what is kept of them."""

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from schemas.evidence import Confidence, ConflictKind, Stance
from service.corpus.memory import MemoryCorpus
from service.errors import InputError, Unreachable
from service.evaluation.answers import Answer, Bearing, CrossSourceAnswer, SidedAnswer, Spent, VerifyAnswer
from service.evaluation.given import statements
from service.evaluation.items import CrossSourceItem, Label, VerifyItem, read_items, sample
from service.evaluation.judged import mistakes, outcome, reliability, sides
from service.evaluation.judging import label
from service.evaluation.scoring import Outcome
from service.evaluation.tasks import Line, Task, answered, task_of
from service.llm.protocol import Request
from service.llm.scripted import Scripted
from service.pipeline.desk import Desk, Limits
from tests.pipeline.test_garbage import EVIDENCE, judgements

NOTHING = Spent(calls=1, prompt_tokens=None, completion_tokens=None, seconds=0)
TOOK = VerifyItem(
    id="1",
    dataset="own",
    claim="The rebels took Kafr.",
    evidence=({"source_id": "a", "text": "Kafr fell to the rebels."}, {"source_id": "b", "text": "Kafr was held."}),
    label=Label.CONFLICTING,
)
LOST = TOOK.model_copy(update={"id": "2", "claim": "The rebels lost Kafr.", "label": Label.REFUTES})
ELSE = TOOK.model_copy(update={"id": "3", "evidence": TOOK.evidence[:1], "label": Label.SUPPORTS})


def bearing(source: str, stance: Stance, confidence: Confidence = Confidence.HIGH) -> Bearing:
    kind = ConflictKind.OTHER if stance is Stance.CONFLICTS else None
    return Bearing(source=source, stance=stance, kind=kind, confidence=confidence)


PART = bearing("a", Stance.SUPPORTS).model_copy(update={"partial": True})
FOR, AGAINST = bearing("a", Stance.SUPPORTS), bearing("b", Stance.CONFLICTS)


@pytest.mark.parametrize(
    ("evidence", "expected"),
    [
        ((), Label.NOT_ENOUGH_INFO),
        ((FOR,), Label.SUPPORTS),
        ((AGAINST, AGAINST), Label.REFUTES),
        ((FOR, AGAINST), Label.CONFLICTING),
        ((FOR, bearing("a", Stance.CONFLICTS)), Label.REFUTES),
        ((bearing("a", Stance.CONFLICTS), FOR), Label.REFUTES),
        ((FOR, bearing("b", Stance.CONFLICTS, Confidence.LOW)), Label.CONFLICTING),
        ((PART, AGAINST), Label.REFUTES),
        ((PART, bearing("b", Stance.CONFLICTS, Confidence.LOW)), Label.CONFLICTING),
        ((PART,), Label.SUPPORTS),
    ],
)
def test_sources_on_both_sides_conflict_and_one_source_is_on_one_side(
    evidence: Sequence[Bearing], expected: Label
) -> None:
    """A label is what the sources say together; a source that is wrong in one point is against the claim."""
    assert label(evidence) is expected


async def worked(
    items: Sequence[Any], task: Task, script: Any, out: Path, **limits: Any
) -> tuple[list[Answer], Scripted]:
    model = Scripted(script)
    line = Line(Desk(MemoryCorpus(), model, Limits(attempts=1, **limits)))
    return await answered(items, task, line, out, calls=None, watch=lambda _: None), model


def both_sides(request: Request) -> str:
    asked = request.messages[1].content
    against = EVIDENCE | {"lines": [2], "stance": "conflicts_negation"}
    return judgements(*[[EVIDENCE, against] if "S2|" in asked else [EVIDENCE]] * (1 + asked.count("\nC2|")))


async def test_claims_with_the_same_evidence_share_a_call(tmp_path: Path) -> None:
    """All of the line but search and extraction is run; no label is in any prompt; the cost is counted once."""
    answers, model = await worked([TOOK, LOST, ELSE], Task.VERIFY, both_sides, tmp_path / "a.jsonl")
    assert [(one.id, one.answered) for one in answers if isinstance(one, VerifyAnswer)] == [
        ("1", Label.CONFLICTING),
        ("2", Label.CONFLICTING),
        ("3", Label.SUPPORTS),
    ]
    assert len(model.requests) == 2 == sum(one.spent.calls for one in answers)
    assert not any(
        word in message.content
        for one in model.requests
        for message in one.messages
        for word in ("refutes", "not_enough")
    )


async def test_what_was_answered_is_not_asked_again(tmp_path: Path) -> None:
    """A second run takes the answers from the file; a file holds no word of the data."""
    out = tmp_path / "a.jsonl"
    first, _ = await worked([TOOK, LOST], Task.VERIFY, both_sides, out, claims=1)
    second, model = await worked([LOST, TOOK, ELSE], Task.VERIFY, both_sides, out)
    assert second[:2] == first[::-1]
    assert len(model.requests) == 1
    assert "Kafr" not in out.read_text()


async def test_what_could_not_be_asked_is_no_answer(tmp_path: Path) -> None:
    """An item whose model was away is asked the next time; one whose reply was garbage stays not assessed."""
    out = tmp_path / "a.jsonl"
    (away,), _ = await worked([TOOK], Task.VERIFY, lambda _: Unreachable("It is away."), out)
    assert isinstance(away, VerifyAnswer)
    assert (away.answered, away.failure, out.read_text()) == (None, "unreachable", "")
    (garbage,), _ = await worked([TOOK], Task.VERIFY, lambda _: "supported", out)
    assert isinstance(garbage, VerifyAnswer)
    assert (garbage.answered, garbage.failure) == (None, "unreadable")
    assert len(out.read_text().splitlines()) == 1


async def test_documents_are_searched_and_judged(tmp_path: Path) -> None:
    """A claim is searched for in the documents of its item, and each document is on the side of its evidence."""
    item = CrossSourceItem(
        id="x",
        dataset="own",
        documents=TOOK.evidence,
        claims=({"claim": TOOK.claim, "supporting": ["a"], "conflicting": ["b"]},),
    )
    (answer,), _ = await worked([item], Task.CROSSSOURCE, both_sides, tmp_path / "a.jsonl")
    assert isinstance(answer, CrossSourceAnswer)
    assert sorted(sides([answer])) == [("conflicts", "conflicts"), ("supports", "supports")]


async def test_no_item_is_begun_after_so_many_calls(tmp_path: Path) -> None:
    """A budget ends the run; what was answered is kept, and a last line that was broken off is asked again."""
    out = tmp_path / "new" / "own.verify.jsonl"
    days = [date(2024, 1, number) for number in range(1, 31)]
    items = [TOOK.model_copy(update={"id": str(day), "claim_date": day}) for day in days]
    line = Line(Desk(MemoryCorpus(), Scripted(both_sides), Limits(attempts=1)))
    some = await answered(items, Task.VERIFY, line, out, calls=3, watch=lambda _: None)
    assert 3 <= len(some) < 30
    out.write_text(out.read_text() + '{"dataset":"ow', encoding="utf-8")
    assert len(await answered(items, Task.VERIFY, line, out, calls=None, watch=lambda _: None)) == 30
    assert len(out.read_text().splitlines()) == 30


def test_sides_leave_out_what_is_not_labelled() -> None:
    """A failure is no side, and a document that the labels pass over is not counted."""
    claims = (
        SidedAnswer(supporting=("a",), conflicting=(), ignored=("c",), evidence=(FOR, bearing("c", Stance.SUPPORTS))),
        SidedAnswer(supporting=(), conflicting=("b",), failure="invalid"),
    )
    answer = CrossSourceAnswer(dataset="own", id="x", spent=NOTHING, documents=("a", "b", "c"), claims=claims)
    assert list(sides([answer])) == [
        ("supports", "supports"),
        ("neither", "neither"),
        ("neither", None),
        ("conflicts", None),
        ("neither", None),
    ]


def verified(gold: Label, answered: Label | None, *evidence: Bearing) -> VerifyAnswer:
    return VerifyAnswer(dataset="own", id="1", spent=NOTHING, gold=gold, answered=answered, evidence=evidence)


def test_every_mistake_has_a_name() -> None:
    """Each pair of different labels is one kind of mistake, and the dangerous ones are told apart."""
    for gold in Label:
        for said in Label:
            assert (outcome(gold, said) is Outcome.RIGHT) == (gold is said)
    assert outcome(Label.REFUTES, Label.SUPPORTS) is Outcome.CONFLICT_AS_SUPPORT
    assert outcome(Label.SUPPORTS, Label.REFUTES) is Outcome.SUPPORT_AS_CONFLICT
    assert outcome(Label.NOT_ENOUGH_INFO, Label.REFUTES) is Outcome.CONFLICT_FROM_NOTHING
    assert outcome(Label.CONFLICTING, Label.SUPPORTS) is Outcome.MISSED_CONFLICT
    told = mistakes([verified(Label.REFUTES, None), verified(Label.REFUTES, Label.REFUTES)])
    assert {name for name, count in told.items() if count} == {"not_assessed"}


def test_reliability_is_the_share_of_evidence_on_the_right_side() -> None:
    """Confidence by confidence; where the label does not say which source is where, nothing is counted."""
    low = bearing("a", Stance.CONFLICTS, Confidence.LOW)
    told = reliability(
        [
            verified(Label.SUPPORTS, Label.SUPPORTS, FOR, low),
            verified(Label.SUPPORTS, Label.SUPPORTS, FOR),
            verified(Label.NOT_ENOUGH_INFO, Label.SUPPORTS, FOR),
            verified(Label.CONFLICTING, Label.CONFLICTING, FOR, AGAINST),
        ]
    )
    assert [(one.stance, one.confidence, one.pieces, one.right.value) for one in told] == [
        ("supports", "high", 3, 0.6667),
        ("conflicts", "low", 1, 0.0),
    ]


def test_a_sample_depends_on_ids_and_seed_alone(tmp_path: Path) -> None:
    """The order of a file does not matter, a fresh sample shares no item, and another seed draws others."""
    file = tmp_path / "own.verify.jsonl"
    lines = [json.dumps(json.loads(TOOK.model_dump_json()) | {"id": str(number)}) for number in range(40)]
    file.write_text("\n".join(lines), encoding="utf-8")
    items = read_items(file, VerifyItem)
    drawn = sample(items, 10)
    assert drawn == sample(items[::-1], 10)
    assert not {one.id for one in drawn} & {one.id for one in sample(items, 10, skip=10)}
    assert drawn != sample(items, 10, seed=1)
    assert task_of(file) is Task.VERIFY


def test_statements_are_the_claims_to_the_word() -> None:
    """Each claim is a quote of the article made of them, also one of several sentences or with line breaks."""
    texts = ["Nine died. Ten were hurt.", "No full stop here", "Broken\nacross lines."]
    whole, claims = statements(texts)
    assert [claim.text for claim in claims] == [
        "Nine died. Ten were hurt.",
        "No full stop here",
        "Broken across lines.",
    ]
    assert all(whole.text[one.quote.start : one.quote.end] == one.text for one in claims)


@pytest.mark.parametrize(
    "change",
    [{"claim_date": "25-8-2020"}, {"claim": " "}, {"evidence": [{"source_id": "a", "text": ""}]}, {"label": "no"}],
)
def test_a_bad_row_is_told_before_anything_is_asked(tmp_path: Path, change: dict[str, object]) -> None:
    """A date that is none, an empty text, an unknown label: the line is named."""
    file = tmp_path / "own.verify.jsonl"
    file.write_text(json.dumps(json.loads(TOOK.model_dump_json()) | change), encoding="utf-8")
    with pytest.raises(InputError, match="line 1"):
        read_items(file, VerifyItem)


def test_an_id_stands_for_one_item(tmp_path: Path) -> None:
    """Two items of one id would share an answer."""
    file = tmp_path / "own.verify.jsonl"
    file.write_text(f"{TOOK.model_dump_json()}\n{TOOK.model_dump_json()}\n", encoding="utf-8")
    with pytest.raises(InputError, match="more than one"):
        read_items(file, VerifyItem)
