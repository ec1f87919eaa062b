from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from support.clock import NOW
from support.kept import sealed

from fieldkit.domain.delivery import (
    BELIEVED_AHEAD,
    FILES_ACCEPTED,
    HELD_BACK,
    STATE_KEPT,
    UNACKNOWLEDGED,
    AnchorSource,
    AuditFault,
    AuditReport,
    CentralCode,
    CentralStatus,
    DeliveryState,
    Loss,
    OfficeTask,
    Proven,
    QueueEntry,
    Witness,
    WorkPart,
    advance,
    chain_faults,
    follows,
    gate_day,
    is_dead,
    is_due,
    kept_value,
    known_code,
    known_losses,
    looks_illegal,
    noted_state,
    part_of,
    proven_to,
    state_faults,
    task_after,
    task_of,
    typed_code,
    usual_next,
    writings_of,
)
from fieldkit.domain.errors import RuleError
from fieldkit.domain.events import ChainHead, Event, canonical_json, digest_of


def event(sequence: int, kind: str = "seen", aggregate: str = "x", chain: str = "c1", **payload: object) -> Event:
    made = Event(
        *(f"e{sequence}", "K01", chain, sequence, "u", NOW, aggregate, 0, kind, canonical_json(payload), "", "")
    )
    return replace(made, digest=digest_of(made.line()))


ROWS = tuple(event(number) for number in range(1, 6))
CHAINS = {"c0": (event(1, chain="c0"),), "c1": ROWS}


def witness(sequence: int, digest: str = "", *, is_proof: bool = False, chain: str = "c1") -> Witness:
    known = CHAINS.get(chain, ())
    digest = digest or (known[sequence - 1].digest if sequence <= len(known) else "f" * 64)
    source = AnchorSource.CENTER if is_proof else AnchorSource.KIT
    return Witness(ChainHead(chain, sequence, digest), source, NOW + timedelta(hours=sequence), is_proof)


def test_what_witnesses_know_is_there() -> None:
    assert list(chain_faults(CHAINS, [witness(3), witness(5), witness(1, chain="c0")])) == []


def test_a_row_is_found_by_its_number_also_where_others_are_missing() -> None:
    assert list(chain_faults({"c1": ROWS[2:]}, [witness(3), witness(5)])) == []
    gap = [AuditFault("chain", "c1:3", "audit.tail_missing")]
    assert list(chain_faults({"c1": (*ROWS[:2], ROWS[3])}, [witness(3), witness(4)])) == gap
    assert [AuditReport(5, None, faults).is_ok for faults in ((), tuple(gap))] == [True, False]


def test_a_shorter_chain_and_another_row_are_named_once() -> None:
    known = [witness(7), witness(8), witness(3, "0" * 64), witness(1, chain="gone")]
    assert list(chain_faults(CHAINS, known)) == [
        AuditFault("chain", "gone:1", "audit.tail_missing"),
        AuditFault("chain", "c1:3", "audit.rewritten"),
        AuditFault("chain", "c1:7", "audit.tail_missing"),
    ]


def after_an_older_copy(kept: str, kind: str = "chain_begun") -> dict[str, tuple[Event, ...]]:
    """Return the log after an older copy was put back: a new chain says where the one before it ends."""
    begun = event(1, kind, chain="c2", reason="older_store", kept=kept)
    return {**CHAINS, "c2": (begun, event(2, chain="c2"))}


def at_center(head: ChainHead) -> Witness:
    return Witness(head, AnchorSource.CENTER, NOW, is_proof=True)


def test_a_loss_is_accounted_for_once_the_center_holds_what_tells_of_it() -> None:
    chains = after_an_older_copy(kept_value(ChainHead("c1", 5, ROWS[4].digest)))
    new = ChainHead("c2", 2, chains["c2"][1].digest)
    lost = [witness(7), witness(9, is_proof=True)]
    assert list(known_losses(chains, lost)) == []  # only this laptop says so
    assert list(known_losses(chains, [*lost, Witness(new, AnchorSource.KIT, NOW)])) == []
    (loss,) = known_losses(chains, [*lost, at_center(new)])
    assert loss == Loss("c1", 6, 9, NOW, "u")
    assert list(known_losses(chains, [*lost, at_center(ChainHead("c2", 1, chains["c2"][0].digest))])) == [loss]
    assert list(chain_faults(chains, lost, [loss])) == []
    assert list(known_losses(chains, [witness(5), witness(9, chain="c0"), at_center(new)])) == []  # nothing is missing
    assert list(known_losses(chains, [*lost, at_center(replace(new, digest="0" * 64))])) == []  # it holds another row
    assert list(known_losses(chains, [*lost, at_center(ChainHead("c1", 5, ROWS[4].digest))])) == []


@pytest.mark.parametrize(("kind", "counts"), [("chain_begun", True), ("kit_restored", True), ("seen", False)])
def test_the_beginning_of_a_new_chain_tells_of_a_loss(kind: str, counts: bool) -> None:
    chains = after_an_older_copy(kept_value(ChainHead("c1", 5, ROWS[4].digest)), kind)
    new = at_center(ChainHead("c2", 2, chains["c2"][1].digest))
    assert bool(list(known_losses(chains, [witness(7), new]))) is counts


@pytest.mark.parametrize(
    ("what", "kept", "changed"),
    [
        ("a further cut of the old chain", ChainHead("c1", 5, ROWS[4].digest), {"c1": ROWS[:3]}),
        ("another row than the one it names", ChainHead("c1", 3, ROWS[4].digest), {}),
        ("a chain that nobody has", ChainHead("gone", 5, ROWS[4].digest), {}),
        ("a chain that says it of itself", ChainHead("c2", 2, event(2, chain="c2").digest), {}),
        ("no chain before it", None, {}),
        ("the chain that tells of it is cut", ChainHead("c1", 5, ROWS[4].digest), {"c2": ()}),
    ],
)
def test_nothing_else_is_covered(what: str, kept: ChainHead | None, changed: dict[str, tuple[Event, ...]]) -> None:
    chains = after_an_older_copy(kept_value(kept))
    new = ChainHead("c2", 2, chains["c2"][1].digest)
    chains = {chain: rows for chain, rows in {**chains, **changed}.items() if rows}
    assert list(known_losses(chains, [witness(7), witness(7, chain="c2"), at_center(new)])) == [], what


def test_a_note_that_the_center_does_not_hold_yet_counts_for_nothing() -> None:
    """Who cuts the log and writes the note afterwards comes too late for the head that the center holds."""
    chains = after_an_older_copy(kept_value(ChainHead("c1", 5, ROWS[4].digest)))
    late = event(3, "chain_begun", chain="c2", kept=kept_value(ChainHead("c1", 5, ROWS[4].digest)))
    begun = replace(chains["c2"][0], kind="seen")  # the honest one is not there
    chains["c2"] = (begun, chains["c2"][1], late)
    held = [at_center(ChainHead("c2", row.sequence, row.digest)) for row in chains["c2"]]
    counted = [bool(list(known_losses(chains, [witness(7), head]))) for head in held]
    assert counted == [False, False, True]


def test_an_empty_chain_is_no_fault() -> None:
    assert list(chain_faults({}, [Witness(ChainHead("new", 0, ""), AnchorSource.KIT)])) == []


def test_proven_is_what_the_center_holds_and_nobody_elses_word() -> None:
    assert proven_to(CHAINS, [witness(5)]) is None
    known = [witness(5), witness(2, is_proof=True), witness(3, is_proof=True), witness(4, "0" * 64, is_proof=True)]
    assert proven_to(CHAINS, known) == Proven("c1", 3, AnchorSource.CENTER, NOW + timedelta(hours=3))
    assert proven_to(CHAINS, [witness(1, chain="c0", is_proof=True)]) is not None
    assert proven_to(CHAINS, [replace(witness(5, is_proof=True), at=None)]) is None  # nobody says since when


def test_the_last_word_on_each_thing_counts() -> None:
    log = [
        event(1, "plan_kept", "p1", thing="plan", digest="a"),
        event(2, STATE_KEPT, "state", kept={"setting/x": "1", "thing/plan/p2": "b"}),
        event(3, "plan_approved", "p1", thing="plan", digest="c"),
        event(4, "record_acknowledged", "r1", receipt="d"),
        event(5, "record_acknowledged", "r2", receipt="e"),
        event(6, "record_lost_at_center", "r2"),
        event(7, FILES_ACCEPTED, "state", kept={"file/sop/a.yaml": "f"}, reason="new"),
        event(8, STATE_KEPT, "state", kept={"thing/plan/p2": ""}),
        event(9, "seen", "r1", thing="plan", digest=None),
        event(10, "seen", "r1", thing=None, digest="x"),
    ]
    assert noted_state(log) == {
        "thing/plan/p1": "c",
        "thing/plan/p2": "",
        "setting/x": "1",
        "receipt/r1": "d",
        "file/sop/a.yaml": "f",
    }


def test_changed_vanished_and_unnoted_are_told_apart() -> None:
    noted = {"user/a": "1", "user/b": "2", "user/c": "", "user/d": "4"}
    assert list(state_faults(noted, {"user/a": "1", "user/b": "x", "user/e": "5"})) == [
        AuditFault("user", "b", "audit.changed"),
        AuditFault("user", "d", "audit.vanished"),
        AuditFault("user", "e", "audit.unnoted"),
    ]


def at(code: str) -> CentralStatus:
    return CentralStatus(code, "uji coba", datetime(2026, 11, 21, tzinfo=UTC))


@pytest.mark.parametrize(
    ("short", "code"),
    [
        ("BC", CentralCode.BIO_CAPTURED),
        ("SFE", CentralCode.SENT_FOR_ENROLLMENT),
        ("EFAC", CentralCode.ENROLL_FAILURE_AT_CENTRAL),
        ("EFAR", CentralCode.ENROLL_FAILURE_AT_REGIONAL),
        ("DUP", CentralCode.DUPLICATE_RECORD),
        ("DUPLICATE", CentralCode.DUPLICATE_RECORD),
        ("ADJUDICATE", CentralCode.ADJUDICATE_RECORD),
        ("BELUM_REKAM", CentralCode.UNREGISTERED),
        ("SDH_RKM_KTP", CentralCode.BIO_CAPTURED),
        ("PRR", CentralCode.PRINT_READY_RECORD),
    ],
)
def test_a_short_form_is_another_writing_of_its_code(short: str, code: CentralCode) -> None:
    assert known_code(short) is known_code(code.value) is code
    assert writings_of(code)[0] == code.value
    assert short in writings_of(code)


def test_strangers_are_not_known_and_most_codes_have_one_writing() -> None:
    assert known_code("HOLD_FOR_TEA") is None
    assert writings_of(CentralCode.CARD_ISSUED) == ("CARD_ISSUED",)


@pytest.mark.parametrize(
    ("before", "after", "illegal"),
    [
        ("SENT_FOR_ENROLLMENT", "RECEIVED_AT_CENTRAL", False),
        ("SFE", "RECEIVED_AT_CENTRAL", False),
        ("RECEIVED_AT_CENTRAL", "PRR", False),
        ("RECEIVED_AT_CENTRAL", "RECEIVED_AT_CENTRAL", False),
        ("PRINT_READY_RECORD", "BIO_CAPTURED", True),
        ("CARD_ISSUED", "PROCESSING", True),
        ("CARD_ISSUED", "HOLD_FOR_TEA", False),
        ("HOLD_FOR_TEA", "PROCESSING", False),
    ],
)
def test_only_known_ways_can_look_illegal(before: str, after: str, illegal: bool) -> None:
    assert looks_illegal([at(before)], at(after)) is illegal


def test_the_first_observation_is_taken_as_it_is() -> None:
    assert not looks_illegal([], at("CARD_ISSUED"))


FREED = {"ENROLL_FAILURE_AT_CENTRAL", "ENROLL_FAILURE_AT_REGIONAL", "SEARCH_FAILURE_AT_CENTRAL", "UNREGISTERED"}
SHORT_OF_FREED = {"EFAC"}
HELD = {"ADJUDICATE_RECORD", "REQUEST_VALIDATION", "DUPLICATE_RECORD"}


@pytest.mark.parametrize("code", [*CentralCode, *SHORT_OF_FREED, "DUP", "HOLD_FOR_TEA"])
def test_which_earlier_record_frees_the_nik(code: str) -> None:
    assert is_dead(code) is (code in FREED | SHORT_OF_FREED)


# What may follow, in the order of the way; a failure frees the NIK before anything else comes.
FAILURES = FREED - {"UNREGISTERED"} | HELD
FOLLOWING = {
    "UNREGISTERED": {"BIO_CAPTURED"},
    "BIO_CAPTURED": {"PROCESSING", "SENT_FOR_ENROLLMENT"},
    "PROCESSING": {"SENT_FOR_ENROLLMENT", "BIO_CAPTURED"},
    "SENT_FOR_ENROLLMENT": {"RECEIVED_AT_CENTRAL", "BIO_CAPTURED"},
    "RECEIVED_AT_CENTRAL": {*FAILURES, "PRINT_READY_RECORD"},
    "PRINT_READY_RECORD": {"SENT_FOR_CARD_PRINTING"},
    "SENT_FOR_CARD_PRINTING": {"CARD_PRINTED"},
    "CARD_PRINTED": {"CARD_SHIPPED", "CARD_ISSUED"},
    "CARD_SHIPPED": {"CARD_ISSUED"},
    "CARD_ISSUED": set(),
    **{code: {"UNREGISTERED"} for code in FAILURES},
}


@pytest.mark.parametrize("code", CentralCode)
def test_what_usually_follows_is_told_in_the_order_of_the_way(code: CentralCode) -> None:
    assert usual_next(code) == tuple(each for each in CentralCode if each in FOLLOWING[code])
    for after in CentralCode:
        assert follows(code, after) is (after is code or after in FOLLOWING[code])


def test_of_a_stranger_nothing_is_known_to_follow() -> None:
    assert usual_next("HOLD_FOR_TEA") == ()
    assert usual_next("SFE") == (CentralCode.BIO_CAPTURED, CentralCode.RECEIVED_AT_CENTRAL)


def entry(*codes: str) -> QueueEntry:
    statuses = tuple(CentralStatus(code, "uji coba", datetime(2026, 11, 21, tzinfo=UTC)) for code in codes)
    return QueueEntry(sealed(), DeliveryState.ACKNOWLEDGED, 0, 0, "", None, None, "", statuses)


def test_the_central_status_is_the_last_one_heard() -> None:
    central = entry("RECEIVED_AT_CENTRAL", "PRINT_READY_RECORD").central
    assert central is not None
    assert central.code == "PRINT_READY_RECORD"
    assert entry().central is None


BIRTHDAY, WEDDING = date(2027, 3, 12), date(2026, 11, 1)


def test_every_known_code_has_something_to_do() -> None:
    for code in CentralCode:
        assert task_of(code, NOW, NOW) is not OfficeTask.ASK_MEANING
    assert task_of("SESUATU_BARU", NOW, NOW) is OfficeTask.ASK_MEANING


def test_every_task_is_in_a_part_and_what_must_be_mended_is_trouble() -> None:
    assert {part_of(task) for task in OfficeTask} == set(WorkPart)
    assert part_of(OfficeTask.RESEND) is part_of(OfficeTask.ASK_DELETION) is WorkPart.TROUBLE
    assert part_of(OfficeTask.WAIT_FOR_AGE) is WorkPart.WAITS


@pytest.mark.parametrize(
    ("code", "task"),
    [
        ("PRR", OfficeTask.PRINT),
        ("DUPLICATE_RECORD", OfficeTask.ASK_DELETION),
        ("ADJUDICATE_RECORD", OfficeTask.DELETE_AND_RECORD_AGAIN),
        ("ENROLL_FAILURE_AT_REGIONAL", OfficeTask.DELETE_AND_RECORD_AGAIN),
        ("SEARCH_FAILURE_AT_CENTRAL", OfficeTask.ASK_RESEND),
        ("SFE", OfficeTask.MONITOR),
        ("CARD_ISSUED", OfficeTask.CLOSE),
    ],
)
def test_the_table_of_the_office(code: str, task: OfficeTask) -> None:
    assert task_of(code, NOW, NOW) is task


def test_our_own_cards_know_more_than_the_center() -> None:
    assert task_after("") is OfficeTask.CHECK_QUEUE
    assert task_after("PRR", is_young=True) is OfficeTask.WAIT_FOR_AGE
    assert task_after("PRR", is_young=True, has_card=True) is OfficeTask.HAND_OVER
    assert task_after("SENT_FOR_CARD_PRINTING", is_young=True) is OfficeTask.HAND_OVER
    assert task_after("DUPLICATE_RECORD", has_card=True) is OfficeTask.ASK_DELETION
    assert task_after("RECEIVED_AT_CENTRAL", is_stuck=True) is OfficeTask.WAIT


@pytest.mark.parametrize("code", CentralCode)
def test_our_own_card_counts_from_the_print_ready_record_on(code: CentralCode) -> None:
    after = {"PRINT_READY_RECORD", "SENT_FOR_CARD_PRINTING", "CARD_PRINTED", "CARD_SHIPPED"}
    told = [task_after(code, has_card=True, is_received=is_received) for is_received in (False, True)]
    assert told == ([OfficeTask.HAND_OVER, OfficeTask.CLOSE] if code in after else [task_after(code)] * 2)


def test_what_was_sent_and_does_not_move_is_stuck_after_some_days() -> None:
    assert task_of("SFE", NOW, NOW + timedelta(days=3, seconds=-1)) is OfficeTask.MONITOR
    assert task_of("SFE", NOW, NOW + timedelta(days=3)) is OfficeTask.RESEND
    assert task_of("RECEIVED_AT_CENTRAL", NOW, NOW + timedelta(days=30)) is OfficeTask.WAIT


def test_the_card_waits_for_the_birthday_or_the_wedding() -> None:
    assert gate_day(None, None) is None
    assert gate_day(None, WEDDING) is None
    assert gate_day(BIRTHDAY, None) == BIRTHDAY
    assert gate_day(BIRTHDAY, WEDDING) == WEDDING


def test_known_codes_are_typed_in_any_letters_and_strangers_stay_verbatim() -> None:
    assert typed_code(" print_ready_record ") == "PRINT_READY_RECORD"
    assert typed_code("prr") == "PRR"
    assert typed_code("Sent for\nCard - Printing") == "SENT_FOR_CARD_PRINTING"
    assert typed_code("belum rekam") == "BELUM_REKAM"
    assert typed_code(" Menunggu Verifikasi ") == "Menunggu Verifikasi"


S = DeliveryState
# A record is acknowledged and purged by a receipt alone; what is purged is gone for good.
WAYS = {
    S.QUEUED: {S.SENDING, S.RECEIVED, S.QUARANTINED},
    S.SENDING: {S.QUEUED, S.RECEIVED, S.QUARANTINED},
    S.RECEIVED: {S.QUEUED, S.ACKNOWLEDGED, S.QUARANTINED},
    S.ACKNOWLEDGED: {S.PURGED, S.QUEUED},
    S.PURGED: set(),
    S.QUARANTINED: {S.QUEUED, S.SET_ASIDE},
    S.SET_ASIDE: {S.QUEUED},
    S.OFFICIAL: set(),
}


@pytest.mark.parametrize("state", S)
def test_record_goes_the_ways_of_its_state_and_no_other(state: DeliveryState) -> None:
    for wanted in S:
        if wanted is state or wanted in WAYS[state]:
            assert advance(state, wanted) is wanted
        else:
            with pytest.raises(RuleError, match=r"delivery\.no_way"):
                advance(state, wanted)


def test_record_counts_on_until_it_is_acknowledged_and_may_be_held_back() -> None:
    assert {S.QUEUED, S.SENDING, S.RECEIVED, S.QUARANTINED, S.SET_ASIDE} == UNACKNOWLEDGED
    assert {S.QUARANTINED, S.SET_ASIDE} == HELD_BACK


def test_a_time_to_try_again_is_believed_only_within_reach() -> None:
    now = datetime(2026, 11, 21, tzinfo=UTC)
    assert is_due(None, now)
    assert is_due(now, now)
    assert is_due(now - timedelta(days=9), now)
    assert not is_due(now + timedelta(seconds=1), now)
    assert not is_due(now + BELIEVED_AHEAD, now)
    assert is_due(now + BELIEVED_AHEAD + timedelta(seconds=1), now)  # another clock wrote it
