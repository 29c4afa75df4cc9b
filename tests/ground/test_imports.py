"""What import-linter cannot see: imports by name, and the standard library told from the rest."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def _imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name.split(".")[0] for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.split(".")[0]


def test_schemas_need_pydantic_alone() -> None:
    """The schemas can be used by anybody who has pydantic."""
    imported = {name for path in (ROOT / "schemas").rglob("*.py") for name in _imported(path)}
    assert imported - set(sys.stdlib_module_names) == {"pydantic", "schemas"}


def test_only_the_model_seam_imports_by_name() -> None:
    """A provider's library cannot come in past the contracts of pyproject.toml."""
    naming = {path for path in (ROOT / "service").rglob("*.py") if "import_module(" in path.read_text("utf-8")}
    assert {path.parent.name for path in naming} <= {"llm"}
