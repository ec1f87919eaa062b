"""A single fulfilment is taken out of a walk: what the walks are judged by names the step that lacks it.

Thirteen removals, walked as far as they can be seen: facts that nobody tells, papers that nobody writes, words that a
paper does not say, a day that is not the planned one. `test_outreach.py` takes others out of what a whole walk told.
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest
from support.outreach_papers import problems_of
from support.standstill import run_to_its_end

from fieldkit.app.bootstrap.sop_profiles import own_profiles

PROFILES = {profile.sop_id: profile for profile in own_profiles()}
CHILD = Path(__file__).parents[1] / "support" / "outreach_without.py"
BLITAR, GROBOGAN, MADIUN = "blitar_si_jaran_ijo", "grobogan_jemput_bola", "madiun_dolopo_jemput_bola"
KK = "grobogan_kk_wni"
pytestmark = [
    pytest.mark.days,
    pytest.mark.timeout(0),
    pytest.mark.skipif(shutil.which("pdftotext") is None, reason="poppler-utils is not installed"),
]


def _walked(taken: str, sop_id: str, until: int, out: Path) -> list[str]:
    command = [sys.executable, str(CHILD), taken, sop_id, str(until), str(out)]
    done = run_to_its_end(command, text=True)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    return [told["stuck"]] if "stuck" in told else problems_of(told, PROFILES[sop_id], until)


@pytest.mark.parametrize(
    ("taken", "sop_id", "until", "told"),
    [
        ("the bukti pengambilan", KK, 2, "step 2: no bukti_pengambilan"),
        ("the paper checked", KK, 2, "step 2 over"),
        ("the disposisi", BLITAR, 2, "step 2 over"),
        ("the verification", BLITAR, 3, "step 3 over"),
        ("the handing over of the reply", BLITAR, 5, "step 5 over"),
        ("the lembar disposisi", BLITAR, 2, "step 2: no lembar_disposisi"),
        ("the daftar sasaran", BLITAR, 3, "step 3: no daftar_sasaran"),
        ("the number of the surat tugas", BLITAR, 3, "step 3: surat_tugas without ['/202/409.20/']"),
        ("the days of the jadwal", BLITAR, 3, "step 3: jadwal without ['{planned}', '08.00'"),
        ("the planned day", BLITAR, 7, "step 7: on "),
        ("the directions of the head", GROBOGAN, 3, "step 3 over"),
        ("the jadwal", GROBOGAN, 4, "step 1: no jadwal"),
        ("the meeting", MADIUN, 3, "step 3 over"),
    ],
)
def test_a_walk_without_one_fulfilment_is_told(taken: str, sop_id: str, until: int, told: str, tmp_path: Path) -> None:
    assert any(told in problem for problem in _walked(taken, sop_id, until, tmp_path))


def test_nothing_is_told_of_a_walk_that_lacks_nothing(tmp_path: Path) -> None:
    assert _walked("nothing", BLITAR, 5, tmp_path) == []
