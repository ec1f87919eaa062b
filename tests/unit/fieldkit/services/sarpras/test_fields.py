from __future__ import annotations

from pathlib import Path

import pytest
from support.app_context import KETUA, PENGURUS, TARGETS, Kit
from support.sarpras import SIGNATURE, fill, stock_inventory, take_out

from fieldkit.domain.errors import RuleError
from fieldkit.domain.letters.fields import fields_of
from fieldkit.domain.letters.forms import check, unfilled
from fieldkit.domain.letters.letter import LetterKind
from fieldkit.domain.people import Staff
from fieldkit.domain.sarpras import Condition


@pytest.fixture
def kit(tmp_path: Path):
    kit = Kit(tmp_path, KETUA)
    kit.plan(*TARGETS)
    stock_inventory(kit)
    yield kit
    kit.store.close()


def test_the_paper_of_what_left(kit: Kit) -> None:
    with kit.store.write() as unit:
        unit.repository(Staff).save(Staff("s1", "SRI HANDAYANI", "1980", "Penata", "Pengurus Barang", PENGURUS.user_id))
    sarpras = kit.context.office.sarpras
    found = sarpras.out.begin("a1")
    sarpras.out.travel(found.thing_id, "i8", 41_250, "penuh")
    letter = sarpras.papers.write_out(take_out(kit).thing_id)
    said = letter.fields
    check(LetterKind.BA_SARPRAS, said, fields_of(LetterKind.BA_SARPRAS))
    assert list(unfilled(said, fields_of(LetterKind.BA_SARPRAS))) == []
    assert (said["direction"], said["kit"]) == ("keluar", "Kit 07")
    assert said["keeper"]["jabatan"] == "Pengurus Barang"
    assert said["lead"]["name"] == KETUA.name
    assert said["items"][0] == {
        "goods_code": "",
        "inventory_number": "",
        "acquired": "",
        "name": "Pemindai sidik jari",
        "model": "",
        "serial": "SN-FIN-20817",
        "count": 1,
        "condition": "baik",
        "clean": "ya",
        "complete": "ya",
        "note": "kabel cadangan 1",
    }
    assert said["items"][7]["note"] == "BBM penuh"
    assert said["supplies"][0] == {"name": "Masker", "count": 20, "unit": "lembar", "note": ""}
    assert "Sri Handayani" in said["note"]


def test_the_paper_of_what_came_back_tells_use_way_and_what_is_missing(kit: Kit) -> None:
    sarpras = kit.context.office.sarpras
    started = sarpras.out.begin("a1")
    sarpras.out.travel(started.thing_id, "i8", 41_250, "penuh")
    take_out(kit)
    kit.seal(1, TARGETS[0])
    back = sarpras.back
    found = fill(back, back.begin("a1"))
    back.travel(found.thing_id, "i8", 41_298, "setengah")
    back.answer(found.thing_id, "i7", Condition.HILANG)
    back.note(found.thing_id, "i7", "dicuri")
    back.count(found.thing_id, "c1", 6)
    back.allow(found.thing_id, PENGURUS, SIGNATURE)
    done = back.close(found.thing_id)
    said = sarpras.papers.write_in(done.thing_id).fields
    assert said["direction"] == "masuk"
    assert said["supplies"][0]["note"] == "keluar 20, terpakai 14"
    generator, car = said["items"][6], said["items"][7]
    assert (generator["count"], generator["condition"], generator["clean"]) == (0, "hilang", "–")
    assert car["note"] == "48 km; BBM setengah"
    assert "1 rekaman yang belum terkirim" in said["note"]


def test_an_open_list_has_no_paper(kit: Kit) -> None:
    sarpras = kit.context.office.sarpras
    with pytest.raises(RuleError) as refusal:
        sarpras.papers.write_out(sarpras.out.begin("a1").thing_id)
    assert refusal.value.code == "sarpras.list_open"
    take_out(kit)
    with pytest.raises(RuleError):
        sarpras.papers.write_in(sarpras.back.begin("a1").thing_id)
