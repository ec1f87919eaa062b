from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

PERSON = Path(__file__).parents[4] / "packaging" / "windows" / "person.py"


@pytest.fixture
def person() -> ModuleType:
    spec = importlib.util.spec_from_file_location("person", PERSON)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("code", "states", "told"),
    [(0, ["acknowledged"], 0), (0, ["queued"], 1), (0, [], 1), (0, ["acknowledged"] * 2, 1), (3, ["acknowledged"], 3)],
)
def test_only_one_record_with_its_receipt_is_well(
    person: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, states: list[str], told: int
) -> None:
    folder = tmp_path / "out"

    def demo() -> None:
        assert not folder.exists()
        folder.mkdir()
        raise SystemExit(code)

    def answer(_folder: Path, *words: str) -> Any:
        return {"records": [{"state": state} for state in states]} if words == ("queue",) else {"ok": True}

    folder.mkdir()
    monkeypatch.setattr(person.cli, "main", demo)
    monkeypatch.setattr(person, "fieldkit", answer)
    for module in (person.kit, person.robot):
        monkeypatch.setattr(module, "_PATIENCE_S", 30.0)
    monkeypatch.setattr("sys.argv", [])
    assert person.main(folder) == told
