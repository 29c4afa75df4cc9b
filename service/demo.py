"""`make demo`: the real server, the seed articles handed in over HTTP, and its claims as they are judged.

Answers come from the recorded conversations unless SECONDSOURCE_MODEL names another model.
"""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx2
from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from schemas.article import Article, ArticleSource
from schemas.check import Event, EventKind
from schemas.report import ClaimReport, Failure, Report
from service.export.sections import named, summary
from service.export.words import FLAGS, SYMBOLS, folded, verdict
from service.pipeline.folder import article_files, submission

ROOT = Path(__file__).parent.parent
PAGES = Path("build", "demo")
_START_SECONDS = 60


def main() -> int:
    """Exit code 0 when every seed was checked, 1 otherwise."""
    console = Console(width=None if sys.stdout.isatty() else 120, highlight=False)
    environment = {"SECONDSOURCE_MODEL": "replay/cassettes", **os.environ}
    with tempfile.TemporaryDirectory() as folder, _server(environment, Path(folder)) as url:
        console.print(f"Server at {url}, model {environment['SECONDSOURCE_MODEL']}")
        with httpx2.Client(base_url=url, timeout=None) as client:
            failed = _show(client, console)
    console.print(f"\nWhole reports, with reasons and all that was read: {PAGES}/*.html, for a browser.")
    console.print("A server of your own: make serve. A model of your own: set SECONDSOURCE_MODEL (see README).")
    return 1 if failed else 0


def _show(client: httpx2.Client, console: Console) -> int:
    """Hands in all seeds, so that each has the others against it; then checks and shows each. How many failed."""
    (ROOT / PAGES).mkdir(parents=True, exist_ok=True)
    handed_in: dict[str, ArticleSource] = {}
    for file in article_files([ROOT / "seeds"]):
        body = submission(file).model_dump(mode="json", exclude_none=True)
        answer = client.post("/v1/articles", params={"check": "false"}, json=body)
        answer.raise_for_status()
        handed_in[file.name] = Article.model_validate_json(answer.content).source
    failed = 0
    for name, article in handed_in.items():
        console.rule(name)
        console.print(Text(article.title or "", "bold"))
        answer = client.post(f"/v1/articles/{article.id}/checks")
        answer.raise_for_status()
        if failure := _follow(client, answer.headers["location"], console):
            failed += 1
            console.print(failure.detail, markup=False)
            continue
        report = client.get(f"/v1/articles/{article.id}/report")
        console.print(f"\n{summary(Report.model_validate_json(report.content))}\n")
        page = client.get(f"/v1/articles/{article.id}/report", headers={"accept": "text/html"})
        (ROOT / PAGES / name).with_suffix(".html").write_bytes(page.content)
    return failed


def _follow(client: httpx2.Client, check: str, console: Console) -> Failure | None:
    """Prints the claims of a check as they are judged, up to its end; why it failed, where it did."""
    with client.stream("GET", f"{check}/events") as answer:
        for line in answer.iter_lines():
            if not line.startswith("data: "):
                continue
            event = Event.model_validate_json(line.removeprefix("data: "))
            if event.kind is EventKind.CLAIM:
                _print_claim(console, ClaimReport.model_validate(event.data))
            elif failure := event.data.get("failure") if event.kind is EventKind.STATE else None:
                return Failure.model_validate(failure)
    return None


def _print_claim(console: Console, claim: ClaimReport) -> None:
    """A claim with both sides of its evidence."""
    console.print(Text(f"\n{SYMBOLS[claim.verdict]:>2} {verdict(claim)}: {folded(claim.claim.text)}"))
    for side, rows in (("supporting", claim.supporting), ("conflicting", claim.conflicting)):
        for row in rows:
            kind = f", {row.kind}" if row.kind else " in part" if row.partial else ""
            told = f"“{folded(row.quote.exact)}” ({named(row.article.id, {row.article.id: row.article})})"
            console.print(Padding(Text(f"{side}{kind}: {told}"), (0, 0, 0, 6)))
    for flag in claim.flags:
        console.print(Padding(Text(FLAGS[flag], "bold"), (0, 0, 0, 6)))
    if claim.failure:
        console.print(Padding(Text(claim.failure.detail), (0, 0, 0, 6)))


@contextmanager
def _server(environment: dict[str, str], folder: Path) -> Iterator[str]:
    """The real server on a free port of this machine, with a database and a log of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    log = folder / "server.log"
    settings = environment | {
        "SECONDSOURCE_DATABASE_URL": f"sqlite:///{folder / 'demo.sqlite'}",
        "SECONDSOURCE_PORT": port,
    }
    with log.open("wb") as told:
        server = subprocess.Popen([sys.executable, "-m", "service.cli", "serve"], env=settings, cwd=ROOT, stderr=told)
    url = f"http://127.0.0.1:{port}"
    try:
        if not _answers(url, server):
            raise SystemExit(f"The server did not start:\n{log.read_text(encoding='utf-8')}")
        yield url
    finally:
        server.terminate()
        server.wait(timeout=10)


def _answers(url: str, server: subprocess.Popen[bytes]) -> bool:
    """Waits until the server answers; False where it ended, or took too long."""
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until and server.poll() is None:
        with suppress(httpx2.TransportError):
            return httpx2.get(f"{url}/healthz").is_success
        time.sleep(0.1)
    return False


if __name__ == "__main__":
    raise SystemExit(main())
