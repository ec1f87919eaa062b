from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

INTERFACE = "hatchling.builders.hooks.plugin.interface"


@pytest.fixture
def hook(monkeypatch: pytest.MonkeyPatch) -> object:
    names = INTERFACE.split(".")
    for count in range(1, len(names) + 1):  # it comes with the builder only
        monkeypatch.setitem(sys.modules, ".".join(names[:count]), ModuleType(names[count - 1]))
    sys.modules[INTERFACE].BuildHookInterface = object  # type: ignore[attr-defined]
    place = Path(__file__).parents[3] / "packaging" / "wheel_hook.py"
    spec = importlib.util.spec_from_file_location("wheel_hook", place)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    made = module.OnlyInItsOwnEnvironment()
    made.root = str(Path(__file__).parents[3])
    return made


def test_a_wheel_for_an_environment_of_others_is_refused(hook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FIELDKIT_PRIVATE_ENVIRONMENT", raising=False)
    with pytest.raises(RuntimeError, match="make package"):
        hook.initialize("standard", {})


def test_checkouts_and_packages_are_built(hook, monkeypatch: pytest.MonkeyPatch) -> None:
    hook.initialize("editable", {})
    monkeypatch.setenv("FIELDKIT_PRIVATE_ENVIRONMENT", "1")
    build_data: dict[str, dict[str, str]] = {"force_include": {}}
    hook.initialize("standard", build_data)
    ((manual, inside),) = build_data["force_include"].items()
    assert (Path(manual, "petugas.md").is_file(), inside) == (True, "assets/panduan")
