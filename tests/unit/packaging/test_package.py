from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
import tomllib
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from fieldkit.quality.face_networks import DIGESTS

ROOT = Path(__file__).parents[3]
LOCK = tomllib.loads((ROOT / "uv.lock").read_text("utf-8"))["package"]


@pytest.fixture(scope="module")
def package() -> ModuleType:
    spec = importlib.util.spec_from_file_location("package", ROOT / "packaging" / "package.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # a dataclass looks its module up
    spec.loader.exec_module(module)
    return module


def needed(extras: set[str]) -> dict[str, dict[str, Any]]:
    """Return what the lock holds for us with these extras on Windows, by name."""
    locked = {(each["name"]): each for each in LOCK}
    ours = locked["fieldkit-ktpel"]
    found: dict[str, dict[str, Any]] = {}
    left = [*ours["dependencies"], *(need for extra in extras for need in ours["optional-dependencies"][extra])]
    while left:
        need = left.pop()
        if need["name"] not in found and "!= 'win32'" not in need.get("marker", ""):
            found[need["name"]] = locked[need["name"]]
            left += locked[need["name"]].get("dependencies", [])
    return found


def test_every_file_of_a_package_is_there_and_says_where_it_runs(package: ModuleType) -> None:
    for each in package.PACKAGES:
        source = package.DEBIAN / each.folder
        assert [name for name in each.files if not (source / name).exists()] == []
        assert f"Package: {each.name}\n" in (source / "control").read_text("utf-8")
        scripts = [path for path in source.iterdir() if path.read_text("utf-8").startswith("#!/bin/sh")]
        assert len(scripts) >= 3
        for script in scripts:
            assert subprocess.run(["sh", "-n", str(script)], check=False).returncode == 0, script


def test_what_the_data_center_does_without_is_what_a_kit_brings(package: ModuleType) -> None:
    assert set(package.OF_A_KIT) <= set(needed({"gateway"}))
    assert not {"pyside6-essentials", "opencv-python-headless", "pyscard"} - set(package.OF_A_KIT)


def test_the_networks_of_faces_are_parts_of_a_kit_and_not_of_a_data_center(
    package: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(package, "_output", lambda *_command: '{"metadata": {}, "components": []}')
    kit, gateway = (json.loads(package._parts(each))["components"] for each in package.PACKAGES)
    told = {part["name"]: part["hashes"][0]["content"] for part in kit}
    assert told == DIGESTS
    assert all(part["licenses"] == [{"license": {"id": "Apache-2.0"}}] for part in kit)
    assert gateway == []


def test_setup_and_package_name_the_same_libraries(package: ModuleType) -> None:
    libraries = list(package._libraries())
    assert {"pcscd", "libegl1", "libcups2"} <= set(libraries)
    assert not any("vpcd" in name for name in libraries)
    assert "packaging/debian/runtime-libraries" in (ROOT / "packaging/setup.sh").read_text("utf-8")


@pytest.mark.parametrize("name", sorted(needed({"stu"})))
def test_the_kit_can_be_installed_on_windows_without_a_compiler(name: str) -> None:
    locked = [each for each in LOCK if each["name"] == name]  # one for each Python where they differ
    files = [wheel["url"].rpartition("/")[2] for each in locked for wheel in each.get("wheels", [])]
    fit = [file for file in files if file.endswith(("-any.whl", "win_amd64.whl"))]
    assert [file for file in fit if any(tag in file for tag in ("-py3-", "-py2.py3-", "-cp311-", "-abi3-"))], files


def test_pictures_of_the_manual_go_beside_its_chapters_in_the_kit_only(
    package: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture, commands = tmp_path / "masuk.png", list[tuple[str, ...]]()
    picture.write_bytes(b"PNG")
    monkeypatch.setattr(package, "_install", lambda _package, _wheel, site: site.mkdir(parents=True))
    monkeypatch.setattr(package, "_parts", lambda _package: b"{}")
    monkeypatch.setattr(package, "_run", lambda *command: commands.append(command))
    for each in package.PACKAGES:
        package._build(each, picture, [picture], tmp_path / each.name, tmp_path, "1.0", 0)
    laid = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("panduan/*")}
    assert laid == {"fieldkit/usr/lib/fieldkit/lib/python3.11/site-packages/assets/panduan/masuk.png"}
    assert [command[0] for command in commands] == ["dpkg-deb", "dpkg-deb"]


def test_no_tool_of_qts_developers_comes_along(package: ModuleType, tmp_path: Path) -> None:
    binding = tmp_path / "PySide6"
    for name in (*package.TOOLS, "QtGui.so", "Qt/lib/libQt6Gui.so.6"):
        place = binding / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.mkdir() if name in ("Qt/libexec", "include") else place.touch()
    package.drop_tools(binding)
    assert {path.name for path in binding.rglob("*") if path.is_file()} == {"QtGui.so", "libQt6Gui.so.6"}
    package.drop_tools(tmp_path / "nowhere")  # the data center has no Qt
