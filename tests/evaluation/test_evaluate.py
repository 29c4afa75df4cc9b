"""`secondsource evaluate` over the gold of the seeds, answered from the recordings."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from service.cli import app
from tests.seeds import CASSETTES, SEEDS

GOLD = SEEDS / "gold" / "seeds.crosscheck.jsonl"


def test_all_gold_items_come_out_right() -> None:
    """Twelve of twelve, no conflict that no label knows, and the conflict over Aleppo is told with both quotes."""
    result = CliRunner().invoke(app, ["evaluate", str(GOLD), "--model", f"replay/{CASSETTES}"])
    assert result.exit_code == 0, result.output
    assert "12 of 12 items right (100%)." in result.stdout
    assert "Aleppo, Syria's largest city" in result.stdout
    assert "second largest" in result.stdout


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("{", "line 1 is not a labelled claim"),
        ('{"id":"g"}', "line 1 is not a labelled claim"),
        ("", "holds no labelled claim"),
        (
            json.dumps({**json.loads(GOLD.read_text(encoding="utf-8").splitlines()[0]), "quote": "Not there."}),
            "does not",
        ),
        (json.dumps({**json.loads(GOLD.read_text(encoding="utf-8").splitlines()[0]), "article": "9.txt"}), "9.txt"),
    ],
)
def test_bad_labels_are_an_error_before_anything_is_asked(tmp_path: Path, line: str, told: str) -> None:
    """Labels that cannot be read, or do not fit the articles, end the run with 1 and a sentence."""
    labels = tmp_path / "gold.jsonl"
    labels.write_text(line, encoding="utf-8")
    given = ["evaluate", str(labels), "--articles", str(SEEDS), "--model", f"replay/{CASSETTES}"]
    result = CliRunner().invoke(app, given)
    assert result.exit_code == 1
    assert told in result.output


def test_too_few_right_is_a_failure() -> None:
    """Without a model nothing is right, and the threshold decides the exit code."""
    for at_least, code in (("1.0", 1), ("0.0", 0)):
        result = CliRunner().invoke(app, ["evaluate", str(GOLD), "--model", "none", "--at-least", at_least])
        assert result.exit_code == code
        assert "0 of 12 items right" in result.stdout
