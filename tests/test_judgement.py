"""docs/judgement.md says what the answers say."""

import json
from collections.abc import Iterator

from schemas.evidence import Confidence
from service.export.words import MEASURED
from tests.judgement import ANSWERS, PAGE, confidence, filled


def test_the_tables_are_those_of_the_answers() -> None:
    """`make judgement` would change nothing."""
    page = PAGE.read_text(encoding="utf-8")
    assert filled(page) == page


def test_what_a_page_says_of_confidence_was_measured() -> None:
    """The shares that a report shows are those of the table."""
    told = {
        (stance, Confidence(sure)): round(100 * float(right.split()[0])) for stance, sure, _, right in confidence().rows
    }
    assert told == MEASURED


def strings(value: object) -> Iterator[str]:
    """Every text in a JSON value, names of fields among them."""
    if isinstance(value, str):
        yield value
    for part in (
        (*value.keys(), *value.values()) if isinstance(value, dict) else value if isinstance(value, list) else ()
    ):
        yield from strings(part)


def test_answers_hold_no_text() -> None:
    """A line is ids, labels and counts: nothing of the data is published."""
    for file in ANSWERS.rglob("*.jsonl"):
        for line in file.read_text(encoding="utf-8").splitlines():
            assert max(map(len, strings(json.loads(line)))) < 80, file
