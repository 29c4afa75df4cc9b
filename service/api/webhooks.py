"""Webhooks: `POST|GET /v1/webhooks`, `GET|DELETE /v1/webhooks/{webhook_id}`, its secret, its deliveries, a test."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from schemas.webhook import (
    Deliveries,
    Delivery,
    DeliveryState,
    EventType,
    Webhook,
    WebhookRegistration,
    Webhooks,
    WebhookWithSecret,
)
from service.api.bodies import documented, json_body
from service.api.problems import responses
from service.jobs.delivery import Courier

router = APIRouter(prefix="/webhooks", tags=["webhooks"])

_ASKED = WebhookRegistration(url="https://cms.example/hooks/second-source", events=(EventType.CHECK_COMPLETED,))
_AT = datetime(2024, 12, 1, 9, 30, tzinfo=UTC)
_WEBHOOK = Webhook(id="0123456789abcdef0123456789abcdef", url=_ASKED.url, events=_ASKED.events, created_at=_AT)
_WITH_SECRET = WebhookWithSecret(**_WEBHOOK.model_dump(), secret="whsec_" + "MfKQ9r8GKYqrTwjUPD8ILPZI")
_DELIVERY = Delivery(
    id="msg_0123456789abcdef0123456789abcdef",
    webhook_id=_WEBHOOK.id,
    type=EventType.CHECK_COMPLETED,
    state=DeliveryState.DELIVERED,
    attempts=1,
    status=204,
    created_at=_AT,
    attempted_at=_AT,
)
_DELIVERIES = Deliveries(items=(_DELIVERY,))
_FAILURES = ("foreign_site", "invalid_request", "store", "internal")


def _answer(example: Webhook | Webhooks | Delivery | Deliveries) -> dict[str, object]:
    return {"content": {"application/json": {"example": example.model_dump(mode="json")}}}


def _courier(request: Request) -> Courier:
    courier: Courier = request.state.courier
    return courier


Sending = Annotated[Courier, Depends(_courier)]
WebhookId = Annotated[str, Path(description="The webhook's id.", pattern=r"^[0-9a-f]{32}$", examples=[_WEBHOOK.id])]


@router.post(
    "",
    operation_id="add_webhook",
    summary="Register a webhook",
    description=(
        "Messages are signed by Standard Webhooks with the secret of the answer, which is shown this once. A URL on a "
        "private, loopback or link-local address is refused, now and at every attempt. An answer of 2xx within 20 "
        "seconds takes a message; else it is tried again, ten times in all within about three days, with the same "
        "webhook-id. 410, or five days without success, disables the webhook; register it anew."
    ),
    status_code=201,
    response_description="The webhook is registered.",
    responses={
        201: {
            **_answer(_WITH_SECRET),
            "headers": {"Location": {"description": "The webhook.", "schema": {"type": "string"}}},
        },
        **responses("malformed_json", "not_text", "unsupported_media_type", "url_refused", *_FAILURES),
    },
    openapi_extra=documented(WebhookRegistration, _ASKED),
)
async def post_webhook(request: Request, response: Response, courier: Sending) -> WebhookWithSecret:
    """The webhook with its secret."""
    asked = await json_body(request, WebhookRegistration)
    await courier.fetcher.examine(asked.url)
    webhook = await courier.webhooks.register(asked)
    response.headers["Location"] = f"/v1/webhooks/{webhook.id}"
    response.headers["Cache-Control"] = "no-store"
    return webhook


@router.get(
    "",
    operation_id="list_webhooks",
    summary="All webhooks",
    response_description="The webhooks, oldest first, without their secrets.",
    responses={200: _answer(Webhooks(items=(_WEBHOOK,))), **responses(*_FAILURES)},
)
async def get_webhooks(courier: Sending) -> Webhooks:
    """All webhooks."""
    return Webhooks(items=await courier.webhooks.all())


@router.get(
    "/{webhook_id}",
    operation_id="get_webhook",
    summary="A webhook",
    response_description="The webhook, and whether it is disabled and why.",
    responses={200: _answer(_WEBHOOK), **responses("not_found", *_FAILURES)},
)
async def get_webhook(courier: Sending, webhook_id: WebhookId) -> Webhook:
    """The webhook."""
    return await courier.webhooks.one(webhook_id)


@router.delete(
    "/{webhook_id}",
    operation_id="delete_webhook",
    summary="Remove a webhook",
    description="Nothing more is sent to it, and its deliveries are forgotten.",
    status_code=204,
    response_description="It is removed.",
    responses=responses("not_found", *_FAILURES),
)
async def delete_webhook(courier: Sending, webhook_id: WebhookId) -> None:
    """Nothing."""
    await courier.webhooks.remove(webhook_id)


@router.post(
    "/{webhook_id}/secret",
    operation_id="rotate_webhook_secret",
    summary="Give a webhook a new secret",
    description="For 24 hours messages are signed with both, the new one first.",
    response_description="The webhook with its new secret, which is shown this once.",
    responses={200: _answer(_WITH_SECRET), **responses("not_found", *_FAILURES)},
)
async def post_secret(response: Response, courier: Sending, webhook_id: WebhookId) -> WebhookWithSecret:
    """The webhook with its new secret."""
    response.headers["Cache-Control"] = "no-store"
    return await courier.webhooks.rotate(webhook_id)


@router.get(
    "/{webhook_id}/deliveries",
    operation_id="list_deliveries",
    summary="What a webhook was sent",
    response_description="Deliveries, newest first.",
    responses={
        200: _answer(_DELIVERIES),
        **responses("not_found", *_FAILURES),
    },
)
async def get_deliveries(
    courier: Sending,
    webhook_id: WebhookId,
    cursor: Annotated[
        str | None, Query(description="`next` of the page before.", pattern=r"^msg_[0-9a-f]{32}$")
    ] = None,
    limit: Annotated[int, Query(description="The most that one page has.", ge=1, le=200)] = 50,
) -> Deliveries:
    """A page of deliveries."""
    return await courier.webhooks.deliveries(webhook_id, before=cursor, limit=limit)


@router.post(
    "/{webhook_id}/test",
    operation_id="test_webhook",
    summary="Send a webhook a test message",
    description="Of type webhook.test, once, now; the answer tells what became of it.",
    response_description="The delivery: delivered, or failed and why.",
    responses={200: _answer(_DELIVERY), **responses("not_found", *_FAILURES)},
)
async def post_test(courier: Sending, webhook_id: WebhookId) -> Delivery:
    """What became of the test message."""
    delivery_id = await courier.webhooks.try_out(webhook_id)
    await courier.attempt(delivery_id)
    return await courier.webhooks.delivery(delivery_id)
