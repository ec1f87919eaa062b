from __future__ import annotations

import csv
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import cv2
import pytest
from support import portraits
from support.portraits import drawn

PACKAGING = Path(__file__).parents[3] / "packaging"


@pytest.fixture
def module(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(PACKAGING))
    spec = importlib.util.spec_from_file_location("measure_portraits", PACKAGING / "measure_portraits.py")
    assert spec is not None
    assert spec.loader is not None
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    pictures = {
        "good": [drawn(seed)[0] for seed in (3, 7)],
        "mask": [portraits.masked(*drawn(seed)) for seed in (3, 7)],
        "shut": [portraits.shut(*drawn(3))],
    }
    listed = tmp_path / "labels.csv"
    with listed.open("w", encoding="utf-8", newline="") as file:
        write = csv.writer(file).writerow
        for label, drawings in pictures.items():
            for at, picture in enumerate(drawings):
                path = str(tmp_path / f"{label}{at}.png")
                cv2.imwrite(path, picture[:, :, ::-1])
                write((path, label))
        write((str(tmp_path / "missing.png"), "good"))
    return listed


@pytest.mark.days
def test_each_label_gets_its_shares_and_what_is_composed_too(
    module: ModuleType, labels: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["measure_portraits.py", str(labels)])
    module.main()
    said = capsys.readouterr().out
    assert "good: 2 pictures, no face 0, for the face itself refused 0.0%, asked 0.0%; 60 and more 100.0%" in said
    assert "mask: 2 pictures, no face 0, for the face itself refused 100.0%, asked 0.0%" in said
    assert "eyes_open 100.0%" in said
    assert "two people: 1 pictures, no face 0, for the face itself refused 100.0%" in said
    assert "yaw 22°: 2 pictures" in said
    assert "red pupils: 2 pictures, no face 0, for the face itself refused 0.0%, asked 100.0%" in said


@pytest.mark.days
def test_the_fit_prints_one_weight_a_measure(
    module: ModuleType, labels: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["measure_portraits.py", str(labels), "--fit"])
    module.main()
    weights, shift = capsys.readouterr().out.splitlines()
    assert weights.count(",") == 10
    assert shift.startswith("shift ")
