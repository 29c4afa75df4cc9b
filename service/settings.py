"""What can be set: environment variables SECONDSOURCE_*, read by bootstrap and the entrances only."""

import os
from decimal import Decimal
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, IPvAnyNetwork, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

from service.errors import WrongSetting

_PREFIX = "SECONDSOURCE_"


class Settings(BaseSettings):
    """Every setting with its default. A variable is the field's name in capitals behind SECONDSOURCE_."""

    model_config = SettingsConfigDict(env_prefix=_PREFIX, frozen=True, extra="forbid", env_ignore_empty=True)

    model: str = Field(
        default="none", description="openai/NAME, litellm/PROVIDER/NAME, embedded/smollm2, replay/PATH or none."
    )
    base_url: str | None = Field(default=None, description="Where an OpenAI-compatible server answers, with /v1.")
    api_key: SecretStr | None = Field(
        default=None, description="The provider's key; without it, the provider's own variable."
    )
    request_seconds: float = Field(default=120, gt=0, description="The longest wait for one reply.")
    seconds: float = Field(default=600, gt=0, description="The longest time that one check may take.")
    attempts: int = Field(default=6, ge=1, description="How often a call is tried where trying again may help.")
    concurrency: int | None = Field(default=None, ge=1, description="The most calls at once, over all checks.")
    reply_tokens: int = Field(default=4096, ge=64, description="The longest reply, in tokens.")
    max_calls: int | None = Field(default=None, ge=1, description="The most calls of one check.")
    max_tokens: int | None = Field(default=None, ge=1, description="The most tokens of one check, prompts and replies.")
    max_dollars: Decimal | None = Field(
        default=None, gt=0, description="The most money of one check; needs a known price."
    )
    replies: Path | None = Field(
        default=None, description="A folder that keeps the model's replies: a question asked before costs nothing."
    )
    window: int = Field(
        default=4, ge=1, le=1000, description="Sentences per extraction call: fewer are faster, more cheaper."
    )
    windows: int = Field(default=8, ge=1, le=100, description="The most extraction calls of one article.")
    passages: int = Field(default=8, ge=1, le=50, description="The most passages that are searched for a claim.")
    claims: int = Field(default=8, ge=1, le=40, description="The most claims that one judging call is asked about.")
    embeddings: bool = Field(default=False, description="Search by meaning too; needs the extra 'embeddings'.")
    languages: tuple[str, ...] = Field(
        default=("en",), min_length=1, description="ISO 639-1 codes of the languages taken."
    )
    max_characters: int = Field(default=200_000, ge=1, description="The longest text taken.")
    database_url: str = Field(
        default="sqlite:///secondsource.sqlite",
        description="sqlite:///FILE, postgresql://USER:PASSWORD@HOST/NAME, or sqlite:// for one that is not kept.",
    )
    worker_checks: int = Field(default=4, ge=1, le=100, description="The most checks that one worker runs at once.")
    queue: int = Field(default=1000, ge=1, description="The most checks that wait; beyond that, none is taken.")
    rate: str = Field(
        default="600/minute", description='The most requests with one key, like "120/minute"; off: any number.'
    )
    check_rate: str = Field(default="60/minute", description="The most checks that one key may start; off: any number.")
    origins: tuple[str, ...] = Field(default=(), description="Sites whose pages may ask from a browser, as JSON.")
    standing: int = Field(
        default=48, ge=0, le=1000, description="The most claims of earlier articles that an article is held against."
    )
    fetch: bool = Field(default=False, description="Articles may be handed in by URL.")
    allowed_networks: tuple[IPvAnyNetwork, ...] = Field(
        default=(), description='Networks inside that may be connected to, as JSON: ["10.0.0.0/8"].'
    )
    allowed_ports: tuple[int, ...] = Field(default=(80, 443), description="Ports that may be connected to, as JSON.")
    logs: Literal["json", "console"] | None = Field(
        default=None, description="How log lines are written; by default console on a terminal, else json."
    )
    metrics_port: int | None = Field(
        default=None, ge=1, le=65535, description="Where a worker tells its figures, without a key."
    )
    host: str = Field(default="127.0.0.1", description="The address that the server listens on.")
    port: int = Field(default=8000, ge=0, le=65535, description="The port that the server listens on.")


def settings(**given: Any) -> Settings:
    """The settings of the environment, with those given in their place.

    Raises:
        WrongSetting: a value is out of bounds, or a variable's name is no setting's.
    """
    for name in os.environ:
        if name.startswith(_PREFIX) and name.removeprefix(_PREFIX).lower() not in Settings.model_fields:
            _refuse_unknown(name)
    try:
        return Settings(**given)
    except ValidationError as error:
        fault = error.errors()[0]
        setting = str(fault["loc"][0])
        raise WrongSetting(f"{_PREFIX}{setting.upper()}: {fault['msg']}.", setting) from None
    except SettingsError as error:
        named = next((name for name in Settings.model_fields if f'"{name}"' in str(error)), "languages")
        raise WrongSetting(f"{error}. A list is written as JSON.", named) from None


def _refuse_unknown(name: str) -> None:
    setting = name.removeprefix(_PREFIX).lower()
    near = get_close_matches(setting, Settings.model_fields, n=1)
    hint = f" Did you mean {_PREFIX}{near[0].upper()}?" if near else ""
    raise WrongSetting(f"{name} is no setting.{hint}", setting)
