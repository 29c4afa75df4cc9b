"""Articles in files: plain text or HTML, with a `manifest.yaml` beside them for what the text does not tell.

The manifest is a list of the fields of `ArticleSubmission`, without the text, each with the name of its `file`.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from schemas.article import ArticleSubmission
from service.errors import InputError
from service.pipeline.ingest import article_text_decoded

_MEDIA_TYPES = {".txt": "text/plain", ".html": "text/html", ".htm": "text/html"}
MANIFEST = "manifest.yaml"


def article_files(paths: Iterable[Path]) -> Iterator[Path]:
    """The files named, and those below the folders named that can be articles, in order of their names."""
    for path in paths:
        if path.is_dir():
            yield from sorted(file for file in path.rglob("*") if file.suffix.lower() in _MEDIA_TYPES)
        else:
            yield path


def submission(file: Path) -> ArticleSubmission:
    """A file as it would be handed in.

    Raises:
        InputError: the file or its manifest cannot be read, or is not what it should be.
    """
    try:
        text = article_text_decoded(file.read_bytes())
    except OSError as error:
        raise InputError(f"{file} cannot be read: {error.strerror}.") from None
    media_type = _MEDIA_TYPES.get(file.suffix.lower(), "text/plain")
    told = _manifest(file.parent / MANIFEST).get(file.name, {})
    try:
        return ArticleSubmission.model_validate({"media_type": media_type, **told, "text": text})
    except ValidationError as error:
        fault = error.errors()[0]
        raise InputError(f"{MANIFEST} on {file.name}: {'.'.join(map(str, fault['loc']))}: {fault['msg']}.") from None


def _manifest(path: Path) -> dict[str, dict[str, Any]]:
    """File name -> what the manifest tells of it; nothing where there is no manifest."""
    if not path.is_file():
        return {}
    try:
        entries = yaml.safe_load(path.read_text(encoding="utf-8")) or []
        return {entry["file"]: {key: value for key, value in entry.items() if key != "file"} for entry in entries}
    except (yaml.YAMLError, UnicodeDecodeError, TypeError, KeyError, AttributeError):
        raise InputError(f"{path} is not a list of entries that each name a file.") from None
