from __future__ import annotations

from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np
import pytest

from drivers.simulators.subject import Condition, SyntheticSubject
from drivers.simulators.subject.synthetic import closed as draw_closed
from fieldkit.app.bootstrap.sample_quality import judge_file
from fieldkit.domain.errors import InputError
from fieldkit.domain.recording.biodata import Preparation
from fieldkit.domain.recording.capture import QualityScore
from fieldkit.domain.recording.positions import Modality, Position
from fieldkit.formats.face import portrait_record
from fieldkit.formats.finger import print_record
from fieldkit.formats.images import encode_png
from fieldkit.formats.iris import iris_record

AT = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)
ANY = QualityScore(1, "uji")


@pytest.fixture(scope="module")
def person() -> SyntheticSubject:
    return SyntheticSubject(5)


@pytest.fixture(autouse=True)
def without_programs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))


def kept(folder: Path, content: bytes) -> Path:
    file = folder / "sample"
    file.write_bytes(content)
    return file


def test_a_picture_and_a_record_of_a_finger_are_one(person: SyntheticSubject, tmp_path: Path) -> None:
    pixels = person.finger(Position.RIGHT_INDEX)
    picture = judge_file(kept(tmp_path, encode_png(pixels, 500)), Modality.FINGER, 500)
    record = print_record(pixels, Position.RIGHT_INDEX, ANY, AT, 500)
    assert judge_file(kept(tmp_path, record), Modality.FINGER, 250) == picture  # a record states its own resolution
    assert picture.score.algorithm == "iso29794-4-estimate"
    assert len(picture.measures) == 68 + 4  # and what our own extractor counts
    assert picture.measures["Minutiae_Count"] > 10


def test_drawn_rings_are_no_finger_whatever_their_measures(tmp_path: Path) -> None:
    y, x = np.mgrid[0:400, 0:300].astype(float)
    rings = 128 + 70 * np.sin(2 * np.pi * np.hypot(x - 150, 0.65 * (y - 200)) / 9)
    noisy = np.clip(rings + 25 * np.random.default_rng(7).standard_normal(x.shape), 0, 255).astype(np.uint8)
    found = judge_file(kept(tmp_path, encode_png(noisy, 500)), Modality.FINGER, 500)
    assert (found.score.value, found.advice) == (0, ("finger.too_regular",))
    assert found.measures["Minutiae_Count"] < 5


@pytest.mark.days
def test_nists_program_is_used_and_named(
    person: SyntheticSubject, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fieldkit.quality.finger_estimate.find_spec", find_spec)
    picture = encode_png(person.finger(Position.RIGHT_INDEX, 0, Condition.DRY), 500)
    found = judge_file(kept(tmp_path, picture), Modality.FINGER, 500)
    assert (found.score.algorithm, found.score.version) == ("NFIQ2", "2.3")
    assert bool(found.advice) is (found.score.value < 60)
    monkeypatch.setattr("fieldkit.quality.finger_estimate.Nfiq2.scores", lambda _self, prints: [None] * len(prints))
    found = judge_file(tmp_path / "sample", Modality.FINGER, 500)
    assert found.score.algorithm == "iso29794-4-estimate"


@pytest.mark.days
def test_a_portrait_and_an_eye(person: SyntheticSubject, tmp_path: Path) -> None:
    portrait = person.portrait()
    png = bytes(cv2.imencode(".png", portrait[:, :, ::-1])[1])
    seen = judge_file(kept(tmp_path, png), Modality.FACE, 500)
    assert seen.score.value > 60
    assert seen.advice == ()
    assert (seen.methods["one_face"], seen.methods["sharpness"], seen.methods["level"]) == (
        *("landmarks", "pixels", "landmarks"),
    )
    assert set(seen.answers.values()) == {"good"}
    assert abs(seen.measures["pitch_deg"]) < 10
    record = portrait_record(portrait, ANY, AT, Preparation())
    assert judge_file(kept(tmp_path, record), Modality.FACE, 500).score.value == pytest.approx(seen.score.value, abs=5)
    eye = person.iris(Position.EYE_RIGHT)
    seen = judge_file(kept(tmp_path, encode_png(eye, 500)), Modality.IRIS, 500)
    assert (seen.score.value > 60, "sharpness" in seen.measures) == (True, True)
    record = iris_record(eye, Position.EYE_RIGHT, ANY, AT)
    assert judge_file(kept(tmp_path, record), Modality.IRIS, 500).score == seen.score


def test_what_shows_no_open_eye_is_judged_so(tmp_path: Path) -> None:
    blank = encode_png(np.full((300, 300), 200, np.uint8), 500)
    shut = encode_png(draw_closed(np.random.default_rng(3)), 500)
    for picture in (blank, shut):
        found = judge_file(kept(tmp_path, picture), Modality.IRIS, 500)
        assert (found.score, found.advice) == (QualityScore(0, "fieldkit-iris", "2"), ("iris.no_eye",))


def test_what_cannot_be_judged_is_said(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"mutu\.unreadable"):
        judge_file(tmp_path / "gone", Modality.FINGER, 500)
    with pytest.raises(InputError, match=r"mutu\.unreadable"):
        judge_file(kept(tmp_path, encode_png(np.zeros((1, 40), np.uint8), 500)), Modality.FINGER, 500)
    with pytest.raises(InputError):
        judge_file(kept(tmp_path, b"FIR\0damaged"), Modality.FINGER, 500)
