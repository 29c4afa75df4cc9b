"""How often somebody may ask, and whether there is room for what is asked."""

import pytest

from schemas.key import Scope
from service.api.gate import has_room
from service.api.rates import Rate, rate
from service.errors import WrongSetting
from tests.api.gated import gated
from tests.api.served import TOWN, article_of, served


async def _many() -> int:
    return 3


def test_too_many_requests_are_told_when_to_come_back() -> None:
    """Each answer tells what is left; the first too many is 429 with Retry-After."""
    with gated(requests=Rate("2/10 years")) as client:
        first, second, third = (client.get("/read") for _ in range(3))
        assert [answer.headers["ratelimit-remaining"] for answer in (first, second, third)] == ["1", "0", "0"]
        assert [answer.status_code for answer in (first, second, third)] == [200, 200, 429]
        assert third.json()["code"] == "too_many_requests"
        assert third.headers["retry-after"] == third.headers["ratelimit-reset"]
        assert third.headers["ratelimit-limit"] == "2"
        assert 1 <= int(third.headers["retry-after"]) <= 10 * 366 * 86400


@pytest.mark.parametrize(("path", "status"), [("/page", 200), ("/read", 200), ("/write", 405), ("/start", 503)])
def test_every_counted_answer_tells_what_is_left(path: str, status: int) -> None:
    """One that the handler makes itself, and a refusal behind the gate; what was not counted tells nothing."""
    with gated(requests=Rate("5/10 years"), queue=0) as client:
        answer = client.post(path) if path == "/start" else client.get(path)
        assert answer.status_code == status
        told = [name for name in answer.headers if name.startswith("ratelimit-")]
        assert sorted(told) == ([] if status == 405 else ["ratelimit-limit", "ratelimit-remaining", "ratelimit-reset"])


def test_the_application_tells_what_is_left_with_every_answer() -> None:
    """Articles, reports and what is not modified are answers of the handlers' own making."""
    with served(rate="100/hour") as client:
        made = client.post("/v1/articles", json={"text": TOWN})
        path = article_of(made)
        article = client.get(path)
        unchanged = client.get(path, headers={"if-none-match": article.headers["etag"]})
        answers = [made, article, unchanged, client.get(f"{path}/report"), client.get("/v1/articles/none")]
        assert [answer.status_code for answer in answers] == [201, 200, 304, 200, 404]
        assert [answer.headers["ratelimit-remaining"] for answer in answers] == ["99", "98", "97", "96", "95"]


def test_each_key_has_its_own_rate() -> None:
    """What one has spent another may still spend."""
    with gated(requests=Rate("1/10 years")) as client:
        one, other = ({"X-API-Key": client.key(Scope.READ, name)} for name in ("one", "other"))
        assert [client.get("/read", headers=key).status_code for key in (one, one, other)] == [200, 429, 200]


def test_starting_checks_has_a_rate_beside() -> None:
    """Who may start no more may still read."""
    with gated(requests=Rate("100/10 years"), checks=Rate("1/10 years")) as client:
        started = [client.post("/start") for _ in range(2)]
        assert [answer.status_code for answer in started] == [200, 429]
        assert started[0].headers["ratelimit-limit"] == "1"
        assert client.get("/read").headers["ratelimit-remaining"] == "97"


def test_a_full_queue_takes_no_more() -> None:
    """It is 503 with Retry-After, what needs no check is served, and the refused one does not count."""
    with gated(checks=Rate("1/10 years"), queue=3, queued=_many) as client:
        for _ in range(2):
            answer = client.post("/start")
            assert (answer.status_code, answer.json()["code"]) == (503, "overloaded")
            assert int(answer.headers["retry-after"]) > 0
        assert client.post("/write").status_code == 200
    with gated(queue=4, queued=_many) as client:
        assert client.post("/start").status_code == 200


@pytest.mark.parametrize(("queued", "most", "room"), [(0, 1, True), (1, 1, False), (999, 1000, True), (9, 5, False)])
def test_a_queue_has_room_below_its_most(queued: int, most: int, room: bool) -> None:
    """One more must fit."""
    assert has_room(queued, most) is room


def test_off_is_no_rate() -> None:
    """Then requests are not counted, and no header speaks of it."""
    assert rate("off", "rate") is None
    with gated() as client:
        assert not [name for name in client.get("/read").headers if name.startswith("ratelimit")]


@pytest.mark.parametrize("text", ["120/minute", "120 per minute", "10/5 seconds", "1/day"])
def test_rates_are_written_in_words(text: str) -> None:
    """So many in so much time."""
    assert rate(text, "rate")


@pytest.mark.parametrize("text", ["", "many", "0/minute", "-1/minute", "5", "5/fortnight", "1.5/second"])
def test_what_is_no_rate_is_a_wrong_setting(text: str) -> None:
    """The error names the variable and shows how one is written."""
    with pytest.raises(WrongSetting, match=r"SECONDSOURCE_CHECK_RATE.*120/minute") as caught:
        rate(text, "check_rate")
    assert caught.value.setting == "check_rate"
