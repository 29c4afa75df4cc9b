"""How reports leave: whole files, and one form on each way."""

import io
import os
from pathlib import Path

import pytest

from schemas.report import Report
from service.errors import ConfigurationError
from service.terminal.delivery import write, written
from tests.export.sample import report


def test_json_gives_the_report_back() -> None:
    """One is indented, several are a line each, and all are the same when read."""
    one, several = written([report()], "json", single=True), written([report(), report()], "json", single=False)
    assert len(one.splitlines()) > 100
    assert Report.model_validate_json(one) == report()
    assert [Report.model_validate_json(line) for line in several.splitlines()] == [report(), report()]


def test_several_in_markdown_are_apart() -> None:
    """A rule stands between two reports."""
    assert written([report(), report()], "markdown", single=False).count("\n---\n") == 1


def test_an_old_file_is_replaced_whole(tmp_path: Path) -> None:
    """Nothing of the old file stays, and no other file comes to be."""
    out = tmp_path / "out"
    out.write_bytes(b"old and longer")
    write(out, b"new")
    assert out.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [out]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    """The file that a link leads to is replaced, not the link."""
    out, real = tmp_path / "out", tmp_path / "real"
    real.write_bytes(b"old")
    out.symlink_to(real)
    write(out, b"new")
    assert out.is_symlink()
    assert real.read_bytes() == b"new"


def test_a_pipe_is_written_to(tmp_path: Path) -> None:
    """What is no file is not replaced by one."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    with io.FileIO(reader) as end:
        write(pipe, b"new")
        assert end.read() == b"new"
    assert pipe.is_fifo()


def test_what_cannot_be_written_is_our_error(tmp_path: Path) -> None:
    """A folder in the place of the file, or no folder to put it into."""
    for out in (tmp_path, tmp_path / "none" / "out"):
        with pytest.raises(ConfigurationError, match="cannot be written"):
            write(out, b"new")
