"""Sends messages to webhooks by Standard Webhooks (https://www.standardwebhooks.com): attempts, and when the next is.

An attempt may be made twice, where a process dies before it could write the first down; the receiver tells the same
message by its webhook-id.
"""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import NamedTuple

from standardwebhooks import Webhook

from schemas.webhook import TEST, DeliveryState
from service.errors import FetchFailed, UrlRefused
from service.jobs.webhooks import Attempt, Due, WebhookStore
from service.llm.faults import retry_after
from service.outbound.fetcher import Fetcher

_MINUTE, _HOUR = 60, 3600
SCHEDULE = (0, 5, 5 * _MINUTE, 30 * _MINUTE, 2 * _HOUR, 5 * _HOUR, 10 * _HOUR, 14 * _HOUR, 20 * _HOUR, 24 * _HOUR)
"""Seconds before each attempt, from the one before it, as the specification of Standard Webhooks recommends."""

JITTER = 0.1
"""At most so much of a wait is added to it, that what failed together does not come back together."""

LONGEST_WAIT = 24 * _HOUR
"""Seconds that a receiver's Retry-After may ask for."""


class Outcome(NamedTuple):
    """What an attempt came to. `wait`: the seconds until the next; None where there is none."""

    state: DeliveryState
    wait: float | None = None


def wait(attempts: int, retry_after: float | None, chance: float) -> float | None:
    """Seconds until the next attempt after so many; None where there is none any more.

    `retry_after`: the seconds the receiver asked for, never cut short. `chance`: 0 to 1, what of the jitter is added.
    """
    if attempts >= len(SCHEDULE):
        return None
    return max(SCHEDULE[attempts], min(retry_after or 0, LONGEST_WAIT)) * (1 + JITTER * chance)


def headers(due: Due, now: datetime) -> Mapping[str, str]:
    """The headers of a message: its id, the time of the attempt, and one signature by each secret."""
    signatures = (Webhook(secret).sign(due.id, now.astimezone(UTC), due.body) for secret in due.secrets)
    return {
        "content-type": "application/json",
        "webhook-id": due.id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signatures),
    }


@dataclass(frozen=True)
class Courier:
    """Makes attempts. `now` and `chance` (0 to 1) are asked anew for each."""

    webhooks: WebhookStore
    fetcher: Fetcher
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    chance: Callable[[], float] = random.random

    async def attempt(self, delivery_id: str) -> Outcome:
        """Sends a message once, unless it has ended, and writes down what came of it.

        Raises:
            StoreError: the database failed.
        """
        due = await self.webhooks.due(delivery_id, self.now())
        if due is None:
            return Outcome(DeliveryState.DROPPED)
        if due.state is not DeliveryState.WAITING:
            return Outcome(due.state)
        if due.disabled:
            await self.webhooks.drop(due)
            return Outcome(DeliveryState.DROPPED)
        return await self._send(due)

    async def _send(self, due: Due) -> Outcome:
        status, asked, reason = None, None, None
        now = self.now()
        try:
            answer = await self.fetcher.post(due.url, due.body.encode(), headers(due, now))
            status, asked = answer.status, retry_after(answer.headers, now)
            reason = None if 200 <= status < 300 else f"The receiver answered {status}."
        except (UrlRefused, FetchFailed) as error:
            reason = str(error)
        outcome = self._outcome(due, status, asked)
        await self.webhooks.note(due, Attempt(outcome.state, status, reason, self.now()))
        return outcome

    def _outcome(self, due: Due, status: int | None, asked: float | None) -> Outcome:
        if status is not None and 200 <= status < 300:
            return Outcome(DeliveryState.DELIVERED)
        seconds = (
            None if due.type == TEST or status == HTTPStatus.GONE else wait(due.attempts + 1, asked, self.chance())
        )
        return Outcome(DeliveryState.FAILED if seconds is None else DeliveryState.WAITING, seconds)
