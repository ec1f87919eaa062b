from __future__ import annotations

import shutil
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.clock import HandClock
from support.laptops import ACT, Laptop, opened, sealer
from support.tries import tries

from fieldkit.app.bootstrap.kit_settings import HmacNikKey
from fieldkit.domain.cards.blanks import BlankAct, BlankEntry, Ledger, Run
from fieldkit.domain.cards.card import Document, MarkKind, Place
from fieldkit.domain.delivery import DeliveryState
from fieldkit.domain.errors import InputError, KnownError, RuleError
from fieldkit.domain.exchange import Watermark
from fieldkit.domain.people import Permission, Role, User
from fieldkit.domain.planning.outreach import TargetState, TargetVerdict
from fieldkit.domain.sop.run import SopRun, StepState
from fieldkit.domain.sop.standing import SopGlance
from fieldkit.domain.visits import Outcome, Perekaman, Visit
from fieldkit.services.cards.hand_over import Received
from fieldkit.services.exchange.exchange import BundleTools, Exchange
from fieldkit.services.sop.run_sop import choose_perekaman
from fieldkit.services.visits.run_visits import Ended, OfficialProof
from fieldkit.vault.certificates import create_ca

PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)
AWAY = Ended(Outcome.TIDAK_DI_TEMPAT, wants_revisit=True)
NO = Ended(Outcome.MENOLAK)


def blanks_of(laptop: Laptop) -> list[BlankEntry]:
    with laptop.store.read() as unit:
        return sorted(unit.repository(BlankEntry).search(), key=lambda entry: entry.thing_id)


@pytest.mark.days
def test_what_laptops_write_into_the_ledger_of_blanks_is_neither_lost_nor_doubled(three: list[Laptop]) -> None:
    one, two, _ = three
    box, kia = (Run("B01", "B09"),), Document.KIA
    for laptop, act, sort, runs in (
        (one, BlankAct.RECEIVED, Document.KTP_EL, box),
        (one, BlankAct.PRINTED, Document.KTP_EL, (Run("B01", "B01"),)),
        (two, BlankAct.PRINTED, Document.KTP_EL, (Run("B01", "B01"),)),
        (two, BlankAct.RECEIVED, kia, ()),
    ):
        with laptop.units.write(Permission.REGISTER) as work:
            count = sum(run.count for run in runs) or 5
            entry = BlankEntry(work.ids.new(), "", act, sort, count, work.at, laptop.user.user_id, runs=runs)
            work.keep(entry, f"blank_{act.value}")
    back_and_forth(*three)
    told = [blanks_of(laptop) for laptop in three]
    assert told[0] == told[1] == told[2]
    ledger = Ledger.of(told[0])
    assert (len(told[0]), ledger.left(Document.KTP_EL), ledger.left(kia)) == (4, 7, 5)
    assert [(each.key, each.about) for each in ledger.troubles()] == [("blangko.used_twice", "B01")]


def test_a_recording_in_the_official_application_is_known_to_the_other_laptop(pair: list[Laptop]) -> None:
    one, other = pair
    with one.units.write(Permission.VISIT) as work:
        choose_perekaman(work, ACT, Perekaman.RESMI)
    one.tell(other)
    visit = other.visits.begin("t-0")
    other.visits.end(visit.thing_id, Ended(Outcome.DIREKAM_RESMI, official=OfficialProof("Laptop SIAK 02")))
    other.tell(one)
    with one.store.read() as unit:
        nik = unit.targets.get("t-0").biodata.nik.digits
        # Each laptop recognises a NIK by a key of its own.
        (known,) = unit.records.by_nik(HmacNikKey(one.kit.encode()).digest(nik), nik)
        assert (known.record.record_id, known.state) == ("t-0", DeliveryState.OFFICIAL)
        assert unit.targets.get("t-0").state is TargetState.RECORDED
        assert not unit.revisions.conflicts()


def back_and_forth(*laptops: Laptop, times: int = 3) -> None:
    """Carry files until everybody knows what everybody knows."""
    for _ in range(times):
        for one in laptops:
            one.tell(*(other for other in laptops if other is not one))


def code_of(error: pytest.ExceptionInfo[KnownError]) -> str:
    return error.value.code


def step(laptop: Laptop, no: int) -> StepState:
    with laptop.store.read() as unit:
        return unit.repository(SopRun).get(ACT).state(no)


def test_a_new_laptop_gets_everything_by_a_code(pair: list[Laptop]) -> None:
    a, b = pair
    assert a.shown() == b.shown()
    assert [target.biodata.name for target in b.visits.round(ACT)] == [f"WARGA {n}" for n in range(4)]
    assert [peer.kit for peer in a.exchange.team().peers] == ["KIT-B", "KIT-C"]
    with b.store.read() as unit:
        assert unit.repository(SopGlance).get(ACT).total == 4


def test_known_laptops_need_no_code_and_get_only_what_is_new(pair: list[Laptop]) -> None:
    a, b = pair
    a.visits.begin("t-0")
    made = a.exchange.make()
    assert (made.code, made.kits, made.things) == ("", ("KIT-B", "KIT-C"), 2)  # the visit and the run of the SOP
    assert made.name.startswith("KIT-A-20261121-")
    taken = b.exchange.take(made.content)
    assert (taken.kit, taken.by, taken.new, taken.same, taken.conflicts) == ("KIT-A", "Rina Wulandari", 2, 0, 0)


@pytest.mark.days
def test_work_of_both_is_there_once(pair: list[Laptop]) -> None:
    a, b = pair
    first, second = a.visits.begin("t-0"), b.visits.begin("t-1")
    a.visits.end(first.thing_id, AWAY)
    b.visits.end(second.thing_id, NO)
    a.handover.hand_on(["card-0"], Place.DESA, "Suyatno")
    b.handover.receive("card-1", Received("Sutrisno", "anak", "KK", MarkKind.THUMB, PNG))
    a.out.begin(ACT, ("kit-0",))
    a.take_masks(5)
    b.take_masks(7)
    back_and_forth(a, b)
    assert a.shown() == b.shown()
    assert a.exchange.team().conflicts == 0
    for laptop in pair:
        with laptop.store.read() as unit:
            assert {visit.thing_id for visit in unit.repository(Visit).of(ACT)} == {first.thing_id, second.thing_id}
            assert [unit.targets.get(f"t-{n}").state for n in range(3)] == [
                TargetState.POSTPONED,
                TargetState.CANCELLED,
                TargetState.PLANNED,
            ]
            receipt = unit.repository(type(laptop.handover.get("card-1"))).get("card-1").receipt
            assert receipt is not None
            assert unit.attachments.get(receipt.attachment_id).content == PNG
            assert unit.events.verify()[1] is None
        assert laptop.masks == 88


def test_the_same_file_twice_changes_nothing(pair: list[Laptop]) -> None:
    a, b = pair
    a.visits.begin("t-0")
    made = a.exchange.make()
    b.exchange.take(made.content)
    shown, state = b.shown(), b.state()
    again = b.exchange.take(made.content)
    assert (again.new, again.merged, again.conflicts, again.events) == (0, 0, 0, 0)
    assert (b.shown(), b.state()) == (shown, state)


@pytest.mark.days
def test_the_same_visit_on_both_waits_for_a_person(pair: list[Laptop]) -> None:
    a, b = pair
    visit = a.visits.begin("t-0")
    back_and_forth(a, b)
    a.clock.advance(minutes=5)
    a.visits.end(visit.thing_id, NO)
    b.clock.advance(minutes=9)
    b.visits.end(visit.thing_id, AWAY)
    (told,) = a.tell(b)
    assert told.conflicts == 1
    b.tell(a)
    for laptop in pair:
        assert laptop.exchange.team().conflicts == 1
        (conflict,) = laptop.conflicts.all()
        assert (conflict.kind, conflict.about) == ("visit", "WARGA 0")
        assert {side.by for side in conflict.sides} == {"Rina Wulandari", "Bagus Santoso"}
    assert a.shown() == b.shown()


@pytest.mark.days
def test_parts_of_one_sop_come_together(pair: list[Laptop]) -> None:
    """Each laptop handed over some of the documents; only together they are all."""
    a, b = pair
    for laptop, cards in ((a, ["card-0", "card-1"]), (b, ["card-2", "card-3"])):
        laptop.handover.hand_on(cards, Place.DESA, "Suyatno")
    assert step(a, 3) is not StepState.DONE
    back_and_forth(a, b)
    assert step(a, 3) is step(b, 3) is StepState.DONE
    assert a.exchange.team().conflicts == 0
    assert a.shown() == b.shown()


@pytest.mark.days
def test_a_check_on_one_and_a_visit_on_the_other_are_both_true(pair: list[Laptop]) -> None:
    a, b = pair
    with a.store.write() as unit:
        unit.targets.judge(["t-0"], TargetVerdict.TERVERIFIKASI)
    b.visits.end(b.visits.begin("t-0").thing_id, AWAY)
    (told,) = a.tell(b)
    assert (told.new, told.merged, told.conflicts) == (0, 1, 0)
    back_and_forth(a, b)
    with a.store.read() as unit:
        target = unit.targets.get("t-0")
    assert (target.verdict, target.state) == (TargetVerdict.TERVERIFIKASI, TargetState.POSTPONED)
    assert a.exchange.team().conflicts == 0


@pytest.mark.days
def test_a_third_laptop_hears_of_one_through_the_other(three: list[Laptop]) -> None:
    a, b, c = three
    visit = a.visits.begin("t-0")
    a.tell(b)
    b.tell(c)
    with c.store.read() as unit:
        assert unit.repository(Visit).get(visit.thing_id).by == "rina"
        assert unit.events.verify()[1] is None
    back_and_forth(a, b, c)
    assert a.shown() == b.shown() == c.shown()


@pytest.mark.days
def test_stock_taken_on_three_laptops_is_gone_once(three: list[Laptop]) -> None:
    a, b, c = three
    a.take_masks(1)
    b.take_masks(2)
    a.tell(b)
    b.tell(a)
    a.take_masks(3)
    b.take_masks(4)
    c.take_masks(5)
    back_and_forth(c, a, b)
    assert (a.masks, b.masks, c.masks) == (85, 85, 85)


def test_a_laptop_that_was_never_met_opens_nothing_without_a_code(pair: list[Laptop], tmp_path: Path) -> None:
    a = pair[0]
    d = Laptop("KIT-D", tmp_path / "D", HandClock(), User("eko", "Eko", Role.KETUA_TIM))
    with pytest.raises(InputError) as refusal:
        d.exchange.take(a.exchange.make().content)
    assert code_of(refusal) == "exchange.for_others"
    a.tell(d, for_new=True)
    assert d.shown() == a.shown()
    d.store.close()


def test_a_file_that_presumes_an_unread_one_is_refused(pair: list[Laptop]) -> None:
    a, b = pair
    with a.store.write() as unit:
        watermark = unit.revisions.watermark()
        (peer,) = [each for each in unit.revisions.peers() if each.kit == "KIT-B"]
        unit.revisions.keep_peer(replace(peer, knows=Watermark(watermark.revision + 1, watermark.event + 1)))
        (other,) = [each for each in unit.revisions.peers() if each.kit == "KIT-C"]
        unit.revisions.keep_peer(replace(other, knows=Watermark(watermark.revision + 1, watermark.event + 1)))
    before = b.shown()
    with pytest.raises(InputError) as refusal:
        b.exchange.take(a.exchange.make().content)
    assert code_of(refusal) == "exchange.gap"
    assert b.shown() == before
    a.tell(b, for_new=True)


def test_nothing_of_a_bad_file_is_taken(pair: list[Laptop]) -> None:
    a, b = pair
    a.visits.begin("t-0")
    before = b.shown()
    made = a.exchange.make()
    first = a.exchange.make(for_new=True)
    bad = bytearray(made.content)
    bad[-20] ^= 1
    stranger = Exchange(
        a.units, BundleTools("KIT-A", a.exchange._tools.codec, sealer("KIT-A", a.user, create_ca("X", a.clock.now())))
    )
    strange = stranger.make(for_new=True)
    borrowed = Exchange(a.units, BundleTools("KIT-C", a.exchange._tools.codec, a.seal)).make(for_new=True)
    for content, code, wanted in (
        (b"bukan berkas", "", "exchange.not_a_parcel"),
        (bytes(bad), "", "exchange.damaged"),
        (made.content[:-7], "", "exchange.damaged"),
        (first.content, "", "exchange.wrong_code"),
        (first.content, "AAAA-BBBB-CCCC-DDDD", "exchange.wrong_code"),
        (strange.content, strange.code, "exchange.untrusted"),
        (borrowed.content, borrowed.code, "exchange.untrusted"),  # it says another kit than its seal
    ):
        with pytest.raises(InputError) as refusal:
            b.exchange.take(content, code)
        assert code_of(refusal) == wanted
    assert b.shown() == before
    with pytest.raises(RuleError) as own:
        a.exchange.take(first.content, first.code)
    assert code_of(own) == "exchange.own_file"


def test_an_old_copy_of_a_store_is_named(pair: list[Laptop], begun: Path, tmp_path: Path) -> None:
    a, b = pair
    a.visits.begin("t-0")
    a.tell(b)
    copy = opened(shutil.copytree(begun, tmp_path / "copy"), "A")
    copy.visits.begin("t-1")
    made = copy.exchange.make(for_new=True)
    with pytest.raises(RuleError) as refusal:
        b.exchange.take(made.content, made.code)
    assert code_of(refusal) == "exchange.fork"
    copy.store.close()


def test_the_code_is_nowhere_in_the_file_and_neither_are_names(pair: list[Laptop]) -> None:
    made = pair[0].exchange.make(for_new=True)
    assert made.code.encode() not in made.content
    assert b"WARGA" not in made.content
    assert b"Rina" not in made.content


def test_who_may_not_send_makes_no_file_and_opens_none(tmp_path: Path) -> None:
    laptop = Laptop("KIT-A", tmp_path, HandClock(), User("x", "X", Role.OPERATOR_CETAK))
    exchange = laptop.exchange
    for act in (exchange.make, lambda: exchange.make_for({"KIT-B": "x"}), lambda: exchange.take(b"bukan berkas")):
        with pytest.raises(RuleError, match=r"role\.not_yours"):
            act()
    assert exchange.team().made_at is None
    laptop.store.close()


# --- any order

ACTS = ("begin", "end", "annotate", "hand_on", "receive", "attempt", "out", "masks", "tick", "tell")
HANDS = st.lists(st.tuples(st.sampled_from("ABC"), st.sampled_from(ACTS), st.integers(0, 3)), min_size=4, max_size=20)
_numbers = count()


def act(laptop: Laptop, other: Laptop, what: str, which: int) -> None:
    """Do something, if it can be done."""
    laptop.clock.advance(minutes=1)
    try:
        match what:
            case "begin":
                laptop.visits.begin(f"t-{which}")
            case "end" | "annotate":
                with laptop.store.read() as unit:
                    visits = [each for each in unit.repository(Visit).of(ACT) if each.target_id == f"t-{which}"]
                if visits and what == "end":
                    laptop.visits.end(visits[-1].thing_id, NO if laptop.kit == "KIT-A" else AWAY)
                elif visits:
                    laptop.visits.annotate(visits[-1].thing_id, note=f"catatan {laptop.kit}")
            case "hand_on":
                laptop.handover.hand_on([f"card-{which}"], Place.DESA, "Suyatno")
            case "receive":
                laptop.handover.receive(f"card-{which}", Received("S", "anak", "KK", MarkKind.SIGNATURE, PNG))
            case "attempt":
                laptop.handover.note_attempts([f"card-{which}"], "rumah kosong")
            case "out":
                laptop.out.begin(ACT, (f"kit-{which % 2}",))
            case "masks":
                laptop.take_masks(which)
            case "tick":
                with laptop.units.write(Permission.RECORD) as work:
                    work.unit.targets.judge([f"t-{which}"], TargetVerdict.TERVERIFIKASI)
            case "tell":
                laptop.tell(other)
    except (RuleError, InputError):
        pass  # the other order made it impossible; nothing was done


@pytest.mark.days
@settings(max_examples=tries(12), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(hands=HANDS)
def test_whatever_was_done_in_whatever_order_all_end_up_the_same(
    begun: Path, tmp_path_factory: pytest.TempPathFactory, hands: list[tuple[str, str, int]]
) -> None:
    home = tmp_path_factory.mktemp("any") / str(next(_numbers))
    shutil.copytree(begun, home)
    laptops = {name: opened(home, name) for name in "ABC"}
    a, b, c = laptops.values()
    taken = 0
    visits: set[str] = set()
    for name, what, which in hands:
        act(laptops[name], [x for x in (a, b, c) if x is not laptops[name]][which % 2], what, which)
        taken += which if what == "masks" else 0
        with laptops[name].store.read() as unit:
            visits |= {visit.thing_id for visit in unit.repository(Visit).of(ACT)}
    back_and_forth(a, b, c)
    assert a.state() == b.state() == c.state()
    assert a.shown() == b.shown() == c.shown()
    assert a.masks == b.masks == c.masks == 100 - taken
    for laptop in (a, b, c):
        with laptop.store.read() as unit:
            assert {visit.thing_id for visit in unit.repository(Visit).of(ACT)} == visits
            assert unit.events.verify()[1] is None
            every = unit.connection.exec_driver_sql("SELECT count(*), count(DISTINCT event_id) FROM events").one()
            assert every[0] == every[1]
    while found := a.conflicts.all():
        a.conflicts.keep(found[0], 0)
    back_and_forth(a, b, c, times=2)
    assert a.exchange.team().conflicts == b.exchange.team().conflicts == 0
    assert a.shown() == b.shown() == c.shown()
    for laptop in (a, b, c):
        laptop.store.close()
