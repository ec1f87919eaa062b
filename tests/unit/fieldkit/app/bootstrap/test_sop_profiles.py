"""The five SOPs of the program, and those of a dinas beside them."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from support.clock import NOW
from support.sops import ACTS, play_to_the_end

from fieldkit.app.bootstrap.sop_profiles import SopFolder, own_profiles
from fieldkit.domain.sop.fulfilment import Fulfilment
from fieldkit.domain.sop.profile import SopProfile
from fieldkit.domain.sop.run import begin_run

ROOT = Path(__file__).parents[5]
DOCUMENTS = ROOT.parent / "shared/domain/sop.yaml"
BLITAR = ROOT / "assets/sop/blitar_si_jaran_ijo.yaml"
IDS = {
    "grobogan_jemput_bola",
    "grobogan_kk_wni",
    "grobogan_becak_pintar",
    "madiun_dolopo_jemput_bola",
    "blitar_si_jaran_ijo",
}


def test_the_program_brings_five_sops_of_52_steps() -> None:
    assert {profile.sop_id for profile in own_profiles()} == IDS
    assert sum(len(profile.steps) for profile in own_profiles()) == 52
    assert sum(profile.steps[-1].is_terminator for profile in own_profiles()) == 3


@pytest.mark.skipif(not DOCUMENTS.exists(), reason="../shared/domain/sop.yaml is not here")
@pytest.mark.parametrize("profile", own_profiles(), ids=lambda profile: profile.sop_id)
def test_an_sop_agrees_with_the_documents(profile: SopProfile) -> None:
    listed = yaml.safe_load(DOCUMENTS.read_text("utf-8"))["sop"]
    document = next(sop for sop in listed if sop["id"] == profile.sop_id)
    assert (profile.number, profile.name, profile.office, profile.region) == tuple(
        document[field] for field in ("nomor", "nama", "instansi", "kode_wilayah")
    )
    assert [column.name for column in profile.columns] == document["peran_kolom"]
    assert profile.standard_minutes == document["ringkasan_waktu"]["total_menit_tertulis"]
    working = sum(step.standard.working_minutes or 0 for step in profile.steps if step.standard)
    assert working == document["ringkasan_waktu"]["total_menit_kerja"]
    for step, written in zip(profile.steps, document["langkah"], strict=True):
        assert (step.no, step.words) == (written["no"], written["kegiatan"])
        time = written["waktu"]
        assert (time is None) == (step.standard is None), step.no
        if time and step.standard:
            ours = (step.standard.words, step.standard.minutes, step.standard.unit.value, step.standard.working_minutes)
            assert ours == (time["teks"], time["menit"], time["satuan"], time["menit_kerja"]), step.no
        assert {(a.column, a.part, a.confidence) for a in step.actors} == {
            (a["peran"], a["sebagai"], a["keyakinan"]) for a in written["pelaksana"]
        }, step.no
        does = [a["keyakinan"] for a in written["pelaksana"] if a["sebagai"] == "pelaksana"]
        assert (step.doer.confidence if step.doer else None) == (max(does) if does else None), step.no
        assert bool(step.inputs) == bool(written["kelengkapan"]), step.no
        assert step.outputs or not written["output"], step.no
        assert step.is_terminator == written.get("terminator", False), step.no
        assert [b.to for b in step.branches] == [b["ke_langkah"] for b in written.get("cabang", [])], step.no
    assert len(profile.sla) == len(document["sla"])


@pytest.mark.parametrize("profile", own_profiles(), ids=lambda profile: profile.sop_id)
def test_the_program_can_tell_of_every_step_but_a_terminator(profile: SopProfile) -> None:
    assert [step.no for step in profile.steps if not step.fulfilled_by and not step.is_terminator] == []


def test_every_fact_completes_a_step_somewhere() -> None:
    told = {fact for p in own_profiles() for step in p.steps for group in step.fulfilled_by for fact in group}
    elsewhere = {Fulfilment.EVALUATED, Fulfilment.PHOTOS_TAKEN}  # an SOP that ends with it; the example of KIA
    assert set(Fulfilment) - told == elsewhere


@given(st.sampled_from(own_profiles()), ACTS)
def test_no_sequence_of_acts_stops_one_of_the_five(profile: SopProfile, units: bytes) -> None:
    play_to_the_end(begin_run(profile, "a1", "u1", NOW), units)


def test_without_a_folder_there_are_the_five(tmp_path: Path) -> None:
    for folder in (None, tmp_path / "nothing", tmp_path):
        read = SopFolder(folder).read()
        assert {profile.sop_id for profile in read.profiles} == IDS
        assert read.mistakes == ()


def test_a_dinas_adds_and_replaces_by_files(tmp_path: Path) -> None:
    text = BLITAR.read_text("utf-8")
    (tmp_path / "blitar.yaml").write_text(text.replace("nomor: B/069", "nomor: C/070"), "utf-8")
    (tmp_path / "kediri.yml").write_text(text.replace("id: blitar_si_jaran_ijo", "id: kediri"), "utf-8")
    read = SopFolder(tmp_path).read()
    found = {profile.sop_id: profile for profile in read.profiles}
    assert set(found) == IDS | {"kediri"}
    assert found["blitar_si_jaran_ijo"].number.startswith("C/070")
    assert [profile.name for profile in read.profiles] == sorted(profile.name for profile in read.profiles)


def test_faulty_files_are_told_and_keep_nobody_from_the_others(tmp_path: Path) -> None:
    text = BLITAR.read_text("utf-8")
    for name in ("a.yaml", "b.yaml"):
        (tmp_path / name).write_text(text.replace("id: blitar_si_jaran_ijo", "id: kediri"), "utf-8")
    (tmp_path / "c.yaml").write_text("id: [", "utf-8")
    (tmp_path / "d.yaml").mkdir()
    read = SopFolder(tmp_path).read()
    assert {profile.sop_id for profile in read.profiles} == IDS | {"kediri"}
    assert [(mistake.code, mistake.params["file"]) for mistake in read.mistakes] == [
        ("sop.file_same_id", "b.yaml"),
        ("sop.file_yaml", "c.yaml"),
        ("sop.file_unreadable", "d.yaml"),
    ]
