"""Blanks that go along with the sarpras: their ledger alone counts them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.app_context import KETUA, PENGURUS, TARGETS, Kit
from support.clock import NOW
from support.sarpras import KIT_ID, SIGNATURE, fill, stock_inventory

from fieldkit.domain.cards.blanks import BlankAct, BlankEntry, Ledger, read_runs
from fieldkit.domain.documents import Document
from fieldkit.domain.errors import InputError, RuleError
from fieldkit.domain.sarpras import BLANKS, CheckIn, CheckOut, Consumable, CountLine, Portion, SarprasKit
from fieldkit.services.context.office import Office
from fieldkit.services.sarpras.keep_inventory import Signers, fields_in, fields_out
from fieldkit.services.sarpras.lists import SarprasLists

KTP = Document.KTP_EL
BOX = "B01 – B20"


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    kit = Kit(tmp_path, KETUA)
    kit.plan(*TARGETS)
    stock_inventory(kit)
    portion(kit, 5)
    yield kit
    kit.store.close()


@pytest.fixture
def office(kit: Kit) -> Office:
    return kit.context.office


def portion(kit: Kit, count: int) -> None:
    with kit.store.write() as unit:
        had = unit.repository(SarprasKit).get(KIT_ID)
        unit.repository(SarprasKit).save(replace(had, portions=(Portion(BLANKS, count),)))


def note(kit: Kit, act: BlankAct, numbers: str, place: str = "", to: str = "") -> None:
    """Let the ledger know; those of the team may not write it themselves."""
    runs = read_runs(numbers)
    with kit.store.write() as unit:
        entry = BlankEntry(
            kit.context.office.units.ids.new(),
            "",
            act,
            KTP,
            sum(run.count for run in runs),
            kit.clock.now(),
            "u",
            place,
            to,
            runs,
        )
        unit.repository(BlankEntry).save(entry)


def line(found: CheckOut | CheckIn) -> CountLine:
    return next(each for each in found.checklist.counts if each.consumable_id == BLANKS)


def sign(lists: SarprasLists, found: CheckOut | CheckIn) -> str:
    fill(lists, found)
    lists.allow(found.thing_id, PENGURUS, SIGNATURE)
    return found.thing_id


def go(office: Office) -> CheckOut:
    office.sarpras.out.measure(office.sarpras.out.begin("a1").thing_id)
    return office.sarpras.out.close(sign(office.sarpras.out, office.sarpras.out.begin("a1")))


def places(office: Office) -> dict[str, int]:
    return {place: count for (sort, place), count in office.blanks.ledger().stock.items() if count and sort is KTP}


def test_before_the_first_box_no_blank_stands_on_the_list(office: Office) -> None:
    assert office.sarpras.out.begin("a1").checklist.counts == ()


def test_the_first_numbers_of_the_store_go_out_and_what_is_left_comes_back(kit: Kit, office: Office) -> None:
    note(kit, BlankAct.RECEIVED, BOX)
    note(kit, BlankAct.SPOILED, "B02")
    found = office.sarpras.out.begin("a1")
    assert line(found) == CountLine(BLANKS, "Blangko KTP-el", "keping", 19, 5, "B01, B03 – B06")
    four = office.sarpras.out.count(found.thing_id, BLANKS, 4)
    assert line(four).numbers == "B01, B03 – B05"
    with pytest.raises(InputError, match=r"sarpras\.beyond_stock"):
        office.sarpras.out.count(found.thing_id, BLANKS, 20)
    out = go(office)
    mine = office.blanks.kit_id
    assert places(office) == {"": 15, mine: 4}
    nobody, on = Signers({}, {}), kit.clock.today()
    assert [row["note"] for row in fields_out(out, nobody, on, {})["supplies"]] == ["B01, B03 – B05"]

    note(kit, BlankAct.PRINTED, "B01", mine)
    note(kit, BlankAct.SPOILED, "B05", mine)
    back = office.sarpras.back.begin("a1")
    assert (line(back).most, line(back).used, line(back).count) == (2, 2, 0)
    with pytest.raises(RuleError, match=r"sarpras\.blanks_differ"):
        office.sarpras.back.close(sign(office.sarpras.back, back), "tidak sempat")
    office.sarpras.back.count(back.thing_id, BLANKS, 2)
    done = office.sarpras.back.close(sign(office.sarpras.back, office.sarpras.back.begin("a1")))
    assert places(office) == {"": 17}
    (row,) = fields_in(out, done, nobody, on, {})["supplies"]
    assert (row["count"], row["note"]) == (2, "keluar 4, terpakai 2")
    assert office.blanks.book().troubles == []


def test_what_was_used_since_it_was_counted_is_counted_and_signed_anew(kit: Kit, office: Office) -> None:
    note(kit, BlankAct.RECEIVED, BOX)
    go(office)
    back = office.sarpras.back.begin("a1")
    office.sarpras.back.count(back.thing_id, BLANKS, 5)
    list_id = sign(office.sarpras.back, back)
    note(kit, BlankAct.PRINTED, "B03", office.blanks.kit_id)
    with pytest.raises(RuleError, match=r"sarpras\.beyond_stock"):
        office.sarpras.back.close(list_id)
    again = office.sarpras.back.begin("a1")
    assert (line(again).most, line(again).used, again.checklist.izin) == (4, 1, None)


def test_blanks_that_are_gone_before_the_team_leaves_are_chosen_anew(kit: Kit, office: Office) -> None:
    note(kit, BlankAct.RECEIVED, BOX)
    list_id = sign(office.sarpras.out, office.sarpras.out.begin("a1"))
    office.sarpras.out.measure(list_id)
    note(kit, BlankAct.PRINTED, "B03")
    with pytest.raises(RuleError, match=r"blank\.gone"):
        office.sarpras.out.close(list_id)
    again = office.sarpras.out.begin("a1")
    assert (line(again).numbers, again.checklist.izin) == ("B01 – B02, B04 – B06", None)
    note(kit, BlankAct.MOVED, "B04", to="KIT-77")
    with pytest.raises(RuleError, match=r"blank\.gone"):
        office.sarpras.out.close(sign(office.sarpras.out, again))


def test_blanks_are_no_consumable(tmp_path: Path) -> None:
    kit = Kit(tmp_path, PENGURUS)
    for name in ("Blangko KTP-el", "blangko  ktp el", "BLANGKO KTP-EL "):
        with pytest.raises(InputError, match=r"sarpras\.blank_in_ledger"):
            kit.context.office.inventory.keep_consumable(Consumable("c9", name, "keping", 60))
    assert "Blangko KTP-el" not in [each.name for each in kit.context.office.inventory.begin_with_usual()]
    kit.store.close()


ACTS = st.lists(st.tuples(st.sampled_from("pslorc"), st.integers(1, 6)), max_size=12)


@pytest.mark.days  # whole days of handing out and taking back
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=12, deadline=None)
@given(ACTS)
def test_whatever_a_day_brings_one_stock_has_one_number(kit: Kit, acts: list[tuple[str, int]]) -> None:
    office, mine = kit.context.office, kit.context.office.blanks.kit_id
    with kit.store.write() as unit:
        for thing in (BlankEntry, CheckOut, CheckIn):
            for each in unit.repository(thing).search():
                unit.repository(thing).remove(each.thing_id)
    note(kit, BlankAct.RECEIVED, BOX)
    out, used = None, {"": 0, mine: 0}
    for what, count in acts:
        place = mine if out is not None else ""
        kit.clock.advance(minutes=1)
        there = list(office.blanks.ledger().there(place))[:count]
        if what in "ps" and there:
            note(kit, BlankAct.PRINTED if what == "p" else BlankAct.SPOILED, ", ".join(there), place)
            used[place] += len(there)
        elif what in "lo" and out is None:
            portion(kit, count)
            used[mine], out = 0, go(office)
        elif what in "rc" and out is not None:
            back = office.sarpras.back.begin("a1")
            if line(back).count != line(back).most:
                office.sarpras.back.count(back.thing_id, BLANKS, line(back).most)
            done = office.sarpras.back.close(sign(office.sarpras.back, office.sarpras.back.begin("a1")))
            (told,) = fields_in(out, done, Signers({}, {}), kit.clock.today(), {})["supplies"]
            taken = line(out).count
            assert (told["count"], told["note"]) == (taken - used[mine], f"keluar {taken}, terpakai {used[mine]}")
            used[""], used[mine], out = used[""] + used[mine], 0, None
        ledger = office.blanks.ledger()
        assert ledger.left(KTP) == 20 - sum(used.values()) == len({*ledger.there(""), *ledger.there(mine)})
        assert all(len(list(ledger.there(at))) == ledger.stock.get((KTP, at), 0) for at in ("", mine))
        assert ledger.troubles() == []


def test_a_ledger_says_what_became_of_numbers() -> None:
    box = read_runs("B01 – B06, C1, XYZ")
    came = BlankEntry("e1", "", BlankAct.RECEIVED, KTP, 8, NOW, "u", runs=box)
    uses = [
        BlankEntry(f"e{at}", "", act, KTP, 1, NOW, "u", runs=read_runs(number))
        for at, (act, number) in enumerate(
            [(BlankAct.PRINTED, "B01"), (BlankAct.SPOILED, "XYZ"), (BlankAct.COUNTED, "B03")], 2
        )
    ]
    moved = BlankEntry("e9", "", BlankAct.MOVED, KTP, 1, NOW, "u", to="KIT-1", runs=read_runs("B05"))
    ledger = Ledger.of([came, *uses, moved])
    assert list(ledger.there("")) == ["B02", "B04", "B06", "C1"]
    assert ledger.became(box, "") == (("B02", "B04", "B06", "C1"), 2)
    assert ledger.became(box, "KIT-1") == (("B05",), 2)
