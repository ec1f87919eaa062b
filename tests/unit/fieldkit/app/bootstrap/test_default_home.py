from __future__ import annotations

from pathlib import Path

import pytest

from fieldkit.app.bootstrap.default_home import default_home


def test_where_a_kit_lives(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.delenv("FIELDKIT_HOME", raising=False)
    assert default_home() == tmp_path / "data" / "fieldkit"
    monkeypatch.setenv("FIELDKIT_HOME", str(tmp_path / "here"))
    assert default_home() == tmp_path / "here"
