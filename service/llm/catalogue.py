"""What is publicly known of hosted models, from the list that litellm ships.

The list is read as a file, in a tenth of a second: importing litellm takes seconds and 200 MB. It is as new as the
installed litellm.
"""

import importlib.util
import json
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

_FILE = "model_prices_and_context_window_backup.json"


@cache
def entry(provider: str, model: str) -> Mapping[str, Any] | None:
    """What is listed of a provider's model, numbers as `int` or `Decimal`; None where it is not listed.

    A model stands in the list under `provider/model`, or under its bare name with the provider as a field.
    """
    listed = _list()
    bare = listed.get(model, {})
    return listed.get(f"{provider}/{model}") or (bare if bare.get("litellm_provider") == provider else None)


def _list() -> Mapping[str, Mapping[str, Any]]:
    spec = importlib.util.find_spec("litellm")  # finds the package without importing it
    path = Path(spec.origin).with_name(_FILE) if spec and spec.origin else Path(_FILE)
    if not path.exists():
        return {}
    listed: Mapping[str, Mapping[str, Any]] = json.loads(path.read_text("utf-8"), parse_float=Decimal)
    return listed
