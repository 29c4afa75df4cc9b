"""Answers that a client may have already: entity tags, and the conditions made on them (RFC 9110, section 13)."""

import hashlib
import re
from collections.abc import Mapping
from typing import Annotated

from fastapi import Header, Response

from service.api.problems import RequestFault

ETAG = {"ETag": {"description": "Changes with the answer.", "schema": {"type": "string"}}}
NOT_MODIFIED = {"description": "If-None-Match names the answer: it is as the client has it.", "headers": ETAG}

IfNoneMatch = Annotated[str | None, Header(description="The ETag of the answer that you have; 304 where it is this.")]
IfMatch = Annotated[str | None, Header(description="The ETag of the article as you know it; 412 where it is another.")]

_TAG = re.compile(r'(W/)?("[^"]*")')


def tagged(body: str, media_type: str, if_none_match: str | None, headers: Mapping[str, str] | None = None) -> Response:
    """The answer with its tag, or only the tag where the client has the answer already.

    Caches keep it for one reader alone, and ask before they hand it out: an article may be withdrawn at any time.
    """
    tag = etag(body)
    tagged = {"ETag": tag, "Cache-Control": "private, no-cache", **(headers or {})}
    if if_none_match is not None and _names(if_none_match, tag, weak=True):
        return Response(status_code=304, headers=tagged)
    return Response(body, media_type=media_type, headers=tagged)


def check_match(if_match: str | None, body: str | None) -> None:
    """Sees that If-Match, where there is one, names the answer that a GET would have now; None: it would have none.

    Raises:
        RequestFault: it does not; somebody was faster.
    """
    if if_match is not None and (body is None or not _names(if_match, etag(body))):
        raise RequestFault("changed_since", "The article is not as you know it; GET it, and decide again.")


def etag(body: str) -> str:
    """A strong tag: the same bytes have the same, others another."""
    return f'"{hashlib.sha256(body.encode()).hexdigest()[:32]}"'


def _names(condition: str, tag: str, *, weak: bool = False) -> bool:
    """Whether a condition names a tag. Only a weak comparison passes over the mark of a weak tag."""
    named = (quoted for mark, quoted in _TAG.findall(condition) if weak or not mark)
    return condition.strip() == "*" or tag in named
