"""`make demo`: the real server, the seed articles handed in over HTTP one after another, and what comes of each.

Its claims are shown as they are judged, and then the earlier claims in which it changed something.

Answers come from the recorded conversations unless SECONDSOURCE_MODEL names another model.
"""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import httpx2
from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from schemas.check import Event, EventKind
from schemas.report import ClaimReport, Failure, Report
from schemas.standing import Change, ClaimHistory, StandingClaims
from service.export.sections import named, summary
from service.export.words import FLAGS, SYMBOLS, VERDICTS, folded, verdict
from service.pipeline.folder import article_files, submission

ROOT = Path(__file__).parent.parent
PAGES = Path("build", "demo")
_START_SECONDS = 60
_QUIET_LOOKS = 3
_BY_DAY = ("001", "004", "000", "002", "003")
"""The seeds by their days. 004 tells none; what happened in it lets December 1 be guessed."""


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
    """Hands in the seeds by their days; shows the claims of each, and what it changed. How many checks failed."""
    (ROOT / PAGES).mkdir(parents=True, exist_ok=True)
    failed = 0
    for file in sorted(article_files([ROOT / "seeds"]), key=lambda file: _BY_DAY.index(file.name[:3])):
        handed_in = submission(file)
        console.rule(file.name)
        console.print(Text(handed_in.title or "", "bold"))
        began = datetime.now(UTC)
        answer = client.post("/v1/articles", json=handed_in.model_dump(mode="json", exclude_none=True))
        answer.raise_for_status()
        check = answer.headers["location"]
        if failure := _follow(client, check, console):
            failed += 1
            console.print(failure.detail, markup=False)
            continue
        report = Report.model_validate_json(client.get(f"{check}/report").content)
        console.print(f"\n{summary(report)}\n")
        _print_changes(console, _changes(client, report.article.id, began))
        page = client.get(f"{check}/report", headers={"accept": "text/html"})
        (ROOT / PAGES / file.name).with_suffix(".html").write_bytes(page.content)
    return failed


def _changes(client: httpx2.Client, article_id: str, since: datetime) -> dict[str, tuple[str, Change]]:
    """What an article changed in earlier claims, by their ids: words and change. Looks until nothing more comes."""
    found: dict[str, tuple[str, Change]] = {}
    quiet = 0
    while quiet < _QUIET_LOOKS:
        query = {"changed_since": since.isoformat(), "limit": "200"}
        page = StandingClaims.model_validate_json(client.get("/v1/claims", params=query).content)
        new = [one for one in page.items if one.article.id != article_id and one.id not in found]
        quiet = 0 if new else quiet + 1
        for one in new:
            history = ClaimHistory.model_validate_json(client.get(f"/v1/claims/{one.id}").content).history
            found[one.id] = (one.report.claim.text, history[-1])
        time.sleep(1)
    return found


def _print_changes(console: Console, changes: Mapping[str, tuple[str, Change]]) -> None:
    """The earlier claims whose verdict changed, and how many found more evidence."""
    turned = [(text, change) for text, change in changes.values() if change.before is not change.after]
    if changes:
        more = len(changes) - len(turned)
        console.print(
            Text(f"Changed in earlier claims: {len(turned)} verdicts; {more} more with new evidence.", "bold")
        )
    for text, change in turned:
        before = VERDICTS[change.before].lower() if change.before else "new"
        console.print(Padding(Text(f"{before} → {VERDICTS[change.after].lower()}: {folded(text)}"), (0, 0, 0, 3)))
    console.print()


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
