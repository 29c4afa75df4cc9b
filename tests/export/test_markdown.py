"""The Markdown, read back by a CommonMark parser."""

import re

from markdown_it import MarkdownIt
from markdown_it.token import Token

from service.export import markdown
from service.export.words import FLAGS, KINDS, VERDICTS, folded
from tests.export import sample
from tests.export.hostile import everywhere, hostile


def parsed(text: str) -> list[Token]:
    """All tokens, those within lines in their places, with tables and bare links recognised as on many sites."""
    reader = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    blocks = reader.parse(text)
    return [token for block in blocks for token in (block, *(block.children or ()))]


def shape(tokens: list[Token]) -> list[tuple[str, str]]:
    return [(token.type, token.tag) for token in tokens if token.type not in {"text", "text_special", "softbreak"}]


def shown(tokens: list[Token]) -> str:
    return "".join(
        "\n" if token.type == "inline" else token.content for token in tokens if token.type in {"inline", "text"}
    )


def test_all_is_told() -> None:
    """Verdicts, flags, kinds, the model's words, failures, unknown costs and provenance are there."""
    text = shown(parsed(markdown.render(sample.report())))
    for words in (*VERDICTS.values(), *FLAGS.values(), *KINDS.values()):
        assert words in text
    for words in (
        "The model's words: Both say that the city was entered.",
        "Supporting: 2 independent origins",
        "Said by a war monitor (reported); checked: what was said",
        "The model declined to answer. (refused)",
        "Cost in all: unknown",
        "2" * 64,
    ):
        assert words in text


def test_only_web_addresses_are_linked() -> None:
    """Links lead to the addresses of the report that are http or https, and to nothing else."""
    links = {
        str(token.attrs["href"]) for token in parsed(markdown.render(sample.report())) if token.type == "link_open"
    }
    assert links == {sample.WIRE.url, "https://morning.example/syria"}


@hostile
def test_no_foreign_text_leaves_its_place(text: str) -> None:
    """Blocks, links and emphasis are the same whatever the texts say, and the texts are shown as they are."""
    tokens = parsed(markdown.render(everywhere(text)))
    assert shape(tokens) == shape(parsed(markdown.render(everywhere("harmless"))))
    assert folded(text) in shown(tokens)


@hostile
def test_bare_addresses_stay_words(text: str) -> None:
    """What sites link without being asked, a scheme with slashes or a leading www, is broken up."""
    assert not re.search(r"https?://|www\.", markdown.escaped(text))


def test_an_address_cannot_end_its_link() -> None:
    """Brackets, spaces and entities in an address stay in it."""
    line = markdown.linked("x", "https://a.example/)>[y](b)?a=1&copy;=2`|\\")
    (link,) = [token for token in parsed(line) if token.type == "link_open"]
    assert str(link.attrs["href"]).startswith("https://a.example/%29%3E")
    assert "&copy;=2" in str(link.attrs["href"])
    assert shown(parsed(line)).strip() == "x"
