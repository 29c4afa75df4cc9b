"""A process that works on one check of the bench's article until it has ended, and that may be killed at any moment.

python -m tests.reliability.child DATABASE_URL MODEL_URL KEY [CHECK]: without a check it asks for one, and prints its
id; one that is named it waits for, as whoever starts again after a crash. Then prints all of the check as JSON.
"""

import asyncio
import json
import sys

import openai.resources.chat.completions  # noqa: F401 - takes seconds, and a server that runs for a while has it

from service.bootstrap import Service, open_service
from service.jobs.queue import Kind
from service.settings import Settings
from tests.bench.article import SEED
from tests.reliability.watching import ended, told
from tests.seeds import seed_articles


async def main(database_url: str, model_url: str, key: str, known: str = "") -> None:
    settings = Settings(model="openai/mock", api_key=key, base_url=model_url, database_url=database_url, standing=0)
    async with open_service(settings) as service:
        check_id = known or await _ask(service, settings.model)
        print(json.dumps(await told(service, await ended(service, check_id))), flush=True)


async def _ask(service: Service, model: str) -> str:
    articles = seed_articles()
    for article in articles.values():
        await service.desk.corpus.add(article)
    asked = await service.checks.ask(articles[SEED].id, model)
    print(asked.id, flush=True)
    await service.dispatch.send(Kind.CHECK, asked.id)
    return asked.id


asyncio.run(main(*sys.argv[1:]))
