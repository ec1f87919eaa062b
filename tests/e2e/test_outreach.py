"""The five SOPs through the real screens, each step by the role it names, and the papers that come of it."""

from __future__ import annotations

import copy
import re
import shutil
import subprocess
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from support.outreach_papers import problems_of
from support.performed import perform

from fieldkit.app.bootstrap.sop_profiles import own_profiles
from fieldkit.app.demo.outreach.walk import SCRIPTS
from fieldkit.domain.planning.outreach import ServiceCategory

BLITAR = "blitar_si_jaran_ijo"
KK, BECAK = "grobogan_kk_wni", "grobogan_becak_pintar"
OTHERS = (KK, BECAK, "grobogan_jemput_bola", "madiun_dolopo_jemput_bola")
SOPS = (BLITAR, *OTHERS)
KEYS = {"id", "steps_total", "steps_done", "documents", "standard_minutes", "seconds", "sla", "screenshots", "steps"}
PROFILES = {profile.sop_id: profile for profile in own_profiles()}
Walk = Callable[[str], dict[str, Any]]
pytestmark = [pytest.mark.days, pytest.mark.timeout(0)]  # the first test of an SOP waits for its walk
poppler = pytest.mark.skipif(shutil.which("pdfsig") is None, reason="poppler-utils is not installed")


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory) -> Walk:
    """Return what walks an SOP, once for all tests, and tells what came of it."""

    @cache
    def walked(sop_id: str) -> dict[str, Any]:
        out = tmp_path_factory.mktemp(sop_id)
        (told,) = perform(out, "--outreach", "--only", sop_id).report["sops"]
        assert told["id"] == sop_id
        return dict(told)

    return walked


@pytest.fixture(scope="module")
def papers(walk: Walk) -> dict[str, Path]:
    """Return the papers of Blitar by their kind."""
    return {path.stem.split("-", 1)[1]: path for path in map(Path, walk(BLITAR)["documents"])}


def test_every_sop_is_here() -> None:
    assert {BLITAR, *OTHERS} == set(SCRIPTS)


@pytest.mark.parametrize("sop_id", SOPS)
def test_no_step_is_late_because_of_a_night_a_meal_or_a_weekend(walk: Walk, sop_id: str) -> None:
    for step in walk(sop_id)["steps"]:
        standard, per = (getattr(PROFILES[sop_id].step(step["number"]), name) for name in ("standard", "per"))
        is_noted = bool(step["began_at"] and step["ended_at"])
        assert (step["minutes"] is not None) is is_noted, "without a noted start nothing is measured"
        if is_noted and standard and not per:
            assert step["minutes"] <= standard.limit, step


@pytest.mark.parametrize("sop_id", SOPS)
def test_every_sop_is_walked_to_its_end(walk: Walk, sop_id: str) -> None:
    told = walk(sop_id)
    assert set(told) >= KEYS
    assert told["steps_done"] == told["steps_total"]
    assert told["standard_minutes"] > 0
    assert all(Path(path).stat().st_size > 1000 for path in (*told["documents"], *told["screenshots"]))


@pytest.mark.parametrize("sop_id", [BLITAR, "grobogan_jemput_bola", "madiun_dolopo_jemput_bola"])
def test_what_records_is_walked_with_the_official_application(tmp_path: Path, sop_id: str) -> None:
    (told,) = perform(tmp_path, "--outreach", "--resmi", "--only", sop_id).report["sops"]
    assert told["steps_done"] == told["steps_total"]
    assert not any(step["missing"] for step in told["steps"])
    kinds = {Path(path).stem.split("-", 1)[1] for path in told["documents"]}
    assert not kinds & {"bukti_perekaman", "ba_pengiriman"}, "nothing here was sealed or sent"


@poppler
@pytest.mark.parametrize("sop_id", SOPS)
def test_each_step_is_fulfilled_by_its_facts_and_papers(walk: Walk, sop_id: str) -> None:
    """The facts, outputs and times of each step, its papers and the words in them; nothing that is known left open."""
    assert problems_of(walk(sop_id), PROFILES[sop_id]) == []


@poppler
@pytest.mark.parametrize(
    ("no", "spoil", "problem"),
    [
        (2, lambda step, _: step["facts"].remove("disposed"), "step 2: nothing of "),
        (5, lambda step, _: step.update(how="declared"), "step 5: declared"),
        (7, lambda step, _: step.update(ended_at="2026-01-03T09:00:00+07:00"), "step 7: on a weekend, 2026-01-03"),
        (9, lambda step, _: step["missing"].append("bukti"), "step 9: bukti"),
        (11, lambda step, _: step.update(ended_at=""), "step 11: from "),
        (2, lambda _, papers: papers.pop("lembar_disposisi"), "step 2: no lembar_disposisi"),
        (3, lambda _, papers: papers["sppd"].replace(papers["jadwal"]), "step 3: jadwal without ['/201/409.20/'"),
    ],
)
def test_what_a_walk_lacks_is_named(
    walk: Walk, no: int, spoil: Callable[[Any, dict[str, Path]], object], problem: str, tmp_path: Path
) -> None:
    """`test_outreach_removed.py` takes the same out of the walk itself."""
    told = copy.deepcopy(walk(BLITAR))
    papers = {path.stem.split("-", 1)[1]: path for path in map(Path, told["documents"])}
    for kind in ("jadwal", "sppd"):
        papers[kind] = Path(shutil.copy(papers[kind], tmp_path))
    (step,) = (step for step in told["steps"] if step["number"] == no)
    spoil(step, papers)
    told["documents"] = [path for path in papers.values() if path.exists()]
    assert any(each.startswith(problem) for each in problems_of(told, PROFILES[BLITAR]))


def test_the_right_people_sat_down_for_blitar(walk: Walk) -> None:
    parts = [name.split(" (")[0] for name in walk(BLITAR)["signed_in"]]
    assert parts == [
        "Petugas Loket G",
        "Kepala Dinas E",
        "Kabid D",
        "Kepala Dinas E",
        "Petugas Loket G",
        "Ketua Tim B",
        "Petugas A",
        "Ketua Tim B",
        "Petugas A",  # the revisit
        "Ketua Tim B",
        "Operator Cetak H",
        "Petugas Loket G",
    ]


def test_blitar_leaves_its_papers(papers: dict[str, Path]) -> None:
    assert set(papers) >= {"jadwal", "surat_tugas", "daftar_sasaran", "surat_balasan", "ba_sarpras", "sppd"}
    assert set(papers) >= {"lembar_disposisi", "tanda_terima_surat", "spj", "ba_pengembalian"}


@pytest.mark.parametrize(
    ("sop_id", "kinds"),
    [(KK, {"formulir", "bukti_pengambilan", "tanda_terima"}), (BECAK, {"rekapitulasi", "tanda_terima"})],
)
def test_the_counter_walks_to_the_end_within_its_standard(walk: Walk, sop_id: str, kinds: set[str]) -> None:
    told = walk(sop_id)
    assert told["steps_done"] == told["steps_total"] == 8
    assert {Path(path).stem.split("-", 1)[1] for path in told["documents"]} == kinds
    assert [clock["state"] for clock in told["sla"]] == ["kept"]


@poppler
@pytest.mark.parametrize("sop_id", SOPS)
def test_every_paper_opens_has_a_title_and_text(walk: Walk, sop_id: str) -> None:
    for path in walk(sop_id)["documents"]:
        told = _run("pdfinfo", path)
        assert re.search(r"^Title: +\S", told, re.MULTILINE), path
        assert len(_run("pdftotext", path, "-").split()) > 40, path


@poppler
def test_the_reply_is_signed_on_the_day_of_the_walk_and_holds(walk: Walk, papers: dict[str, Path]) -> None:
    told = _run("pdfsig", "-nocert", str(papers["surat_balasan"]))
    assert "Signature is Valid" in told
    assert "Total document signed" in told
    said = re.search(r"Signing Time: (\w+ \d+ \d+ [\d:]+)", told)
    assert said is not None
    signed_at = datetime.strptime(said[1], "%b %d %Y %H:%M:%S").astimezone()  # poppler tells the machine's local time
    (over,) = (step["ended_at"] for step in walk(BLITAR)["steps"] if step["number"] == 4)
    assert abs(datetime.fromisoformat(over) - signed_at) < timedelta(minutes=10)


@poppler
def test_the_list_that_is_printed_hides_category_and_nik(papers: dict[str, Path]) -> None:
    text = _run("pdftotext", "-layout", str(papers["daftar_sasaran"]), "-").lower()
    assert "siti aminah" in text
    assert not re.search(r"(?<!\d)\d{16}(?!\d)", text)  # a NIP has 18
    for category in set(ServiceCategory) - {ServiceCategory.UMUM}:
        assert category.value not in text, category


def _run(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout
