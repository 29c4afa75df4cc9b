"""One measured run in a process of its own: checks the article and prints what it took, as JSON."""

import asyncio
import json
import os
import resource
import sys
import time
from typing import Any

given = json.loads(sys.argv[1])
if given.get("cores"):
    os.cpu_count = lambda: given["cores"]  # before anything sizes a pool by it

from schemas.report import ClaimReport, Report, Verdict  # noqa: E402
from service.bootstrap import open_desk  # noqa: E402
from service.pipeline.run import WindowRead, check  # noqa: E402
from service.settings import Settings  # noqa: E402
from tests.bench.article import SEED  # noqa: E402
from tests.seeds import seed_articles  # noqa: E402


async def main() -> None:
    """Checks the article as often as asked, the first time cold."""
    settings = Settings(model="openai/mock", api_key="none", database_url="sqlite://", **given["settings"])
    article = seed_articles()[SEED]
    async with open_desk(settings) as desk:
        for other in seed_articles().values():
            await desk.corpus.add(other)
        runs = [await _measured(article, desk) for _ in range(given["checks"])]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024  # Linux gives KiB
    print(json.dumps({"runs": runs, "peak_mb": peak}))


async def _measured(article: Any, desk: Any) -> dict[str, Any]:
    judged: list[float] = []

    def watch(progress: WindowRead | ClaimReport, _: Any) -> None:
        if isinstance(progress, ClaimReport):
            judged.append(time.monotonic() - start)

    start, cpu = time.monotonic(), time.process_time()
    report: Report = await check(article, desk, watch)
    wall, used = time.monotonic() - start, time.process_time() - cpu
    failed = [claim.failure.code for claim in report.claims if claim.failure]
    return {
        "wall": wall,
        "first": min(judged),
        "cpu": used,
        "claims": len(report.claims),
        "unread": len(report.unread),
        "judged": sum(claim.verdict is not Verdict.NOT_ASSESSED for claim in report.claims),
        "failed": failed,
    }


asyncio.run(main())
