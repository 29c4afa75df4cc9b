"""`make demo`: the real server, the seed articles handed in over HTTP, and what a reader wants to see of the answers.

Answers come from the recorded conversations unless SECONDSOURCE_MODEL names another model.
"""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
from rich.console import Console

from schemas.report import Report
from service.export.table import table
from service.pipeline.folder import article_files, submission

ROOT = Path(__file__).parent.parent
PAGES = ROOT / "build" / "demo"
_START_SECONDS = 30


def main() -> int:
    """Exit code 0 when every seed was checked, 1 otherwise."""
    console = Console(width=None if sys.stdout.isatty() else 120)
    environment = {"SECONDSOURCE_MODEL": f"replay/{ROOT / 'cassettes'}", **os.environ}
    with tempfile.TemporaryDirectory() as folder, _server(environment, Path(folder)) as url:
        console.print(f"Server at {url}, model {environment['SECONDSOURCE_MODEL']}")
        with httpx2.Client(base_url=url, timeout=None) as client:
            return _show(client, console)


def _show(client: httpx2.Client, console: Console) -> int:
    """Hands in all seeds, so that each has the others against it; then checks and shows one after another."""
    PAGES.mkdir(parents=True, exist_ok=True)
    handed_in: dict[str, str] = {}
    for file in article_files([ROOT / "seeds"]):
        body = submission(file).model_dump(mode="json", exclude_none=True)
        answer = client.post("/v1/articles", params={"check": "false"}, json=body)
        answer.raise_for_status()
        handed_in[file.name] = answer.json()["id"]
    failed = 0
    for name, article_id in handed_in.items():
        answer = client.post(f"/v1/articles/{article_id}/checks")
        if answer.status_code != httpx2.codes.CREATED:
            failed += 1
            console.print(f"{name}: {answer.json()['title']}: {answer.json()['detail']}", markup=False)
            continue
        console.rule(name)
        console.print(table(Report.model_validate_json(answer.content)))
        page = client.get(f"/v1/articles/{article_id}/report", headers={"accept": "text/html"})
        (PAGES / name).with_suffix(".html").write_bytes(page.content)
    console.print(
        f"The same as pages for a browser: {PAGES.relative_to(ROOT)}/*.html. A server of your own: make serve"
    )
    return 1 if failed else 0


@contextmanager
def _server(environment: dict[str, str], folder: Path) -> Iterator[str]:
    """The real server on a free port of this machine, with a database of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    settings = {**environment, "SECONDSOURCE_DATABASE": str(folder / "demo.sqlite"), "SECONDSOURCE_PORT": port}
    server = subprocess.Popen([sys.executable, "-m", "service.cli", "serve"], env=settings, cwd=ROOT)
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_for(url, server)
        yield url
    finally:
        server.terminate()
        server.wait(timeout=10)


def _wait_for(url: str, server: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until and server.poll() is None:
        try:
            if httpx2.get(f"{url}/healthz").is_success:
                return
        except httpx2.TransportError:
            time.sleep(0.1)
    raise SystemExit("The server did not start; what it printed is above.")


if __name__ == "__main__":
    raise SystemExit(main())
