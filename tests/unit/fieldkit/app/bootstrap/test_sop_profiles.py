"""The five SOPs of the program, and those of a dinas beside them."""

from __future__ import annotations

from pathlib import Path
from zlib import crc32

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from support.clock import NOW
from support.sops import ACTS, play_to_the_end

from fieldkit.app.bootstrap.sop_profiles import SopFolder, own_profiles
from fieldkit.domain.sop.profile import DOES, Fulfilment, SopProfile
from fieldkit.domain.sop.run import begin_run

ROOT = Path(__file__).parents[5]
FACTS = yaml.safe_load(Path(__file__).with_name("sop_facts.yaml").read_text("utf-8"))
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


@pytest.mark.parametrize("profile", own_profiles(), ids=lambda profile: profile.sop_id)
def test_an_sop_says_what_the_documents_say(profile: SopProfile) -> None:
    stated = FACTS[profile.sop_id]
    assert (profile.number, profile.name, profile.office, profile.region) == tuple(
        stated[field] for field in ("number", "name", "office", "region")
    )
    assert [column.name for column in profile.columns] == stated["columns"]
    assert profile.standard_minutes == stated["minutes"]
    working = sum(step.standard.working_minutes or 0 for step in profile.steps if step.standard)
    assert working == stated["working_minutes"]
    assert [step.no for step in profile.steps] == list(range(1, len(stated["steps"]) + 1))
    assert crc32("\n".join(step.words for step in profile.steps).encode()) == stated["words"]
    assert [step.no for step in profile.steps if step.is_terminator] == stated["ends_itself"]
    branches = {step.no: [branch.to for branch in step.branches] for step in profile.steps if step.branches}
    assert branches == stated["branches"]
    assert len(profile.sla) == stated["sla"]


@pytest.mark.parametrize("profile", own_profiles(), ids=lambda profile: profile.sop_id)
def test_a_step_says_what_the_documents_say(profile: SopProfile) -> None:
    stated = FACTS[profile.sop_id]
    for step, (begins, time, has_inputs, has_outputs, *actors) in zip(profile.steps, stated["steps"], strict=True):
        assert step.words.startswith(begins), step.no
        standard = step.standard
        ours = standard and [standard.words, standard.minutes, standard.unit.value, standard.working_minutes]
        assert ours == time, step.no
        read = {(stated["columns"][column - 1], *(part or [DOES]), sure) for column, *part, sure in actors}
        assert {(a.column, a.part, a.confidence) for a in step.actors} == read, step.no
        does = [sure for _, part, sure in read if part == DOES]
        assert (step.doer.confidence if step.doer else None) == (max(does) if does else None), step.no
        assert bool(step.inputs) == has_inputs, step.no
        assert step.outputs or not has_outputs, step.no


@pytest.mark.parametrize("profile", own_profiles(), ids=lambda profile: profile.sop_id)
def test_the_program_can_tell_of_every_step_but_a_terminator(profile: SopProfile) -> None:
    assert [step.no for step in profile.steps if not step.fulfilled_by and not step.is_terminator] == []


def test_every_fact_completes_a_step_somewhere() -> None:
    told = {fact for p in own_profiles() for step in p.steps for group in step.fulfilled_by for fact in group}
    elsewhere = {Fulfilment.EVALUATED, Fulfilment.PHOTOS_TAKEN}  # an SOP that ends with it; the example of KIA
    assert set(Fulfilment) - told == elsewhere


@pytest.mark.days
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
