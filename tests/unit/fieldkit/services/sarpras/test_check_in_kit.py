from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from support.app_context import KETUA, PENGURUS, TARGETS, Kit
from support.letters import KASI
from support.sarpras import SIGNATURE, fill, stock_inventory, take_out, verdict

from fieldkit.domain.errors import InputError, RuleError
from fieldkit.domain.sarpras import CheckOut, Condition, Consumable, DamageReport, SarprasItem, SarprasKit, Unsent
from fieldkit.domain.sop.profile import Fulfilment
from fieldkit.ports.devices import DeviceKind
from fieldkit.services.sarpras import check_out_kit
from fieldkit.services.sarpras.check_out_kit import CheckInKit


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    kit = Kit(tmp_path, KETUA)
    kit.plan(*TARGETS)
    stock_inventory(kit)
    yield kit
    kit.store.close()


@pytest.fixture
def back(kit: Kit) -> CheckInKit:
    return kit.context.office.sarpras.back


def bring_back(kit: Kit) -> str:
    """Fill the list, everything good and signed; return its id."""
    back = kit.context.office.sarpras.back
    found = fill(back, back.begin("a1"))
    back.allow(found.thing_id, PENGURUS, SIGNATURE)
    return found.thing_id


def test_nothing_comes_back_that_is_not_out(kit: Kit, back: CheckInKit) -> None:
    with pytest.raises(RuleError) as refusal:
        back.begin("a1")
    assert refusal.value.code == "sarpras.not_out"
    assert back.current("a1") is None


def test_the_same_lines_come_back_with_nothing_answered(kit: Kit, back: CheckInKit) -> None:
    out = take_out(kit)
    found = back.begin("a1")
    assert [line.item_id for line in found.checklist.lines] == [line.item_id for line in out.checklist.lines]
    assert {line.condition for line in found.checklist.lines} == {None}
    assert {line.before for line in found.checklist.lines} == {Condition.BAIK}
    assert [(c.name, c.most, c.count) for c in found.checklist.counts] == [
        ("Masker", 20, 0),
        ("Sarung tangan", 20, 0),
        ("Tisu", 4, 0),
    ]
    assert back.begin("a1") == found  # going on, not anew
    assert found.check_out == out.thing_id


def test_it_comes_back_and_the_rest_goes_to_stock(kit: Kit, back: CheckInKit) -> None:
    out = take_out(kit)
    found = back.begin("a1")
    back.count(found.thing_id, "c1", 6)
    with pytest.raises(InputError) as refusal:
        back.count(found.thing_id, "c1", 21)
    assert refusal.value.code == "sarpras.more_back_than_out"
    done = back.close(bring_back(kit))
    assert done.in_at is not None
    with kit.store.read() as unit:
        assert unit.repository(Consumable).get("c1").stock == 100 - 20 + 6
        assert unit.repository(Consumable).get("c3").stock == 8 - 4
        assert unit.repository(CheckOut).get(out.thing_id).check_in == done.thing_id
    with pytest.raises(RuleError):
        back.begin("a1")
    with pytest.raises(RuleError) as closed:
        back.close(done.thing_id)
    assert closed.value.code == "sarpras.list_closed"


def test_damage_is_described_reported_and_blocks_the_next_use(kit: Kit, back: CheckInKit) -> None:
    take_out(kit)
    list_id = bring_back(kit)
    back.answer(list_id, "i1", Condition.RUSAK_BERAT)
    back.allow(list_id, PENGURUS, SIGNATURE)
    with pytest.raises(RuleError) as undescribed:
        back.close(list_id)
    assert undescribed.value.code == "sarpras.no_damage_note"
    back.note(list_id, "i1", "kabel putus")
    back.add_photo(list_id, "i1", b"\xff\xd8")
    back.allow(list_id, PENGURUS, SIGNATURE)
    back.close(list_id)
    with kit.store.read() as unit:
        (report,) = unit.repository(DamageReport).of("a1")
    assert (report.item_id, report.before, report.after, report.note) == (
        "i1",
        Condition.BAIK,
        Condition.RUSAK_BERAT,
        "kabel putus",
    )
    assert len(report.photos) == 1
    out = kit.context.office.sarpras.out
    again = fill(out, out.begin("a1"), but={"i1"})
    out.turn_complete(again.thing_id, "i1")
    out.turn_clean(again.thing_id, "i1")
    out.allow(again.thing_id, PENGURUS, SIGNATURE)
    with pytest.raises(RuleError) as blocked:
        out.close(again.thing_id)
    assert blocked.value.code == "sarpras.item_broken"


def test_a_lost_item_is_known_to_the_inventory(kit: Kit, back: CheckInKit) -> None:
    take_out(kit)
    list_id = bring_back(kit)
    back.answer(list_id, "i4", Condition.HILANG)
    back.note(list_id, "i4", "tertinggal di balai desa")
    back.allow(list_id, PENGURUS, SIGNATURE)
    back.close(list_id)
    with kit.store.read() as unit:
        assert unit.repository(SarprasItem).get("i4").condition is Condition.HILANG


def test_what_went_out_as_lost_is_not_asked_for(kit: Kit, back: CheckInKit) -> None:
    out = kit.context.office.sarpras.out
    found = fill(out, out.begin("a1"))
    out.answer(found.thing_id, "i7", Condition.HILANG)
    out.allow(found.thing_id, PENGURUS, SIGNATURE)
    out.close(found.thing_id)
    assert "i7" not in {line.item_id for line in back.begin("a1").checklist.lines}


def test_a_laptop_with_unsent_records_says_so(kit: Kit, back: CheckInKit) -> None:
    take_out(kit)
    assert back.begin("a1").unsent == Unsent(0, None)
    kit.seal(1, TARGETS[0], timedelta(hours=5))
    kit.seal(2, TARGETS[1], timedelta(hours=2))
    found = back.begin("a1")
    assert found.unsent == back.get(found.thing_id).unsent == Unsent(2, kit.clock.now() - timedelta(hours=5))
    assert "sarpras.unsent" in {c.problem.code for c in back.concerns(found)}
    assert back.close(bring_back(kit)).unsent.count == 2  # said, not forbidden


def test_a_return_without_the_keeper_needs_the_team_leads_reason(kit: Kit, back: CheckInKit) -> None:
    take_out(kit)
    found = fill(back, back.begin("a1"))
    with pytest.raises(RuleError) as unsigned:
        back.close(found.thing_id)
    assert unsigned.value.code == "sarpras.not_received"
    assert back.close(found.thing_id, "kantor tutup").override == "kantor tutup"


def test_the_self_test_fills_the_returning_list_too(kit: Kit, back: CheckInKit) -> None:
    take_out(kit)
    found = back.begin("a1")
    kit.context.office.sarpras.tests.keep([verdict(DeviceKind.IRIS)])
    test = back.get(found.thing_id).checklist.line("i2").test
    assert test is not None
    assert test.is_ok


def test_who_opens_it_fills_it_or_looks_at_the_last_one(kit: Kit, back: CheckInKit) -> None:
    theirs = kit.context_of(KASI).office.sarpras
    with pytest.raises(RuleError, match=r"sarpras\.not_out"):
        back.open("a1")
    out = take_out(kit)
    with pytest.raises(RuleError, match=r"role\.not_yours"):
        theirs.back.open("a1")
    assert theirs.lists("out").open("a1") == kit.context.office.sarpras.out.open("a1") == out
    begun = back.open("a1")
    assert theirs.lists("in").open("a1") == begun
    done = back.close(bring_back(kit))
    assert back.open("a1") == done  # to look at
    again = take_out(kit)
    assert back.open("a1").check_out == again.thing_id != out.thing_id


def acts(kit: Kit, thing_id: str) -> list[str]:
    with kit.store.read() as unit:
        return [event.kind for event in unit.events.of(thing_id)]


def test_it_is_compared_with_how_it_went(kit: Kit, back: CheckInKit) -> None:
    out = kit.context.office.sarpras.out
    left = fill(out, out.begin("a1"))
    out.answer(left.thing_id, "i1", Condition.RUSAK_RINGAN)
    out.count(left.thing_id, "c2", 0)
    out.allow(left.thing_id, PENGURUS, SIGNATURE)
    out.close(left.thing_id)
    found = back.begin("a1")
    assert found.checklist.line("i1").before is Condition.RUSAK_RINGAN
    assert [line.consumable_id for line in found.checklist.counts] == ["c1", "c3"]


def test_only_what_is_worse_than_it_went_is_reported(kit: Kit, back: CheckInKit) -> None:
    take_out(kit)
    list_id = bring_back(kit)
    for item_id in ("i1", "i7"):
        back.answer(list_id, item_id, Condition.HILANG)
        back.note(list_id, item_id, "tidak ketemu")
    back.allow(list_id, PENGURUS, SIGNATURE)
    back.close(list_id)
    with kit.store.read() as unit:
        assert {report.item_id for report in unit.repository(DamageReport).of("a1")} == {"i1", "i7"}


def test_what_is_counted_back_is_an_act_and_nothing_else_is(kit: Kit, back: CheckInKit) -> None:
    take_out(kit)
    found = back.begin("a1")
    assert back.begin("a1") == found
    assert acts(kit, found.thing_id) == ["sarpras_in_begun"]
    back.count(found.thing_id, "c1", 20)
    back.close(bring_back(kit))
    assert [acts(kit, name) for name in ("c1", "c2")] == [["sarpras_stock"] * 2, ["sarpras_stock"]]


def test_a_record_with_its_receipt_is_not_left_behind(kit: Kit, back: CheckInKit) -> None:
    take_out(kit)
    record = kit.seal(1, TARGETS[0])
    kit.outbox.mark_sending(record)
    kit.outbox.mark_received(record)
    kit.outbox.acknowledge(record, "receipt", kit.clock.now())
    assert back.begin("a1").unsent == Unsent(0, None)


def test_a_closed_list_is_looked_at_until_something_is_out_again(kit: Kit, back: CheckInKit) -> None:
    take_out(kit)
    done = back.close(bring_back(kit))
    assert back.open("a1") == done
    out = kit.context.office.sarpras.out
    assert not out.begin("a1").is_out
    assert back.open("a1") == done
    with kit.store.write() as unit:
        unit.repository(SarprasKit).save(SarprasKit("kit-8", "Kit 08", ("i6",)))
    assert back.current("a2") is None


def test_the_sop_hears_that_it_is_back(kit: Kit, back: CheckInKit, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[tuple[str, Fulfilment, str]] = []
    take_out(kit)
    monkeypatch.setattr(check_out_kit, "fulfil", lambda _work, at, fact, thing: heard.append((at, fact, thing)))
    done = back.close(bring_back(kit))
    assert heard == [("a1", Fulfilment.SARPRAS_IN, done.thing_id)]
