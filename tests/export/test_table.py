"""The report on a terminal and as plain text."""

import io

import pytest
from rich.cells import cell_len
from rich.console import Console

from service.export import table
from service.export.words import FLAGS, KINDS, VERDICTS
from tests.export import sample
from tests.export.hostile import everywhere, hostile


def flowing(text: str) -> str:
    """The text without the lines of tables and the breaks of lines."""
    return " ".join("".join(" " if character in "│─" else character for character in text).split())


def test_all_is_told() -> None:
    """Verdicts, flags, kinds, the model's words, failures and the unknown cost are there."""
    text = flowing(table.render(sample.report(), width=400))
    for words in (*VERDICTS.values(), *FLAGS.values(), *KINDS.values()):
        assert words in text
    for words in (
        "The model's words: Both say that the city was entered.",
        "Supporting (2 origins)",
        "sentences 11 to 12: The model declined to answer. (refused)",
        "cost: unknown",
    ):
        assert words in text


@pytest.mark.parametrize("width", [40, 100])
@hostile
def test_no_line_is_wider_than_asked(text: str, width: int) -> None:
    """Long words are broken; foreign text is neither markup nor a command to the terminal."""
    rendered = table.render(everywhere(text), width=width)
    assert max(cell_len(line) for line in rendered.splitlines()) <= width
    assert "\x1b" not in rendered


@hostile
def test_foreign_text_is_shown_as_it_is(text: str) -> None:
    """Square brackets and colons are no markup."""
    assert " ".join(text.split()) in table.render(everywhere(text), width=4000)


def test_foreign_text_drives_no_terminal() -> None:
    """On a terminal with colours, the only escape sequences are our own."""
    file = io.StringIO()
    console = Console(file=file, force_terminal=True, color_system="standard", width=100)
    console.print(table.table(everywhere("\x1b]0;title\x07\x9b2J\x1b[2J")))
    rendered = file.getvalue()
    assert "\x1b[" in rendered
    assert not any(sequence in rendered for sequence in ("\x1b]", "\x1b[2J", "\x07", "\x9b"))
