"""A small HTTP server on loopback that answers as it is told and remembers what it was asked."""

import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple


class Asked(NamedTuple):
    """A request as it came."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Answer:
    """What is sent back. `hold` keeps it back until the server ends."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    hold: bool = False


@dataclass
class Receiver:
    """`answers` are given in turn, the last one ever again; or by a function of the request."""

    port: int
    answers: list[Answer] | Callable[[Asked], Answer]
    asked: list[Asked] = field(default_factory=list)
    closing: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def answer(self, asked: Asked) -> Answer:
        self.asked.append(asked)
        if callable(self.answers):
            return self.answers(asked)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64
    receiver: Receiver

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that leaves early is what some tests are about."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        receiver = self.server.receiver
        answer = receiver.answer(Asked(self.command, self.path, {k.lower(): v for k, v in self.headers.items()}, body))
        if answer.hold:
            receiver.closing.wait(10)
        self.send_response(answer.status)
        for name, value in {"content-length": str(len(answer.body)), **answer.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer.body)

    do_GET = do_POST = _serve  # noqa: N815 the names are http.server's

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@contextmanager
def receiving(
    answers: list[Answer] | Callable[[Asked], Answer], *, tls: ssl.SSLContext | None = None
) -> Iterator[Receiver]:
    """The server, while the block lasts."""
    server = _Server(("127.0.0.1", 0), _Handler)
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    receiver = server.receiver = Receiver(server.server_port, answers)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        receiver.closing.set()
        server.shutdown()
        server.server_close()
        thread.join(10)
