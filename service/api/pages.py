"""Lists by pages: how many one has, where it goes on, and the link to the next."""

from typing import Annotated, Any

from fastapi import Query, Request, Response

Limit = Annotated[int, Query(description="The most that one page has.", ge=1, le=200)]
After = Annotated[str | None, Query(description="`next` of the page before.", pattern="^[A-Za-z0-9_=-]{1,200}$")]

LINK: dict[str, Any] = {"Link": {"description": "rel=next: the next page.", "schema": {"type": "string"}}}


def link_next(request: Request, response: Response, after: str | None) -> None:
    """Names the next page, where there is one, in a Link header (RFC 8288), with whatever else was asked."""
    if after is not None:
        query = request.url.include_query_params(after=after).query
        response.headers["Link"] = f'<{request.url.path}?{query}>; rel="next"'
