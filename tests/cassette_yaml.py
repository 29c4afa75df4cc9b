"""How cassettes are written: vcrpy's own format with JSON bodies indented, so that a person can read and diff them."""

import hashlib
import json
from typing import Any

import yaml
from vcr.serializers import yamlserializer


class _Block(str):
    """Text to be written as a literal block."""


class _Dumper(yaml.SafeDumper):
    """PyYAML's own emitter, as the one of libyaml escapes characters beyond the basic plane."""


_Dumper.add_representer(
    _Block, lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", str(text), style="|")
)


def _readable(body: Any) -> Any:
    """A JSON body, indented; anything else as it is."""
    try:
        value = json.loads(body)
    except (TypeError, ValueError):
        return body
    return _Block(json.dumps(value, ensure_ascii=False, indent=1) + "\n")


def _place(interaction: dict[str, Any]) -> tuple[str, str]:
    """Parallel calls end in any order; by this one the file of a second recording differs only where answers do."""
    request = interaction["request"]
    return request["uri"], hashlib.sha256(str(request["body"]).encode()).hexdigest()


def serialize(cassette: dict[str, Any]) -> str:
    """A cassette as text."""
    for interaction in cassette["interactions"]:
        interaction["request"]["body"] = _readable(interaction["request"]["body"])
        interaction["response"]["body"]["string"] = _readable(interaction["response"]["body"]["string"])
    cassette["interactions"].sort(key=_place)
    return yaml.dump(cassette, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=120)


deserialize = yamlserializer.deserialize
