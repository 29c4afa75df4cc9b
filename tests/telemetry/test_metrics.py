"""What the figures say, and how they are named."""

import re
import urllib.request
from decimal import Decimal

import pytest
from prometheus_client.parser import text_string_to_metric_families

from schemas.check import CheckState
from schemas.report import Verdict
from schemas.usage import Stage
from schemas.webhook import DeliveryState
from service.errors import WrongSetting
from service.telemetry.metrics import Metrics


def figures(metrics: Metrics) -> dict[str, float]:
    """Every sample as Prometheus would read it, by name and labels: `name{a=b,c=d}`."""
    samples = [
        sample for family in text_string_to_metric_families(metrics.text().decode()) for sample in family.samples
    ]
    return {
        sample.name
        + "{"
        + ",".join(f"{key}={value}" for key, value in sorted(sample.labels.items()))
        + "}": sample.value
        for sample in samples
    }


def test_a_check_is_counted_from_its_start_to_its_end() -> None:
    """Starts, ends by state, claims by verdict, and how long it took where that is known."""
    metrics = Metrics()
    metrics.check_started()
    metrics.check_ended(CheckState.DONE, 3.0, [Verdict.SUPPORTED, Verdict.SUPPORTED, Verdict.DISPUTED])
    metrics.check_ended(CheckState.CANCELLED)
    told = figures(metrics)
    assert told["secondsource_checks_started_total{}"] == 1
    assert told["secondsource_checks_ended_total{state=done}"] == 1
    assert told["secondsource_checks_ended_total{state=cancelled}"] == 1
    assert told["secondsource_claims_total{verdict=supported}"] == 2
    assert told["secondsource_check_duration_seconds_count{}"] == 1
    assert told["secondsource_check_duration_seconds_sum{}"] == 3


def test_unknown_cost_is_counted_apart_and_is_not_nothing() -> None:
    """A call without a price adds no dollars and is told as unpriced."""
    metrics = Metrics()
    metrics.model_call(Stage.JUDGE, "answered", 0.5, Decimal("0.25"))
    metrics.model_call(Stage.JUDGE, "timed_out", 9, None)
    metrics.model_tokens(Stage.JUDGE, 100, None)
    told = figures(metrics)
    assert told["secondsource_model_cost_dollars_total{stage=judge}"] == 0.25
    assert told["secondsource_model_calls_unpriced_total{stage=judge}"] == 1
    assert told["secondsource_model_calls_total{outcome=timed_out,stage=judge}"] == 1
    assert told["secondsource_model_call_duration_seconds_sum{stage=judge}"] == 9.5
    assert told["secondsource_model_tokens_total{kind=prompt,stage=judge}"] == 100
    assert told["secondsource_model_tokens_total{kind=completion,stage=judge}"] == 0


def test_what_is_served_and_sent_is_counted() -> None:
    """Requests by method, route and status; deliveries by outcome; replies that were kept."""
    metrics = Metrics()
    metrics.request_answered("GET", "/v1/articles/{article_id}", "200", 0.01)
    metrics.request_answered("BREW" * 99, "none", "405", 0.01)
    metrics.delivery(DeliveryState.DELIVERED)
    metrics.reply_reused()
    told = figures(metrics)
    assert told["secondsource_http_requests_total{method=GET,route=/v1/articles/{article_id},status=200}"] == 1
    assert told["secondsource_http_requests_total{method=other,route=none,status=405}"] == 1
    assert told["secondsource_webhook_attempts_total{state=delivered}"] == 1
    assert told["secondsource_replies_reused_total{}"] == 1


def test_an_unknown_queue_is_no_empty_queue() -> None:
    """Until the store told of it, and where it cannot, the gauges are not a number."""
    metrics = Metrics()
    assert figures(metrics)["secondsource_checks_queued{}"] != 0
    metrics.queue(3, 0)
    assert figures(metrics)["secondsource_checks_queued{}"] == 3
    assert figures(metrics)["secondsource_checks_running{}"] == 0
    metrics.queue(None, None)
    assert figures(metrics)["secondsource_checks_running{}"] != 0


def test_names_follow_the_conventions() -> None:
    """Ours begin with the product; what counts ends in _total; time is in seconds; what may come is there from zero."""
    families = list(text_string_to_metric_families(Metrics("1.2").text().decode()))
    ours = {family.name: family.type for family in families if family.name.startswith("secondsource_")}
    assert len(ours) > 15
    assert all(re.fullmatch(r"[a-z_]+", name) for name in ours)
    assert all(name.endswith("_seconds") for name, kind in ours.items() if kind == "histogram")
    assert {f"secondsource_checks_ended_total{{state={state}}}" for state in CheckState if state.ended} <= set(
        figures(Metrics())
    )
    assert figures(Metrics("1.2"))["secondsource_build_info{version=1.2}"] == 1


def test_applications_do_not_share_figures() -> None:
    """Each has a registry of its own."""
    one, other = Metrics(), Metrics()
    one.check_started()
    assert figures(other)["secondsource_checks_started_total{}"] == 0


@pytest.mark.block_network(allowed_hosts=["127.0.0.1", "localhost"])
def test_a_worker_tells_its_figures_on_a_port_of_its_own(free_port: int) -> None:
    """They are answered over HTTP as long as the block runs."""
    metrics = Metrics()
    metrics.check_started()
    with (
        metrics.told_at("127.0.0.1", free_port),
        urllib.request.urlopen(f"http://127.0.0.1:{free_port}/metrics", timeout=10) as answer,
    ):
        assert b"secondsource_checks_started_total 1.0" in answer.read()


@pytest.mark.block_network(allowed_hosts=["127.0.0.1", "localhost"])
def test_a_port_that_is_taken_is_a_wrong_setting(free_port: int) -> None:
    """The error names the setting, and the port is not left half open."""
    with (
        Metrics().told_at("127.0.0.1", free_port),
        pytest.raises(WrongSetting, match=rf"SECONDSOURCE_METRICS_PORT: 127\.0\.0\.1 port {free_port} ") as caught,
        Metrics().told_at("127.0.0.1", free_port),
    ):
        raise AssertionError("two listen on one port")
    assert caught.value.setting == "metrics_port"
