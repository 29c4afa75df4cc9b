"""The exported JSON Schema files."""

from schemas.export import FOLDER, documents


def test_exported_schemas_are_fresh() -> None:
    """Every file of schemas/json is what `python -m schemas.export` writes now, and there is no other."""
    assert {path.name: path.read_text(encoding="utf-8") for path in FOLDER.iterdir()} == documents()
