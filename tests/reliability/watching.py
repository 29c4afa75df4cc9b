"""A check as the programs look at it: waited for, and told whole."""

from typing import Any

from schemas.check import Check
from service.bootstrap import Service


async def ended(service: Service, check_id: str) -> Check:
    """A check of this or another process, when it has ended."""
    with service.bell.listening(check_id) as news:
        while not (check := await service.checks.check(check_id)).state.ended:
            await news(0.2)
    return check


async def told(service: Service, check: Check) -> dict[str, Any]:
    """All that is known of a check, as JSON has it."""
    report = await service.checks.report(check.id)
    events = await service.checks.events(check.id, limit=1000)
    return {
        "check": check.model_dump(mode="json"),
        "report": report.model_dump(mode="json") if report else None,
        "events": [event.model_dump(mode="json") for event in events],
    }
