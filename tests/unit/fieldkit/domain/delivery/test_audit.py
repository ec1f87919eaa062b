from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from support.clock import NOW

from fieldkit.domain.delivery.anchors import AnchorSource
from fieldkit.domain.delivery.audit import (
    FILES_ACCEPTED,
    STATE_KEPT,
    AuditFault,
    AuditReport,
    Loss,
    Proven,
    Witness,
    chain_faults,
    kept_value,
    known_losses,
    noted_state,
    proven_to,
    state_faults,
)
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
