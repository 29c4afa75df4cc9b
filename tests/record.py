"""`make record MODEL=…`: records the checks of the seeds anew from any endpoint.

The same tests that replay the cassettes record them, in pytest-recording's rewrite mode.
"""

import argparse
import json
import os
import subprocess
import sys

from tests.recordings.recorded import IN_ORDER, INDEX, RECORDING
from tests.seeds import ROOT, seed_articles


def main() -> int:
    """The exit code of the recording run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", required=True, help="openai/NAME or litellm/PROVIDER/NAME")
    parser.add_argument("--base-url", help="where an OpenAI-compatible server answers, with /v1")
    parser.add_argument("--into", help="folder below cassettes/; by default the part of MODEL before the slash")
    parser.add_argument("--seed", action="append", help="a seed's file name; by default all")
    parser.add_argument("--in-order", action="store_true", help="the seeds as they came in, and what that changed")
    parser.add_argument("--reply-tokens", type=int, default=4096, help="the longest reply; small models never stop")
    given = parser.parse_args()
    into = IN_ORDER if given.in_order else given.into or given.model.split("/")[0]
    index = json.loads(INDEX.read_text(encoding="utf-8")) if INDEX.is_file() else {}
    index[into] = {
        "model": given.model,
        "base_url": given.base_url,
        "seeds": given.seed or sorted(seed_articles()),
        "reply_tokens": given.reply_tokens,
        "in_order": given.in_order,
    }
    INDEX.write_text(json.dumps(index, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    tests = ["tests/recordings/test_recordings.py", "-k", f"test_a_recorded_check and {into}"]
    if given.in_order:
        tests = ["tests/recordings/test_standing.py", "-k", "test_articles_that_come_in"]
    options = ["-o", "addopts=", "--record-mode=rewrite", "-q", "--no-cov"]
    environment = os.environ | {RECORDING: "1"}
    return subprocess.run(
        [sys.executable, "-m", "pytest", *tests, *options], cwd=ROOT, env=environment, check=False
    ).returncode


if __name__ == "__main__":
    raise SystemExit(main())
