"""A resident made of real prints: seven fingers that exist, three that the subject lacks."""

from __future__ import annotations

import shutil
from pathlib import Path

import cv2
import pytest
import yaml
from support.performed import Performed, perform

from drivers.simulators.subject.folder import read_grey
from fieldkit.app.bootstrap.proofs import open_record
from fieldkit.domain.recording.positions import FINGERS, Position
from fieldkit.formats.finger import decode_finger_record
from fieldkit.formats.images import decode_grey

PRINTS = {
    "RIGHT_THUMB": "SFinGe_Test01.pgm",
    "RIGHT_INDEX": "SFinGe_Test02.pgm",
    "RIGHT_MIDDLE": "SFinGe_Test03.pgm",
    "LEFT_THUMB": "libfprint-whorl.png",
    "LEFT_INDEX": "libfprint-loop-right.png",
    "LEFT_MIDDLE": "libfprint-arch.png",
    "LEFT_RING": "libfprint-tented_arch.png",
}
LACKING = {"RIGHT_RING": "missing_finger", "RIGHT_LITTLE": "missing_finger", "LEFT_LITTLE": "missing_finger"}


# The first test waits for the day. `test_demo.py` performs one with calculated prints in `make test`.
pytestmark = [pytest.mark.days, pytest.mark.timeout(0)]


@pytest.fixture(scope="module")
def performed(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Performed:
    folder = tmp_path_factory.mktemp("subjects") / "ibu-sari"
    folder.mkdir()
    for position, name in PRINTS.items():
        source = shared_data / "fingerprints" / name
        shutil.copyfile(source, folder / f"{position}{source.suffix}")
    stated = {"name": "Sari Wahyuni", "birth_date": "1984-02-11", "sex": "P", "exceptions": LACKING}
    (folder / "biodata.yaml").write_text(yaml.safe_dump(stated))
    return perform(tmp_path_factory.mktemp("prints"), "--subjects", str(folder.parent))


def test_the_record_arrived_with_its_exceptions(performed: Performed) -> None:
    (subject,) = performed.report["subjects"]
    assert performed.report["acknowledged"] == 1
    assert subject["name"] == "SARI WAHYUNI"
    assert subject["outcome"] == "recorded_with_exception"
    assert set(subject["exceptions"]) == set(LACKING)


def test_the_record_holds_seven_fingers(performed: Performed) -> None:
    opened = open_record(performed.records[0], performed.identity, None).record
    fingers = {sample.position for sample in opened.samples if sample.position in FINGERS}
    assert fingers == {Position(name) for name in PRINTS}


def test_the_ridges_are_those_of_the_files(performed: Performed, shared_data: Path) -> None:
    """A piece from the middle of each file is found again in the recorded finger, and only there."""
    opened = open_record(performed.records[0], performed.identity, None).record
    recorded = {
        sample.position: decode_grey(decode_finger_record(sample.data).image)
        for sample in opened.samples
        if sample.position in FINGERS
    }
    for position, name in PRINTS.items():
        whole = read_grey(shared_data / "fingerprints" / name)
        rows, columns = whole.shape[0] // 2, whole.shape[1] // 2
        piece = whole[rows - 40 : rows + 40, columns - 40 : columns + 40]
        alike = {p: cv2.matchTemplate(image, piece, cv2.TM_CCOEFF_NORMED).max() for p, image in recorded.items()}
        assert max(alike, key=lambda p: alike[p]) is Position(position), (position, alike)
