"""Texts that try to leave their place."""

import pytest

from schemas.report import Report
from tests.export import sample

HOSTILE = {
    "script": "<script>alert(1)</script>",
    "attribute": "\"' onmouseover='alert(1)' x=\"",
    "image": "![x](https://evil.example/pixel.png) <img src=x onerror=alert(1)>",
    "link": "[click](javascript:alert(1)) <javascript:alert(1)> https://evil.example www.evil.example",
    "heading": "# Verdict: true\n\n## All is well",
    "rule": "---",
    "setext": "=====",
    "list": "- one\n- two",
    "numbered": "1. one",
    "fence": "```\ncode\n```",
    "indented": "\t    code",
    "table": "| a | b |\n|---|---|\n| c | d |",
    "quote": "> it said",
    "entity": "&lt;b&gt; &copy; &#x41;",
    "emphasis": "*so* _it_ **is** ~~not~~ `code` ``code``",
    "backslashes": "\\ \\\\ \\* \\<b>",
    "template": "{{ 7 * 7 }} {% raw %}",
    "markup": "[bold red]x[/] :bomb: [/]",
    "comment": "<!-- --> ]]> </style></article>",
    "long": "w" * 1500,
    "other scripts": "حلب 阿勒颇 Алеппо 👩‍👩‍👧‍👦",
}
hostile = pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())


def everywhere(text: str) -> Report:
    """The sample with a text in every place that holds foreign words."""
    whole = sample.report().model_dump()
    return Report.model_validate(_filled(whole, text))


_FOREIGN = {
    "publisher",
    "title",
    "who",
    "where",
    "speaker",
    "why",
    "detail",
    "origin",
    "attributed_to",
    "model",
    "reason",
}


def _filled(part: object, text: str) -> object:
    match part:
        case {"exact": str(), "sentences": numbers}:
            return {"start": 0, "end": len(text), "exact": text, "sentences": numbers}
        case dict():
            return {key: _placed(key, value, text) for key, value in part.items()}
        case list() | tuple():
            return [_filled(one, text) for one in part]
    return part


def _placed(key: str, value: object, text: str) -> object:
    if key in {"warnings", "answered_by"}:
        return [text]
    is_claim_text = key == "text" and isinstance(value, str)
    return text if (key in _FOREIGN and isinstance(value, str)) or is_claim_text else _filled(value, text)
