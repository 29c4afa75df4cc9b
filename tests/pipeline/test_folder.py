"""Articles in files."""

from pathlib import Path

import pytest

from service.errors import InputError
from service.pipeline.folder import article_files, submission


def test_folders_are_searched_for_articles_in_order(tmp_path: Path) -> None:
    """Text and HTML files below a folder are found by name; a file that is named is taken whatever its ending."""
    for name in ("b.txt", "a.HTML", "c.htm", "d.pdf", "below/e.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    found = [path.relative_to(tmp_path).as_posix() for path in article_files([tmp_path, tmp_path / "d.pdf"])]
    assert found == ["a.HTML", "b.txt", "below/e.txt", "c.htm", "d.pdf"]


def test_a_manifest_tells_what_the_text_does_not(tmp_path: Path) -> None:
    """Fields of the file's entry are taken; the media type follows the ending."""
    (tmp_path / "a.html").write_text("<p>It rained.</p>")
    (tmp_path / "manifest.yaml").write_text("- {file: a.html, publisher: Courier, published_at: 2024-12-01T00:00:00Z}")
    told = submission(tmp_path / "a.html")
    assert (told.publisher, told.media_type, told.text) == ("Courier", "text/html", "<p>It rained.</p>")
    assert told.published_at is not None


@pytest.mark.parametrize(
    "manifest",
    [
        "- [a]",
        "no list",
        "- {publisher: Courier}",
        "{",
        "- {file: a.txt, mood: good}",
        "- {file: a.txt, published_at: 2024-12-01}",
        "- {file: a.txt, published_at: yesterday}",
        "- {file: a.txt, published_at: 1733652000}",
    ],
)
def test_a_bad_manifest_is_an_error(tmp_path: Path, manifest: str) -> None:
    """What is no list of entries, names an unknown field, or gives a day for a time is told, not guessed."""
    (tmp_path / "a.txt").write_text("It rained.")
    (tmp_path / "manifest.yaml").write_text(manifest)
    with pytest.raises(InputError, match=r"manifest\.yaml"):
        submission(tmp_path / "a.txt")


def test_a_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    """The sentence names the file."""
    with pytest.raises(InputError, match=r"none\.txt cannot be read"):
        submission(tmp_path / "none.txt")
