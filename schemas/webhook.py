"""Webhooks by Standard Webhooks: who is told of what, what a message looks like, and what became of it."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Self

from pydantic import AwareDatetime, Field, field_validator, model_validator

from schemas.record import Record

TEST = "webhook.test"
"""The type of the message that tries a webhook out. Nobody asks for it, and it is sent once."""

LARGEST_MESSAGE = 20_000
"""Bytes. Messages hold ids and links, never the text of an article."""


class EventType(StrEnum):
    """What a webhook may be told of."""

    CHECK_COMPLETED = "check.completed"
    CHECK_FAILED = "check.failed"
    CLAIM_CHANGED = "claim.changed"


class WebhookRegistration(Record):
    """What is asked for."""

    url: str = Field(max_length=2000, pattern=r"^https?://\S+$", description="Where messages are POSTed.")
    events: tuple[EventType, ...] = Field(min_length=1, description="What is told.")

    @field_validator("events")
    @classmethod
    def _are_named_once(cls, events: tuple[EventType, ...]) -> tuple[EventType, ...]:
        return tuple(dict.fromkeys(events))


class Webhook(Record):
    """Where messages are sent, and whether they still are."""

    id: str = Field(pattern=r"^[0-9a-f]{32}$")
    url: str
    events: tuple[EventType, ...]
    created_at: AwareDatetime
    rotated_at: AwareDatetime | None = Field(
        default=None, description="When its secret was last changed; for 24 hours after, the old one signs too."
    )
    failing_since: AwareDatetime | None = Field(default=None, description="Since when no attempt has succeeded.")
    disabled_at: AwareDatetime | None = Field(default=None, description="Since then it is sent nothing.")
    reason: str | None = Field(default=None, description="Why it was disabled.")


class WebhookWithSecret(Webhook):
    """A webhook and its secret, which is shown this once."""

    secret: str = Field(description="whsec_ and base64; signs every message.", pattern=r"^whsec_[A-Za-z0-9+/]+=*$")


class Webhooks(Record):
    """All webhooks, oldest first."""

    items: tuple[Webhook, ...]


class Message(Record):
    """The body that is POSTed."""

    type: str
    timestamp: AwareDatetime = Field(description="When it happened; attempts to tell it may come later.")
    data: Mapping[str, Any] = Field(description="Ids and links.")

    @model_validator(mode="after")
    def _is_small(self) -> Self:
        if len(self.model_dump_json().encode()) >= LARGEST_MESSAGE:
            raise ValueError(f"a message has less than {LARGEST_MESSAGE} bytes: send ids and links")
        return self


class DeliveryState(StrEnum):
    """Where a message to one webhook is. It begins waiting; every other state is an end."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"
    DROPPED = "dropped"


class Delivery(Record):
    """A message to one webhook, and what has become of it."""

    id: str = Field(description="Sent as webhook-id, the same at every attempt.")
    webhook_id: str
    type: str
    state: DeliveryState = Field(
        description="waiting: not yet, or to be tried again. failed: given up. dropped: the webhook was disabled."
    )
    attempts: int = Field(ge=0)
    status: int | None = Field(default=None, description="The HTTP status of the last attempt that was answered.")
    reason: str | None = Field(default=None, description="Why the last attempt failed.")
    created_at: AwareDatetime
    attempted_at: AwareDatetime | None = None


class Deliveries(Record):
    """Messages to one webhook, newest first."""

    items: tuple[Delivery, ...]
    next: str | None = Field(default=None, description="The cursor of the next page; null on the last.")
