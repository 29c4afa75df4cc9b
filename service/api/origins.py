"""Pages of other websites: which of them may ask from a reader's browser.

A browser sends text/plain anywhere without asking first, so any page that a journalist opens could put articles into
a server on the journalist's own machine. Where a key is needed this cannot happen: a key is never sent unasked, as a
cookie is, and the header it travels in makes the browser ask first. Without keys, what a browser says of a request
decides.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from urllib.parse import urlsplit

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware

from service.errors import WrongSetting

_ORIGIN = re.compile(r"https?://[^/?#@\s*]+")
_SENT = ["Authorization", "X-API-Key", "Content-Type", "Idempotency-Key", "If-Match", "If-None-Match"]
_SENT += ["Last-Event-ID", "Prefer", "X-Request-ID"]
_READ = ["ETag", "Link", "Location", "Preference-Applied", "RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset"]
_READ += ["Retry-After", "WWW-Authenticate", "X-Request-ID"]


def is_foreign(headers: Mapping[str, str], origins: Collection[str]) -> bool:
    """Whether a page of a website that is not among `origins` sent this. Programs do not say, and are served."""
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if origin in origins:
        return False
    if site is None and origin is not None:
        site = "same-origin" if urlsplit(origin).netloc == headers.get("host") else "cross-site"
    return site not in (None, "same-origin", "none")


def allow_origins(app: FastAPI, origins: Iterable[str]) -> None:
    """Lets pages of these sites ask from a browser and read the answers (CORS). Without any, none may.

    Args:
        app: the application, not started yet.
        origins: as browsers write them, https://desk.example or http://localhost:3000.

    Raises:
        WrongSetting: one is no origin. "*" is none: every page on the web is not among friends.
    """
    named = list(origins)
    for origin in named:
        if not _ORIGIN.fullmatch(origin):
            raise WrongSetting(
                f"SECONDSOURCE_ORIGINS: {origin[:80]!r} is no origin; write it like https://desk.example, no path.",
                "origins",
            )
    if named:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=named,
            allow_methods=["GET", "POST", "PUT", "DELETE"],
            allow_headers=_SENT,
            expose_headers=_READ,
        )
