"""How often somebody may ask: a sliding window of requests, counted in this process.

Several processes count each for themselves, so that together they let in as many times more.

The window is the library's sliding counter: the requests of the window before count by the share of it that is still
within reach. Its moving window would be exact, but in memory it drops old entries on the thread pool and holds a lock
meanwhile: requests would wait for the articles that are read there.
"""

import math
import time
from typing import NamedTuple

from limits import parse
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter

from service.errors import WrongSetting

OFF = "off"


class Standing(NamedTuple):
    """Where somebody stands after a request."""

    admitted: bool
    most: int
    left: int
    seconds: int
    """Until there is room for one more."""

    @property
    def headers(self) -> dict[str, str]:
        """For the answer, as draft-ietf-httpapi-ratelimit-headers-07 names them."""
        return {
            "RateLimit-Limit": str(self.most),
            "RateLimit-Remaining": str(self.left),
            "RateLimit-Reset": str(self.seconds),
        }


class Rate:
    """So many requests in so much time, for each who asks."""

    def __init__(self, text: str) -> None:
        """`text`: as in "120/minute" or "10/5 seconds".

        Raises:
            ValueError: it is not written so, or allows nothing.
        """
        self._rate = parse(text)
        if not self._rate.amount:
            raise ValueError("a rate of nothing lets nobody in")
        self._window = SlidingWindowCounterRateLimiter(MemoryStorage())

    async def spend(self, who: str) -> Standing:
        """Counts a request, unless there is no room for it."""
        admitted = await self._window.hit(self._rate, who)
        reset, left = await self._window.get_window_stats(self._rate, who)
        return Standing(admitted, self._rate.amount, left, max(1, math.ceil(reset - time.time())))


def rate(text: str, setting: str) -> Rate | None:
    """The rate that a setting names; None where it is "off".

    Raises:
        WrongSetting: it is no rate.
    """
    if text == OFF:
        return None
    try:
        return Rate(text)
    except ValueError:
        raise WrongSetting(
            f'SECONDSOURCE_{setting.upper()}: {text[:40]!r} is no rate; write one like "120/minute", or "{OFF}".',
            setting,
        ) from None
