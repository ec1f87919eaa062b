"""The five SOPs of the program against the documents, word for word."""

from __future__ import annotations

import pytest
import yaml
from support.published import SOP_DOCUMENTS

from fieldkit.app.bootstrap.sop_profiles import own_profiles
from fieldkit.domain.sop.profile import SopProfile


@pytest.mark.parametrize("profile", own_profiles(), ids=lambda profile: profile.sop_id)
def test_an_sop_agrees_with_the_documents(profile: SopProfile) -> None:
    listed = yaml.safe_load(SOP_DOCUMENTS.read_text("utf-8"))["sop"]
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
