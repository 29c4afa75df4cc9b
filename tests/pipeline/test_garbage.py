"""Replies that cannot be used: none becomes a verdict, each has its reason."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from schemas.article import Article, ArticleSubmission
from schemas.report import Report, Verdict
from schemas.usage import Stage
from service.corpus.memory import MemoryCorpus
from service.errors import ModelError
from service.llm.protocol import Finish, Reply, Request
from service.llm.scripted import Scripted
from service.pipeline.desk import Desk, Limits
from service.pipeline.ingest import ingest
from service.pipeline.run import check

CHECKED = "Rebels took the town of Kafr on Monday. Nine people were killed in the fighting there."
OTHER = "The town of Kafr fell to rebels on Monday. Twelve people were killed in the fighting in Kafr."

EVIDENCE = {"lines": [1], "why": "same event", "stance": "supports", "confidence": "high"}
CLAIM = {
    "lines": [1],
    "words": "",
    "claim": "Rebels took the town of Kafr on Monday.",
    "who": "rebels",
    "where": "Kafr",
    "speaker": "",
    "worth": 3,
}


def judgement(*items: object) -> str:
    return judgements(list(items))


def judgements(*evidence: object) -> str:
    """What bears on each claim that was asked about, in their order."""
    return json.dumps({"claims": [{"claim": number, "evidence": one} for number, one in enumerate(evidence, start=1)]})


def extraction(*items: object) -> str:
    return json.dumps({"claims": list(items)})


def reply(text: str, finish: Finish = Finish.STOP) -> Reply:
    return Reply(text=text, model="scripted", finish=finish)


GOOD = judgement(EVIDENCE)

# What is wrong with it -> the reply, and the code of the failure that it must end in.
GARBAGE: dict[str, tuple[str | Reply, str]] = {
    "empty": ("", "empty_reply"),
    "white space": (" \n\t ", "empty_reply"),
    "an empty fence": ("```json\n\n```", "empty_reply"),
    "a refusal, said so by the server": (reply("", Finish.REFUSED), "refused"),
    "a refusal with a good reply beside it": (reply(GOOD, Finish.REFUSED), "refused"),
    "a refusal in prose": ("I'm sorry, but I can't help with that request.", "unreadable"),
    "cut off by the limit": (reply(GOOD[:30], Finish.LENGTH), "cut_off"),
    "cut off by the limit, and whole by chance": (reply(GOOD, Finish.LENGTH), "cut_off"),
    "truncated without saying so": (GOOD[:30], "unreadable"),
    "one bracket short": (GOOD[:-1], "unreadable"),
    "prose before": (f"Sure! Here it is: {GOOD}", "unreadable"),
    "prose after": (f"{GOOD}\nI hope this helps.", "unreadable"),
    "prose and a fence around": (f"Here:\n```json\n{GOOD}\n```\nDone.", "unreadable"),
    "two objects": (f"{GOOD}\n{GOOD}", "unreadable"),
    "two fences": (f"```json\n{GOOD}\n```\n```json\n{GOOD}\n```", "unreadable"),
    "reasoning before": (f"<think>It supports it.</think>{GOOD}", "unreadable"),
    "a verdict in a word": ("SUPPORTED", "unreadable"),
    "a verdict in JSON": ('{"verdict":"supported"}', "invalid"),
    "a verdict beside the evidence": ('{"claims":[{"claim":1,"evidence":[],"verdict":"supported"}]}', "invalid"),
    "a boolean": ("true", "invalid"),
    "null": ("null", "invalid"),
    "a number": ("1", "invalid"),
    "a string": ('"supports"', "invalid"),
    "a list": ("[]", "invalid"),
    "an empty object": ("{}", "invalid"),
    "evidence is null": ('{"claims":[{"claim":1,"evidence":null}]}', "invalid"),
    "evidence is an object": (judgements(EVIDENCE), "invalid"),
    "evidence is a string of JSON": (judgements(json.dumps([EVIDENCE])), "invalid"),
    "the reply as JSON in a JSON string": (json.dumps(GOOD), "invalid"),
    "the reply one level down": (json.dumps({"reply": json.loads(GOOD)}), "invalid"),
    "the schema given back": ('{"type":"object","properties":{"claims":{"type":"array"}}}', "invalid"),
    "single quotes": ("{'claims': []}", "unreadable"),
    "Python's words": ('{"claims": None}', "unreadable"),
    "a call to be evaluated": ("__import__('os').system('true') or {}", "unreadable"),
    "a trailing comma": ('{"claims":[],}', "unreadable"),
    "a comment": ('{"claims":[] /* none */}', "unreadable"),
    "YAML": ("evidence:\n  - lines: [1]\n    stance: supports", "unreadable"),
    "XML": ("<evidence><line>1</line></evidence>", "unreadable"),
    "the key given twice": (f'{{"claims":[],{GOOD[1:]}', "unreadable"),
    "NaN": (GOOD.replace("[1]", "[NaN]"), "unreadable"),
    "bottomless nesting": ("[" * 100_000, "unreadable"),
    "megabytes": ('{"claims":[' + " " * 3_000_000 + "]}", "unreadable"),
    "megabytes of reasons": (judgement(EVIDENCE | {"why": "so " * 30_000}), "invalid"),
    "a thousand pieces of evidence": (judgement(*[EVIDENCE] * 1000), "invalid"),
    "no answer to the claim": ('{"claims":[]}', "invalid"),
    "the claim answered twice": (json.dumps({"claims": json.loads(GOOD)["claims"] * 2}), "invalid"),
    "an answer to a claim that was not asked": (GOOD.replace('"claim": 1', '"claim": 2'), "invalid"),
    "an answer to one claim more": (judgements([EVIDENCE], []), "invalid"),
    "the answer of an older prompt": (json.dumps({"evidence": [EVIDENCE]}), "invalid"),
    "line 0": (judgement(EVIDENCE | {"lines": [0]}), "invalid"),
    "a negative line": (judgement(EVIDENCE | {"lines": [-1]}), "invalid"),
    "a line that does not exist": (judgement(EVIDENCE | {"lines": [99]}), "invalid"),
    "one line right, one not": (judgement(EVIDENCE | {"lines": [2, 3]}), "invalid"),
    "a huge line number": (judgement(EVIDENCE | {"lines": [10**30]}), "invalid"),
    "no lines": (judgement(EVIDENCE | {"lines": []}), "invalid"),
    "a line twice in one item": (judgement(EVIDENCE | {"lines": [1, 1]}), "invalid"),
    "a line in two items": (judgement(EVIDENCE, EVIDENCE), "invalid"),
    "a line on both sides": (judgement(EVIDENCE, EVIDENCE | {"stance": "conflicts_number"}), "invalid"),
    "lines backwards": (judgement(EVIDENCE | {"lines": [2, 1]}), "invalid"),
    "a line as a string": (judgement(EVIDENCE | {"lines": ["1"]}), "invalid"),
    "a line with its prefix": (judgement(EVIDENCE | {"lines": ["S1"]}), "invalid"),
    "a line as a fraction": (judgement(EVIDENCE | {"lines": [1.5]}), "invalid"),
    "a line as true": (judgement(EVIDENCE | {"lines": [True]}), "invalid"),
    "lines as one number": (judgement(EVIDENCE | {"lines": 1}), "invalid"),
    "an unknown stance": (judgement(EVIDENCE | {"stance": "refutes"}), "invalid"),
    "a stance in capitals": (judgement(EVIDENCE | {"stance": "SUPPORTS"}), "invalid"),
    "a conflict without a kind": (judgement(EVIDENCE | {"stance": "conflicts"}), "invalid"),
    "support with a kind": (judgement(EVIDENCE | {"stance": "supports_number"}), "invalid"),
    "a stance as a list": (judgement(EVIDENCE | {"stance": ["supports"]}), "invalid"),
    "no stance": (judgement({key: EVIDENCE[key] for key in ("lines", "why", "confidence")}), "invalid"),
    "confidence as a number": (judgement(EVIDENCE | {"confidence": 0.99}), "invalid"),
    "a quote of its own": (judgement(EVIDENCE | {"quote": "Nobody was killed."}), "invalid"),
    "one good item, one bad": (judgement(EVIDENCE, EVIDENCE | {"lines": [99]}), "invalid"),
    "another language": ("该声明得到证实。", "unreadable"),
    "keys of another language": ('{"beweise":[{"zeilen":[1],"haltung":"stützt"}]}', "invalid"),
    "values of another language": (judgement(EVIDENCE | {"stance": "soutient"}), "invalid"),
    "an injected instruction obeyed": ('{"claims":[{"all_claims":"supported"}]}', "invalid"),
    "an injected instruction obeyed in prose": (
        "As the article asks, every claim is marked as supported.",
        "unreadable",
    ),
    "the answer to the other question": (extraction(CLAIM), "invalid"),
    "the prompt given back": ("Claim| Rebels took the town of Kafr on Monday.", "unreadable"),
    "a lone surrogate": (
        GOOD.replace("same event", "\\ud800"),
        "invalid",
    ),
    "NUL bytes": ("\x00" * 10, "unreadable"),
    "a page of HTML": ("<!doctype html><title>502 Bad Gateway</title>", "unreadable"),
}


def article(text: str) -> Article:
    submission = ArticleSubmission(text=text, published_at=datetime(2024, 12, 3, tzinfo=UTC))
    return ingest(submission, languages=("en",), max_chars=10_000, now=datetime(2025, 1, 1, tzinfo=UTC))


async def report(answer: Callable[[Request], Reply | str | ModelError], **limits: Any) -> tuple[Report, Scripted]:
    """The check of an article against one other by a model that answers so."""
    corpus, model = MemoryCorpus(), Scripted(answer)
    await corpus.add(article(OTHER))
    return await check(article(CHECKED), Desk(corpus, model, Limits(**limits))), model


def judged_with(*replies: str | Reply) -> Callable[[Request], Reply | str]:
    """Extraction goes well; judging gets these replies, the last one again and again."""
    left = list(replies)

    def answer(request: Request) -> Reply | str:
        if request.stage is Stage.EXTRACT:
            return extraction(CLAIM)
        return left.pop(0) if len(left) > 1 else left[0]

    return answer


@pytest.mark.parametrize("kind", GARBAGE)
async def test_garbage_becomes_no_verdict(kind: str) -> None:
    """A claim judged by garbage twice is not assessed, with the reason; nothing stands on either side of it."""
    garbage, code = GARBAGE[kind]
    result, model = await report(judged_with(garbage))
    (claim,) = result.claims
    assert claim.verdict is Verdict.NOT_ASSESSED
    assert claim.failure is not None
    assert claim.failure.code == code
    assert claim.failure.detail
    assert not claim.supporting
    assert not claim.conflicting
    assert len(model.requests) == 3  # one extraction, one judgement, one repair turn


@pytest.mark.parametrize("kind", GARBAGE)
async def test_garbage_is_asked_for_once_more(kind: str) -> None:
    """One repair turn carries the reason; a good reply to it is taken, and nothing of the bad one is left."""
    garbage, _ = GARBAGE[kind]
    result, model = await report(judged_with(garbage, GOOD))
    (claim,) = result.claims
    assert claim.verdict is Verdict.SUPPORTED
    repair = model.requests[-1].messages[-1].content
    assert repair.startswith("That reply cannot be used: ")
    assert len(model.requests) == 3


@pytest.mark.parametrize(
    "kind", sorted(GARBAGE.keys() - {"the answer to the other question", "no answer to the claim"})
)  # those two are good answers here
async def test_a_window_read_by_garbage_is_unread(kind: str) -> None:
    """Garbage for one window of the article makes no claim: the window is listed as unread with its reason."""
    garbage, code = GARBAGE[kind]

    def answer(request: Request) -> Reply | str:
        if request.stage is Stage.JUDGE:
            return judgement()
        return garbage if "List the claims of S2 only" in request.messages[1].content else extraction(CLAIM)

    result, _ = await report(answer, window=1)
    assert [claim.claim.text for claim in result.claims] == [CLAIM["claim"]]
    (unread,) = result.unread
    assert unread.quote.exact == "Nine people were killed in the fighting there."
    assert unread.failure.code in {code, "invalid"}  # what is wrong JSON for one question may be another's


async def test_an_article_of_which_nothing_can_be_read_is_an_error() -> None:
    """Where no window could be read there is no report of 0 claims, but the failure itself."""
    with pytest.raises(ModelError, match="not one JSON value"):
        await report(lambda _: "I found no claims.")


BAD_CLAIMS: dict[str, dict[str, Any]] = {
    "a line outside the window": {"lines": [3]},
    "lines that do not follow each other": {"lines": [1, 3]},
    "no claim": {"claim": ""},
    "a claim without a letter": {"claim": " . "},
    "a claim as long as a page": {"claim": "x" * 10_000},
    "worth out of range": {"worth": 4},
    "worth as a word": {"worth": "high"},
    "a verdict of its own": {"verdict": "true"},
}


@pytest.mark.parametrize("kind", BAD_CLAIMS)
async def test_a_bad_claim_is_refused(kind: str) -> None:
    """A claim that cites what was not asked about, or is no claim, is not taken."""
    with pytest.raises(ModelError) as caught:
        await report(lambda _: extraction(CLAIM | BAD_CLAIMS[kind]))
    assert caught.value.code == "invalid"


@pytest.mark.parametrize(
    "wording",
    [
        "Buy shares of Acme Holdings today.",
        "La ville est tombée aux mains des insurgés.",
        "900 people were killed in Kafr.",
    ],
)
async def test_a_wording_that_the_article_does_not_hold_is_replaced_by_the_quote(wording: str) -> None:
    """Words and figures that are not the article's never become the claim: its own words stand."""
    result, _ = await report(
        lambda _: extraction(CLAIM | {"claim": wording}) if _.stage is Stage.EXTRACT else judgement()
    )
    (claim,) = result.claims
    assert claim.claim.text == claim.claim.quote.exact == "Rebels took the town of Kafr on Monday."
