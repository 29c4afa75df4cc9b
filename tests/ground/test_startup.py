"""Nothing unexpected runs when Python starts: two poisoned releases of a dependency hid in a start-up file."""

import site
from pathlib import Path

import pytest

# coverage's waits for a variable that we do not set; the others come with virtualenv and setuptools.
_KNOWN = {"a1_coverage.pth", "_virtualenv.pth", "distutils-precedence.pth"}
_FOLDERS = [Path(folder) for folder in site.getsitepackages()]


def _runs_code(path: Path) -> bool:
    """Whether a .pth does more than add folders: `site` runs each line that begins with "import"."""
    return any(line.startswith(("import ", "import\t")) for line in path.read_text("utf-8", "replace").splitlines())


@pytest.mark.parametrize("folder", _FOLDERS, ids=lambda folder: folder.name)
def test_no_unknown_pth_runs_code(folder: Path) -> None:
    """Of the .pth files installed, only the known ones run code."""
    running = {path.name for path in folder.glob("*.pth") if _runs_code(path)}
    assert running <= _KNOWN


@pytest.mark.parametrize("folder", _FOLDERS, ids=lambda folder: folder.name)
@pytest.mark.parametrize("module", ["sitecustomize", "usercustomize"])
def test_no_package_customizes_the_start(folder: Path, module: str) -> None:
    """No installed package brings a module that Python imports by itself."""
    assert not list(folder.glob(f"{module}*"))
