from __future__ import annotations

import importlib.util
import re
import zipfile
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[4]
RECIPE = (ROOT / "packaging" / "windows" / "fieldkit.iss").read_text("utf-8")


@pytest.fixture
def build(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    spec = importlib.util.spec_from_file_location("build", ROOT / "packaging" / "windows" / "build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setenv("FIELDKIT_PRIVATE_ENVIRONMENT", "")
    return module


@pytest.fixture
def commands(build: ModuleType, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """Note what would be run, and make what it would have made."""
    noted: list[tuple[str, ...]] = []

    def run(*command: str) -> None:
        noted.append(command)
        if "export" in command:
            Path(command[command.index("--output-file") + 1]).write_text("wheel==1 --hash=sha256:00\n")
        if "build" in command:
            folder = Path(command[command.index("--out-dir") + 1])
            folder.mkdir()
            (folder / "fieldkit_ktpel-1-py3-none-any.whl").touch()
        if "--target" in command:
            library = Path(command[command.index("--target") + 1])
            for name in ("drivers/simulators", "drivers/sbi", "fieldkit/app/demo", "fieldkit/app/cli", "bin"):
                (library / name).mkdir(parents=True, exist_ok=True)

    monkeypatch.setattr(build, "run", run)
    return noted


def test_the_folder_holds_python_and_the_program_and_nothing_of_the_demo(
    build: ModuleType, commands: list[tuple[str, ...]], tmp_path: Path
) -> None:
    embedded, stage = tmp_path / "embedded.zip", tmp_path / "windows"
    with zipfile.ZipFile(embedded, "w") as made:
        for name in ("python.exe", "pythonw.exe", "python311.zip", "python311._pth"):
            made.writestr(name, "of the embeddable package")
    (stage / "python").mkdir(parents=True)
    (stage / "python" / "left.dll").touch()
    assert build.lay_out(embedded, stage) == stage
    assert sorted(path.name for path in stage.iterdir()) == ["LICENSE.txt", "fieldkit.cmd", "python"]
    assert not (stage / "python" / "left.dll").exists()
    library = stage / "python" / "lib"
    assert sorted(str(path.relative_to(library)) for path in library.glob("*/*")) == ["drivers/sbi", "fieldkit/app"]
    assert [path.name for path in (library / "fieldkit" / "app").iterdir()] == ["cli"]
    assert "lib" in (stage / "python" / "python311._pth").read_text().splitlines()
    locked, ours = (command for command in commands if "pip" in command)
    for command in (locked, ours):  # never built on the way, never for this machine
        assert command[command.index("--only-binary") + 1] == ":all:"
        assert command[command.index("--python-platform") + 1] == "x86_64-pc-windows-msvc"
    assert "--require-hashes" in locked


def test_the_installer_takes_what_was_laid_out_and_leaves_records_alone(build: ModuleType) -> None:
    started = re.findall(r'Filename: "\{app\}\\([^"]+)"; Parameters: "([^"]+)"', RECIPE)
    assert set(started) == {(r"python\pythonw.exe", "-I -m fieldkit run")}
    assert set(re.findall(r"\{#(\w+)\}", RECIPE)) == {"Stage", "Version"}
    removed = re.findall(r'Type: filesandordirs; Name: "([^"]+)"', RECIPE)
    assert set(removed) == {r"{app}\python"}
    assert "-I -m fieldkit %*" in build.LAUNCHER
