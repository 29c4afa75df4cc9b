"""Writes the JSON Schema of every public shape to `schemas/json/`: `python -m schemas.export`."""

import json
from pathlib import Path

from pydantic import BaseModel

from schemas.article import Article, ArticleSubmission
from schemas.check import Check, Event
from schemas.claim import Claim
from schemas.drafts import ExtractionDraft, JudgementDraft
from schemas.evidence import Evidence, Passage
from schemas.problem import Problem
from schemas.report import Report
from schemas.standing import ClaimHistory, StandingClaim
from schemas.usage import Usage
from schemas.webhook import Delivery, Message, Webhook

FOLDER = Path(__file__).parent / "json"

PUBLIC: tuple[type[BaseModel], ...] = (
    Article,
    ArticleSubmission,
    Check,
    Claim,
    ClaimHistory,
    Delivery,
    Event,
    Evidence,
    ExtractionDraft,
    JudgementDraft,
    Message,
    Passage,
    Problem,
    Report,
    StandingClaim,
    Usage,
    Webhook,
)


def documents() -> dict[str, str]:
    """File name -> JSON Schema (draft 2020-12) as text, as it should stand in the folder."""
    return {
        f"{shape.__name__}.json": json.dumps(_schema(shape), indent=2, ensure_ascii=False) + "\n" for shape in PUBLIC
    }


def _schema(shape: type[BaseModel]) -> dict[str, object]:
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **shape.model_json_schema(mode="serialization")}


def main() -> None:
    """Writes all, and removes what is no longer public."""
    FOLDER.mkdir(exist_ok=True)
    wanted = documents()
    for path in FOLDER.glob("*.json"):
        if path.name not in wanted:
            path.unlink()
    for name, text in wanted.items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
