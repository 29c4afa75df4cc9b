"""The command line: what it prints where, and how it ends."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from schemas.report import Report
from service.cli import app
from tests.seeds import SEEDS

CLEAN = {"SECONDSOURCE_MODEL": None, "SECONDSOURCE_WINDOW": None, "COLUMNS": "100"}
FIRST = "Rebels took the airport of Aleppo on Friday. Officials said that 56 people were killed there."
SECOND = "Fighters hold the airport of Aleppo, residents said. At least 31 people were killed on Friday."
MENU = "Home\nNews\nSport\nContact"


def run(*arguments: str | Path, given: bytes | None = None, **environment: str) -> Result:
    return CliRunner().invoke(app, [str(one) for one in arguments], input=given, env={**CLEAN, **environment})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "first.txt").write_text(FIRST)
    (tmp_path / "second.txt").write_text(SECOND)
    return tmp_path


@pytest.fixture
def file(folder: Path) -> Path:
    return folder / "first.txt"


def test_without_a_model_sentences_stand_for_claims(file: Path, folder: Path) -> None:
    """Passages of the others are found, nothing is judged, standard error tells how to set a model, 3 is the end."""
    result = run("check", file, "--against", folder, "--format", "json")
    report = Report.model_validate_json(result.stdout)
    assert result.exit_code == 3
    assert "SECONDSOURCE_MODEL" in result.stderr
    assert [claim.claim.text for claim in report.claims] == FIRST.replace(". ", ".\n").splitlines()
    assert {claim.failure.code for claim in report.claims if claim.failure} == {"no_model"}
    assert all(claim.searched.passages for claim in report.claims)


def test_a_file_is_no_evidence_for_itself(file: Path, folder: Path) -> None:
    """A FILE that lies among --against is known by its text, and not searched for its own claims."""
    (folder / "copy.txt").write_text(FIRST)
    report = Report.model_validate_json(run("check", file, "--against", folder, "-f", "json").stdout)
    assert report.provenance.corpus.articles == 1
    assert all(
        passage.article_id != report.article.id for claim in report.claims for passage in claim.searched.passages
    )


def test_several_files_are_checked_against_each_other(folder: Path) -> None:
    """Without --against the FILEs are each other's sources; their JSON is a line each."""
    result = run("check", folder / "first.txt", folder / "second.txt", "--format", "json")
    reports = [Report.model_validate_json(line) for line in result.stdout.splitlines()]
    assert [report.provenance.corpus.articles for report in reports] == [1, 1]
    assert reports[0].article.id != reports[1].article.id


@pytest.mark.parametrize(
    ("form", "begins"),
    [("table", "Untitled article\n"), ("markdown", "# Untitled article\n"), ("html", "<!doctype html>")],
)
def test_a_report_has_several_forms(file: Path, form: str, begins: str) -> None:
    """Each form is on standard output alone, and the same in a file."""
    printed = run("check", file, "--against", file.parent, "--format", form)
    assert printed.exit_code == 3
    assert printed.stdout.lstrip().startswith(begins)
    out = file.with_name("report")
    assert run("check", file, "--format", form, "--out", out).stdout == ""
    assert out.read_text(encoding="utf-8").lstrip().startswith(begins)


def test_standard_input_may_be_a_page() -> None:
    """What begins as HTML does is read as HTML; the options tell the rest."""
    given = f"<!DOCTYPE html><html><body><article><p>{FIRST}</p></article></body></html>".encode()
    result = run(
        "check", "-", "-f", "json", "--publisher", "P", "--title", "T", "--published", "2024-12-01", given=given
    )
    article = Report.model_validate_json(result.stdout).article
    assert article.published_at
    assert (article.publisher, article.title, article.published_at.isoformat()) == (
        "P",
        "T",
        "2024-12-01T00:00:00+00:00",
    )


def test_options_win_over_the_manifest(file: Path) -> None:
    """A manifest beside the file tells of it, and an option replaces one fact of it."""
    file.with_name("manifest.yaml").write_text("- {file: first.txt, publisher: Told, title: Kept}")
    article = Report.model_validate_json(run("check", file, "-f", "json", "--publisher", "Given").stdout).article
    assert (article.publisher, article.title) == ("Given", "Kept")


def test_steps_are_told_by_lines(file: Path) -> None:
    """Where there is no terminal, each step is a line on standard error."""
    lines = run("check", file, "--against", file.parent).stderr.splitlines()
    assert f"{file}: sentences 1 to 2 read: 2 claims" in lines
    assert sum(": not assessed: " in line for line in lines) == 2


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty_text"),
        (b" \n ", "empty_text"),
        (b"\xff\xfe\x00", "not_text"),
        (b"Rebels took it.\x00 All of it fell.", "not_text"),
        (MENU.encode(), "no_sentences"),
        (
            b"Die Rebellen haben am Freitag den Flughafen von Aleppo eingenommen, sagten Anwohner.",
            "unsupported_language",
        ),
    ],
)
def test_a_bad_file_is_an_error(file: Path, data: bytes, code: str) -> None:
    """A FILE that is no article ends the run with 1, our code and its name; among --against it is left out."""
    bad = file.with_name("bad.txt")
    bad.write_bytes(data)
    failed = run("check", file, bad)
    assert (failed.exit_code, failed.stdout) == (1, "")
    assert f"error [{code}]: {bad}: " in failed.stderr
    skipped = run("check", file, "--against", bad)
    assert skipped.exit_code == 3  # without a model nothing is assessed
    assert f"skipped [{code}]: {bad}: " in skipped.stderr


def test_a_text_beyond_the_limit_is_an_error(file: Path) -> None:
    """The limit of the service holds on the command line too."""
    result = run("check", file, SECONDSOURCE_MAX_CHARACTERS="20")
    assert result.exit_code == 1
    assert "error [text_too_large]" in result.stderr


@pytest.mark.parametrize(
    "manifest",
    ["first.txt: {}", "- {file: first.txt, mood: good}", "- {file: first.txt, url: 'javascript:x'}", "- [", "7"],
)
def test_a_bad_manifest_is_an_error(file: Path, manifest: str) -> None:
    """What a manifest should not hold is told; it is not passed over."""
    file.with_name("manifest.yaml").write_text(manifest)
    result = run("check", file)
    assert result.exit_code == 1
    assert "error [bad_input]" in result.stderr
    assert "manifest.yaml" in result.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("check",),
        ("check", "no-such-file.txt"),
        ("check", "FOLDER"),
        ("check", "FILE", "--against", "no-such-folder"),
        ("check", "FILE", "--format", "pdf"),
        ("check", "FILE", "--window", "0"),
        ("check", "FILE", "--window", "few"),
        ("check", "FILE", "--passages", "51"),
        ("check", "FILE", "--published", "yesterday"),
        ("check", "FILE", "--published", "2024-12-01T06:30"),
        ("check", "FILE", "--out", "FOLDER"),
        ("check", "FILE", "--out", "no-such-folder/report.json"),
        ("check", "FILE", "FILE", "--format", "html"),
        ("check", "FILE", "FILE", "--title", "T"),
        ("check", "-", "-"),
        ("serve", "--port", "65536"),
        ("prove", "FILE"),
    ],
)
def test_wrong_use_ends_with_2(file: Path, arguments: tuple[str, ...]) -> None:
    """Before anything is done, standard error tells what is wrong with the call."""
    places = {"FILE": str(file), "FOLDER": str(file.parent)}
    result = run(*(places.get(one, one) for one in arguments))
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr


@pytest.mark.parametrize(
    ("environment", "told"),
    [
        ({"SECONDSOURCE_MODEL": "best"}, "SECONDSOURCE_MODEL"),
        ({"SECONDSOURCE_WINDOW": "few"}, "SECONDSOURCE_WINDOW"),
        ({"SECONDSOURCE_LANGUAGES": "en"}, "languages"),
        ({"SECONDSOURCE_API_KEY": "very-secret", "SECONDSOURCE_SECONDS": "-1"}, "SECONDSOURCE_SECONDS"),
    ],
)
def test_a_wrong_setting_is_an_error(file: Path, environment: dict[str, str], told: str) -> None:
    """A variable that cannot be used is named; no key is shown."""
    result = run("check", file, given=None, **environment)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith(("error [wrong_setting]", "error [configuration]"))
    assert told in result.stderr
    assert "very-secret" not in result.output


def test_a_model_that_never_answers_is_an_error(file: Path) -> None:
    """Where no sentence could be read, there is no report; the reason is told for each file."""
    message = {"role": "assistant", "content": "{}"}
    answer = {"model": "m", "choices": [{"index": 0, "finish_reason": "stop", "message": message}]}
    request = {"uri": "http://127.0.0.1/v1/chat/completions", "body": json.dumps({"model": "m", "messages": []})}
    response = {"status": {"code": 200}, "body": {"string": json.dumps(answer)}}
    cassette = file.with_name("other.yaml")
    cassette.write_text(json.dumps({"interactions": [{"request": request, "response": response}]}))
    result = run("check", file, file.with_name("second.txt"), "--model", f"replay/{cassette}")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.count("error [recording_missing]") == 2


def test_models_tells_what_is_set(tmp_path: Path) -> None:
    """The model, the forms and the variables are told; a key is not."""
    result = run("models", SECONDSOURCE_MODEL="openai/some-model", SECONDSOURCE_API_KEY="very-secret")
    assert result.exit_code == 0
    for words in ("openai/some-model", "litellm/PROVIDER/NAME", "SECONDSOURCE_MODEL", "embedded:"):
        assert words in result.stdout
    assert "very-secret" not in result.output


def test_a_probe_tells_why_there_is_no_answer() -> None:
    """Without a model, the probe fails with the reason."""
    result = run("models", "--probe")
    assert result.exit_code == 1
    assert "error [no_model]" in result.stderr


def test_nothing_is_left_behind(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A check keeps no database and no half-written file."""
    monkeypatch.chdir(file.parent)
    before = set(file.parent.iterdir())
    run("check", file, "--format", "json", "--out", "report.json")
    assert set(file.parent.iterdir()) - before == {file.parent / "report.json"}


def test_the_installed_command_checks_the_seeds() -> None:
    """In a process of its own: one seed against all, four others held."""
    seed = next(iter(sorted(SEEDS.glob("*.txt"))))
    options = ["--against", str(SEEDS), "--model", "none", "--format", "json"]
    command = [sys.executable, "-m", "service.cli", "check", str(seed), *options]
    done = subprocess.run(command, capture_output=True, check=False)
    assert done.returncode == 3, done.stderr.decode()
    assert json.loads(done.stdout)["provenance"]["corpus"]["articles"] == 4


def test_the_start_imports_nothing_heavy() -> None:
    """What a command needs is not loaded for `--help`."""
    heavy = "litellm openai fastapi sqlalchemy trafilatura dateparser pydantic rich jinja2 asyncio yaml schemas"
    code = f"import sys, service.cli; print([name for name in {heavy.split()} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert done.stdout.strip() == "[]"


def test_the_version_is_told() -> None:
    """`--version` prints the version and nothing else."""
    result = run("--version")
    assert result.exit_code == 0
    assert result.stdout.count(".") >= 2
    assert len(result.stdout.splitlines()) == 1
