from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from drivers.simulators.subject import Condition, SubjectFolder, SyntheticSubject
from drivers.simulators.subject.folder import read_grey
from fieldkit.domain.recording.positions import Position
from fieldkit.formats.images import encode_jp2_lossless, encode_wsq


@pytest.fixture
def ramp() -> np.ndarray:
    return np.tile(np.linspace(20, 250, 300).astype(np.uint8), (400, 1))


def test_reads_every_kind_of_file(tmp_path: Path, ramp: np.ndarray) -> None:
    for name in ("RIGHT_THUMB.png", "RIGHT_INDEX.pgm", "RIGHT_MIDDLE.bmp"):
        cv2.imwrite(str(tmp_path / name), ramp)
    (tmp_path / "RIGHT_RING.jp2").write_bytes(encode_jp2_lossless(ramp))
    smooth = SyntheticSubject(1).finger(Position.RIGHT_LITTLE, 0, Condition.GOOD)  # WSQ keeps less of rough skin
    (tmp_path / "RIGHT_LITTLE.wsq").write_bytes(encode_wsq(smooth))
    subject = SubjectFolder(tmp_path)
    for position in list(Position)[:4]:
        assert np.array_equal(subject.finger(position), ramp)
    assert np.abs(subject.finger(Position.RIGHT_LITTLE).astype(int) - smooth).mean() < 15
    assert not np.array_equal(subject.finger(Position.RIGHT_THUMB, 1), ramp)


def test_each_attempt_takes_the_next_picture_of_a_finger_and_an_eye(tmp_path: Path) -> None:
    shades = {"": 60, "_2": 90, "_10": 120}  # in the order of their numbers, not of their names
    for name, shade in shades.items():
        for position in ("LEFT_INDEX", "EYE_LEFT"):
            cv2.imwrite(str(tmp_path / f"{position}{name}.png"), np.full((100, 100), shade, np.uint8))
    subject = SubjectFolder(tmp_path)
    for place, shade in enumerate(shades.values()):
        assert subject.finger(Position.LEFT_INDEX, place).max() == shade
        assert subject.iris(Position.EYE_LEFT, place).max() == shade
    assert subject.finger(Position.LEFT_INDEX, 3).mean() == pytest.approx(60, abs=1), "the first again, turned"
    assert subject.iris(Position.EYE_LEFT, 3).max() == 60
    (tmp_path / "LEFT_INDEX_x.png").write_bytes(b"")
    with pytest.raises(ValueError, match="LEFT_INDEX_x"):
        SubjectFolder(tmp_path)


@pytest.mark.parametrize(("ppi", "size"), [(None, (200, 100)), (500, (200, 100)), (1000, (100, 50)), (250, (400, 200))])
def test_prints_are_taken_at_their_resolution(tmp_path: Path, ppi: int | None, size: tuple[int, int]) -> None:
    cv2.imwrite(str(tmp_path / "LEFT_INDEX.png"), np.full((200, 100), 90, np.uint8))
    if ppi is not None:
        (tmp_path / "biodata.yaml").write_text(f"ppi: {ppi}\n")
    assert SubjectFolder(tmp_path).finger(Position.LEFT_INDEX).shape == size


@pytest.mark.parametrize("ppi", ["99", "2001", "five", "nan"])
def test_a_resolution_that_no_scanner_has_is_told(tmp_path: Path, ppi: str) -> None:
    (tmp_path / "biodata.yaml").write_text(f"ppi: {ppi}\n")
    with pytest.raises(ValueError, match=r"ppi|five"):
        SubjectFolder(tmp_path)


def test_a_round_iris_stays_round(tmp_path: Path) -> None:
    for width, height in ((320, 280), (200, 400), (640, 480), (1000, 480)):
        picture = np.full((height, width), 200, np.uint8)
        cv2.circle(picture, (width // 2, height // 2), 60, 20, -1)
        cv2.imwrite(str(tmp_path / "EYE_RIGHT.png"), picture)
        eye = SubjectFolder(tmp_path).iris(Position.EYE_RIGHT)
        dark = np.argwhere(eye < 100)
        high, wide = np.ptp(dark, axis=0)
        assert eye.shape == (480, 640)
        assert high == pytest.approx(wide, abs=2)


def test_the_alpha_mask_of_a_grey_png_is_the_print(tmp_path: Path, ramp: np.ndarray) -> None:
    layers = Image.merge("LA", (Image.new("L", (300, 400), 77), Image.fromarray(ramp)))
    layers.save(tmp_path / "LEFT_THUMB.png")
    assert np.array_equal(SubjectFolder(tmp_path).finger(Position.LEFT_THUMB), ramp)


@pytest.mark.days
def test_what_is_missing_is_grown_from_the_name_of_the_folder(tmp_path: Path) -> None:
    for name in ("siti", "budi"):
        (tmp_path / name).mkdir()
    siti, again, budi = (SubjectFolder(tmp_path / name) for name in ("siti", "siti", "budi"))
    assert siti.name == "siti"
    assert np.array_equal(siti.finger(Position.LEFT_RING), again.finger(Position.LEFT_RING))
    assert not np.array_equal(siti.finger(Position.LEFT_RING), budi.finger(Position.LEFT_RING))
    assert siti.portrait().shape == (960, 720, 3)
    assert siti.iris(Position.EYE_LEFT).shape == (480, 640)
    assert siti.signature().strokes


def test_biodata_marks_exceptions(tmp_path: Path) -> None:
    (tmp_path / "biodata.yaml").write_text(
        "name: Mbah Karto\nexceptions: {RIGHT_THUMB: bandaged, LEFT_INDEX: worn, EYE_LEFT: cataract}\n",
        encoding="utf-8",
    )
    subject = SubjectFolder(tmp_path)
    assert subject.name == "Mbah Karto"
    assert subject.condition_of(Position.RIGHT_THUMB) is Condition.BANDAGED
    assert subject.condition_of(Position.LEFT_INDEX) is Condition.WORN
    assert subject.condition_of(Position.EYE_LEFT) is Condition.MISSING
    assert subject.exceptions[Position.EYE_LEFT] == "cataract"


def test_mistakes_are_told(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        SubjectFolder(tmp_path / "nobody")
    (tmp_path / "biodata.yaml").write_text("exceptions: {RIGHT_TOE: bandaged}\n", encoding="utf-8")
    with pytest.raises(ValueError, match="RIGHT_TOE"):
        SubjectFolder(tmp_path)


def test_a_signature_is_traced_from_its_picture(tmp_path: Path) -> None:
    paper = np.full((200, 600), 255, np.uint8)
    cv2.polylines(paper, [np.array([[40, 150], [200, 40], [380, 160], [560, 60]])], False, 0, 5)
    cv2.imwrite(str(tmp_path / "SIGNATURE.png"), paper)
    signature = SubjectFolder(tmp_path).signature()
    points = [point for stroke in signature.strokes for point in stroke]
    assert points[-1].t_ms > 0
    assert max(p.x_um for p in points) > 0.9 * signature.width_um
    assert all(0 <= p.y_um <= signature.height_um for p in points)


def test_prints_from_files_are_dark_on_white(tmp_path: Path) -> None:
    ridges = SyntheticSubject(1).finger(Position.RIGHT_INDEX, 0, Condition.GOOD)
    Image.merge("LA", (Image.new("L", ridges.shape[::-1], 0), Image.fromarray(ridges))).save(tmp_path / "arch.png")
    cv2.imwrite(str(tmp_path / "arch.pgm"), ridges)
    for name in ("arch.png", "arch.pgm"):
        arch = read_grey(tmp_path / name)
        assert arch.shape == (400, 300)
        assert arch[:8, :8].mean() > arch.mean()
