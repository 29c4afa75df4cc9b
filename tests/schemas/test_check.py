"""The states of a check, as the code has them and as docs/operations.md draws them."""

import re

from schemas.check import ARROWS, CheckState
from tests.seeds import ROOT


def test_every_arrow_is_documented() -> None:
    """The table of arrows in docs/operations.md has those of the code, no more and no fewer."""
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\w+) \| (\w+) \|", page.partition("## States of a check")[2], re.MULTILINE)
    drawn = {(start, end) for start, end in rows if start in {state.value for state in CheckState}}
    assert drawn == {(start.value, end.value) for start, ends in ARROWS.items() for end in ends}
