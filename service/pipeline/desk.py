"""What every check of a process works with: the corpus, the model, the limits."""

import asyncio
from dataclasses import dataclass, field
from decimal import Decimal

from service.corpus.protocol import Corpus
from service.llm.journaled import Journal, Journaled
from service.llm.kept import Kept, Replies
from service.llm.limits import Budget, Limited
from service.llm.metering import Meter, Metered
from service.llm.prices import Price
from service.llm.protocol import Backend
from service.llm.retrying import Retrying
from service.llm.structured import Formats, Model


@dataclass(frozen=True, slots=True)
class Limits:
    """How a check reads, and what it may spend. None: no limit."""

    window: int = 4
    """The sentences that one extraction call is asked about: fewer are faster, more are cheaper."""
    windows: int = 8
    """The most extraction calls of one article; a longer article has longer windows."""
    passages: int = 8
    """The most passages that are searched for a claim."""
    claims: int = 8
    """The most claims that one judging call is asked about: those of one window, which share passages."""
    seconds: float = 600
    """After that a check ends; what is not done by then is not assessed."""
    reply_tokens: int = 4096
    """The longest reply."""
    attempts: int = 6
    """How often a call is tried where trying again may help."""
    calls: int | None = None
    tokens: int | None = None
    dollars: Decimal | None = None


@dataclass(frozen=True)
class Desk:
    """One serves a whole process. Each check has a meter and a budget of its own; the slots are shared."""

    corpus: Corpus
    backend: Backend
    limits: Limits = Limits()
    price: Price | None = None
    slots: asyncio.Semaphore | None = None
    replies: Replies | None = None
    """Where replies are kept; a question asked before is answered from there, and is no call."""
    formats: Formats = field(default_factory=Formats)
    code_version: str = "unknown"
    warnings: tuple[str, ...] = ()
    """What every report should say of the model, for example that it is small and weak."""

    def model(self, meter: Meter, journal: Journal | None = None) -> Model:
        """The backend as one check sees it: measured, held to its budget, asked again where that is worth it.

        `journal`: what the check was answered before, and is answered from now on.
        """
        limits, spending = self.limits, budget(self.limits, self.price)

        def metered(meter: Meter) -> Backend:
            limited = Limited(Metered(self.backend, meter), self.slots, spending)
            return Retrying(limited, attempts=limits.attempts, seconds=limits.seconds)

        if journal:
            asked: Backend = Journaled(metered, journal, meter, spending, self.replies)
        else:
            asked = Kept(metered(meter), self.replies, meter.note) if self.replies else metered(meter)
        return Model(asked, self.formats, limits.reply_tokens)


def budget(limits: Limits, price: Price | None) -> Budget:
    """What one check may spend.

    Raises:
        ConfigurationError: a limit in dollars for a model whose price is unknown.
    """
    return Budget(calls=limits.calls, tokens=limits.tokens, dollars=limits.dollars, price=price)
