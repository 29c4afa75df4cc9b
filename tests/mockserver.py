"""A small OpenAI-compatible server on loopback, for tests and benchmarks: what it says, how slowly, how it fails.

with MockServer(lambda messages, body: '{"claims": []}', latency=1.0, fault=randomly({"500": 0.1})) as server:
    ...                       # point a backend at server.url
    server.calls, server.peak, server.prompt_tokens
"""

import asyncio
import json
import random
import socket
import struct
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Self

from aiohttp import web

from tests.tokens import tokens

Answer = Callable[[Sequence[Mapping[str, Any]], Mapping[str, Any]], str]  # the text, from the messages and the body
Plan = Callable[
    [int, float], str | None
]  # a call's fault, from its number, the first being 1, and the seconds since it

STATUS = {
    "400_format": (400, "invalid_request_error", "This model does not support response_format of this type."),
    "400_length": (400, "context_length_exceeded", "This model's maximum context length is 8192 tokens."),
    "401": (401, "invalid_api_key", "Incorrect API key provided: sk-abcdef0123456789abcdef."),
    "402": (402, "payment_required", "Insufficient credits."),
    "404": (404, "model_not_found", "The model does not exist."),
    "429": (429, "rate_limit_exceeded", "Rate limit reached for requests."),
    "429_quota": (429, "insufficient_quota", "You exceeded your current quota, check your plan and billing details."),
    "500": (500, "server_error", "The server had an error while processing your request."),
    "503": (503, "server_error", "The engine is currently overloaded."),
}
FAULTS = (*STATUS, "reset", "hang", "bad_body", "truncated", "prose", "wrong_schema", "empty", "refusal")
REFUSAL = "I'm sorry, but I can't help with that request."


def scripted(*faults: str | None) -> Plan:
    """These faults for the first calls in order of arrival, none for those after."""
    return lambda number, since: faults[number - 1] if number <= len(faults) else None


def always(fault: str) -> Plan:
    """The same fault for every call."""
    return lambda number, since: fault


def randomly(shares: Mapping[str, float], seed: int = 0) -> Plan:
    """Faults by share of calls, one seeded draw a call, so that a run can be repeated."""
    draw = random.Random(seed)  # noqa: S311 - repeatable is the point
    names, weights = [None, *shares], [1 - sum(shares.values()), *shares.values()]
    return lambda number, since: draw.choices(names, weights)[0]


def burst(fault: str, start: float, end: float) -> Plan:
    """Every call that arrives between two moments, in seconds since the first call, gets this fault."""
    return lambda number, since: fault if start <= since < end else None


@dataclass
class Call:
    """One request, as the log keeps it. `status` is 0 where no answer was sent."""

    number: int
    body: dict[str, Any]
    authorization: str
    fault: str | None = None
    status: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0


@dataclass
class MockServer:
    """The server, run in a thread of its own while the `with` block lasts.

    `latency` and `per_token` are seconds, per call and per completion token. With `concurrency`, calls above that
    number wait their turn (`over="queue"`) or get 429 (`over="reject"`). `retry_after` goes with 429 and 503. `calls`
    counts all requests, the tokens those of calls that were answered (cl100k, message texts alone).
    """

    answer: Answer
    latency: float = 0.0
    per_token: float = 0.0
    concurrency: int | None = None
    over: Literal["queue", "reject"] = "queue"
    retry_after: float = 1.0
    fault: Plan = field(default_factory=scripted)
    log: list[Call] = field(default_factory=list)
    peak: int = 0
    url: str = ""
    _active: int = 0
    _first: float | None = None

    def __enter__(self) -> Self:
        tokens("")  # loads the vocabulary now, so that no call waits for it
        ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve, args=(ready,), name="mockserver", daemon=True)
        self._thread.start()
        ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    @property
    def calls(self) -> int:
        return len(self.log)

    @property
    def prompt_tokens(self) -> int:
        return sum(call.prompt_tokens for call in self.log if call.status == 200)

    @property
    def completion_tokens(self) -> int:
        return sum(call.completion_tokens for call in self.log if call.status == 200)

    def _serve(self, ready: threading.Event) -> None:
        asyncio.set_event_loop(self._loop)
        self._slots = asyncio.Semaphore(self.concurrency or 1_000_000)
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_post("/v1/chat/completions", self._chat)
        runner = web.AppRunner(app, handler_cancellation=True, access_log=None, shutdown_timeout=0.1)
        self._loop.run_until_complete(runner.setup())
        self._loop.run_until_complete(web.TCPSite(runner, "127.0.0.1", 0, backlog=1024).start())
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
        ready.set()
        self._loop.run_forever()
        self._loop.run_until_complete(runner.cleanup())
        self._loop.close()

    async def _chat(self, http: web.Request) -> web.StreamResponse:
        now = time.monotonic()
        self._first = now if self._first is None else self._first
        body = await http.json()
        call = Call(len(self.log) + 1, body, http.headers.get("Authorization", ""))
        self.log.append(call)
        call.prompt_tokens = sum(tokens(message["content"]) for message in call.body["messages"])
        if self.over == "reject" and self._slots.locked():
            call.fault, call.status = "429", 429
            return self._error("429")
        async with self._slots:
            self._active += 1
            self.peak = max(self.peak, self._active)
            try:
                return await self._respond(http, call, self.fault(call.number, now - self._first))
            finally:
                self._active -= 1

    async def _respond(self, http: web.Request, call: Call, fault: str | None) -> web.StreamResponse:
        call.fault = fault
        if fault in STATUS:
            await asyncio.sleep(min(self.latency, 0.05))  # errors come fast
            call.status = STATUS[fault][0]
            return self._error(fault)
        if fault in {"reset", "hang"}:
            await asyncio.sleep(self.latency / 2 if fault == "reset" else 3600)
            return _reset(http)
        completion = _completion(call, self.answer(call.body["messages"], call.body), fault)
        await asyncio.sleep(self.latency + self.per_token * call.completion_tokens)
        call.status = 200
        raw = json.dumps(completion, ensure_ascii=False).encode()
        return web.Response(body=raw[: len(raw) // 2] if fault == "bad_body" else raw, content_type="application/json")

    def _error(self, fault: str) -> web.Response:
        status, code, message = STATUS[fault]
        headers = {"Retry-After": f"{self.retry_after:g}"} if status in {429, 503} else {}
        error = {"message": message, "type": code, "param": None, "code": code}
        return web.json_response({"error": error}, status=status, headers=headers)


def _completion(call: Call, text: str, fault: str | None) -> dict[str, Any]:
    said = {
        "truncated": text[: len(text) // 2],
        "prose": f"Sure! Here is what you asked for:\n\n```json\n{text}\n```\n\nLet me know if you need more.",
        "wrong_schema": json.dumps({"unexpected": {"note": text[:80]}, "status": "ok"}),
        "empty": "",
        "refusal": None,
    }.get(fault or "", text)
    call.completion_tokens = tokens(said or REFUSAL)
    message = {"role": "assistant", "content": said, "refusal": REFUSAL if fault == "refusal" else None}
    finish = "length" if fault == "truncated" else "stop"
    usage = {"prompt_tokens": call.prompt_tokens, "completion_tokens": call.completion_tokens}
    return {
        "id": f"chatcmpl-{call.number}",
        "object": "chat.completion",
        "model": call.body["model"],
        "choices": [{"index": 0, "message": message, "finish_reason": finish}],
        "usage": {**usage, "total_tokens": sum(usage.values())},
    }


def _reset(http: web.Request) -> web.Response:
    """Cuts the connection without a word."""
    transport = http.transport
    if transport is not None:
        linger = struct.pack("ii", 1, 0)
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        transport.abort()
    return web.Response()
