"""A resident from a folder of prints: seven fingers that exist, three that the subject lacks.

The prints are calculated; where published ones lie beside the checkout, another resident has those.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import cv2
import pytest
import yaml
from PIL import Image
from support.performed import Performed, perform
from support.published import FINGERPRINTS, IS_HERE

from drivers.simulators.subject import Condition, SyntheticSubject
from drivers.simulators.subject.folder import read_grey
from fieldkit.app.bootstrap.sample_quality import open_record
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


# The first test waits for the day. `test_demo.py` performs one in `make test`, without a folder.
pytestmark = [pytest.mark.days, pytest.mark.timeout(0)]


def written(folder: Path) -> Path:
    """Write the prints of somebody as the published ones are: some grey files, some PNGs whose mask is the print."""
    somebody = SyntheticSubject(61)
    for position, name in PRINTS.items():
        ridges = somebody.finger(Position(position), 0, Condition.GOOD)
        if name.endswith(".pgm"):
            cv2.imwrite(str(folder / name), ridges)
        else:
            layers = Image.new("L", ridges.shape[::-1], 255), Image.fromarray(ridges)
            Image.merge("LA", layers).save(folder / name)
    return folder


@pytest.fixture(scope="module", params=["calculated", *(["published"] if IS_HERE else [])])
def prints(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return FINGERPRINTS if request.param == "published" else written(tmp_path_factory.mktemp("calculated"))


@pytest.fixture(scope="module")
def performed(prints: Path, tmp_path_factory: pytest.TempPathFactory) -> Performed:
    folder = tmp_path_factory.mktemp("subjects") / "ibu-sari"
    folder.mkdir()
    for position, name in PRINTS.items():
        source = prints / name
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


def test_the_ridges_are_those_of_the_files(performed: Performed, prints: Path) -> None:
    """A piece from the middle of each file is found again in the recorded finger, and only there."""
    opened = open_record(performed.records[0], performed.identity, None).record
    recorded = {
        sample.position: decode_grey(decode_finger_record(sample.data).image)
        for sample in opened.samples
        if sample.position in FINGERS
    }
    for position, name in PRINTS.items():
        whole = read_grey(prints / name)
        rows, columns = whole.shape[0] // 2, whole.shape[1] // 2
        piece = whole[rows - 40 : rows + 40, columns - 40 : columns + 40]
        alike = {p: cv2.matchTemplate(image, piece, cv2.TM_CCOEFF_NORMED).max() for p, image in recorded.items()}
        assert max(alike, key=lambda p: alike[p]) is Position(position), (position, alike)
