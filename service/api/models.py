"""The model: `GET /v1/models`. Nothing secret is in the answer, not even the server's address."""

from fastapi import APIRouter

from schemas.record import Record
from schemas.report import PromptVersion
from service.api.parts import OpenDesk
from service.api.problems import responses
from service.pipeline.run import PROMPTS

router = APIRouter(tags=["service"])


class ModelForm(Record):
    """One way to name a model in SECONDSOURCE_MODEL."""

    form: str
    meaning: str


class Models(Record):
    """What answers prompts, how it could be chosen otherwise, and what it is asked with."""

    model: str
    configured: bool
    forms: tuple[ModelForm, ...]
    prompts: tuple[PromptVersion, ...]
    code_version: str
    warnings: tuple[str, ...] = ()


FORMS = tuple(
    ModelForm(form=form, meaning=meaning)
    for form, meaning in {
        "openai/NAME": "OpenAI, or any server that speaks its protocol at SECONDSOURCE_BASE_URL",
        "litellm/PROVIDER/NAME": "any provider that LiteLLM knows",
        "embedded/smollm2": "a small model inside this process, weak, without network; needs the extra 'embedded'",
        "replay/PATH": "recorded conversations, and nothing else",
        "none": "no model: passages are found, no stance is assessed",
    }.items()
)


@router.get(
    "/models",
    operation_id="get_models",
    summary="The configured model",
    response_description="The model, the forms in which models are named, and the prompts.",
    responses={
        200: {
            "content": {
                "application/json": {
                    "example": Models(
                        model="openai/gpt-5-mini",
                        configured=True,
                        forms=FORMS,
                        prompts=(PromptVersion(name="extract_claims", version=1, sha256="0" * 64),),
                        code_version="0.2.0",
                    ).model_dump(mode="json")
                }
            }
        },
        **responses("internal"),
    },
)
async def get_models(desk: OpenDesk) -> Models:
    """What is configured; asks the model nothing."""
    return Models(
        model=desk.backend.name,
        configured=desk.backend.name != "none",
        forms=FORMS,
        prompts=PROMPTS,
        code_version=desk.code_version,
        warnings=desk.warnings,
    )
