"""What the Dockerfile and compose.yaml name is there: files, commands, options, settings, stages and volumes.

No container engine runs here; this is what can be known without one.
"""

import fnmatch
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import typer.main
import yaml

from service.cli import app
from service.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OPERATIONS = (ROOT / "docs" / "operations.md").read_text("utf-8")
# What a shell would read: no comments, continued lines joined.
INSTRUCTIONS = re.sub(r"\\\n", " ", re.sub(r"^#.*\n", "", DOCKERFILE, flags=re.MULTILINE))
OWN = {name: service for name, service in SERVICES.items() if service.get("build")}


def _instructions(kind: str) -> list[str]:
    return re.findall(rf"^{kind} +(.*)$", INSTRUCTIONS, re.MULTILINE)


def _copied() -> list[str]:
    """What is copied from the checkout."""
    lines = [line.split() for line in _instructions("COPY") if not line.startswith("--from")]
    return [source for line in lines for source in line[:-1]]


def _check_command(words: list[str]) -> None:
    """Fails where the command line has no such command or option."""
    command: Any = typer.main.get_command(app)
    while within := getattr(command, "commands", None):
        assert words, "the command is not whole"
        assert words[0] in within, f"there is no command {words[0]}"
        command, words = within[words[0]], words[1:]
    options = {name for option in command.params for name in (*option.opts, *option.secondary_opts)}
    assert {word.split("=")[0] for word in words if word.startswith("-")} <= options


def _settings_named(text: str) -> set[str]:
    return {name.lower() for name in re.findall(r"SECONDSOURCE_([A-Z_]+)", text)}


@pytest.mark.parametrize("source", _copied())
def test_what_is_copied_is_there_and_sent_to_the_engine(source: str) -> None:
    """It exists, and .dockerignore lets it through."""
    assert (ROOT / source).exists()
    assert f"!{source}" in (ROOT / ".dockerignore").read_text("utf-8").splitlines()


@pytest.mark.parametrize("secret", [".env", ".git", "secondsource.sqlite", "cassettes", "tests"])
def test_nothing_else_is_sent_to_the_engine(secret: str) -> None:
    """All is left out save what the file lets through by name."""
    left_out, *let_through = [
        line for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line and line[0] in "*!"
    ]
    assert left_out == "*"
    assert not any(fnmatch.fnmatch(secret, line[1:]) for line in let_through if line.startswith("!"))


def test_the_wheel_is_built_of_what_is_copied() -> None:
    """The packages, the prompts, and the files that pyproject.toml names."""
    assert {"schemas", "service", "prompts", "pyproject.toml", "README.md", "LICENSE", "requirements.lock"} == set(
        _copied()
    )


def test_the_image_has_no_build_tools_and_no_root() -> None:
    """The last stage installs nothing, takes the environment from the first, and runs as a number that is not 0."""
    last = INSTRUCTIONS.split("\nFROM ")[-1]
    assert not re.search(r"\b(pip|uv|apt-get|gcc)\b", last)
    assert "COPY --from=build /opt/secondsource /opt/secondsource" in last
    (user,) = _instructions("USER")
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", user)


def test_every_package_is_installed_by_its_hash() -> None:
    """What is fetched is what the lock says, what builds the wheel included."""
    installs = [
        line for line in re.split(r"&&", " && ".join(_instructions("RUN"))) if re.search(r"\bpip install\b", line)
    ]
    assert len(installs) == 3
    assert all("--require-hashes" in line or "--build-constraint requirements.lock" in line for line in installs)


def test_the_image_runs_a_command_that_exists() -> None:
    """Entry point and command."""
    (entry,), (command,) = _instructions("ENTRYPOINT"), _instructions("CMD")
    assert yaml.safe_load(entry) == ["secondsource"]
    _check_command(yaml.safe_load(command))


@pytest.mark.parametrize("name", OWN)
def test_each_container_runs_a_command_that_exists(name: str) -> None:
    """With its options."""
    _check_command(OWN[name]["command"])


@pytest.mark.parametrize(
    "line",
    sorted(set(re.findall(r"^ {4}(?:\$ )?(?:sudo -u \S+ )?(?:\S*/)?secondsource (.*)$", OPERATIONS, re.MULTILINE))),
)
def test_the_page_names_commands_that_exist(line: str) -> None:
    """Every command of ours that docs/operations.md has on a line of its own."""
    _check_command(shlex.split(line, comments=True))


@pytest.mark.parametrize("text", [DOCKERFILE, (ROOT / "compose.yaml").read_text("utf-8"), OPERATIONS])
def test_every_setting_exists(text: str) -> None:
    """A misspelt one would keep the service from starting."""
    assert _settings_named(text)
    assert _settings_named(text) <= set(Settings.model_fields)


@pytest.mark.parametrize("name", SERVICES)
def test_each_container_is_in_a_profile_with_what_it_needs(name: str) -> None:
    """Nothing starts by default; what it depends on is in the same profile; its volumes are declared."""
    service = SERVICES[name]
    assert service["profiles"] in (["simple"], ["scaled"])
    for other in service.get("depends_on", {}):
        assert SERVICES[other]["profiles"] == service["profiles"]
    for volume in service.get("volumes", []):
        assert volume.split(":")[0] in COMPOSE["volumes"]


@pytest.mark.parametrize("name", OWN)
def test_each_container_is_held_short(name: str) -> None:
    """Nothing of its root can be written, it gains no rights, and its secrets are not in the file."""
    service = OWN[name]
    assert service["read_only"]
    assert service["cap_drop"] == ["ALL"]
    assert service["env_file"] == ".env"
    assert ".env" in (ROOT / ".gitignore").read_text("utf-8").splitlines()
    assert all(port.startswith("127.0.0.1:") for port in service.get("ports", []))


def test_the_server_of_the_image_needs_a_key() -> None:
    """It listens on every address of its container, and the page says to make a key first."""
    assert "SECONDSOURCE_HOST=0.0.0.0" in DOCKERFILE
    assert "keys create" in DOCKERFILE
    assert "run --rm simple keys create" in OPERATIONS
