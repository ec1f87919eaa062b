from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from support.app_context import ACTIVITY, TARGETS, TODAY, Kit
from support.cards_sent import PRINTER
from support.clock import NOW
from support.counter import SITI
from support.handed import put_at_dinas
from support.letters import office

from fieldkit.domain.applications import Application, ApplicationState, Done, Service
from fieldkit.domain.cards.card import CardCase, CourierRun, Document, Handing, MarkKind, Place, Receipt
from fieldkit.domain.cards.courier import CourierState
from fieldkit.domain.delivery.central_status import CentralCode
from fieldkit.domain.people.accounts import Permission
from fieldkit.domain.planning.outreach import TargetState
from fieldkit.domain.sop.fulfilment import Fulfilment
from fieldkit.services.cards import event_handlers
from fieldkit.services.cards.event_handlers import cards_moved, cards_printed

C, F, P = CourierState, Fulfilment, Place
HOPELESS = {
    "UNREGISTERED",
    "ENROLL_FAILURE_AT_CENTRAL",
    "ENROLL_FAILURE_AT_REGIONAL",
    "SEARCH_FAILURE_AT_CENTRAL",
    "ADJUDICATE_RECORD",
    "REQUEST_VALIDATION",
    "DUPLICATE_RECORD",
}


@pytest.fixture(scope="module")
def kit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kit]:
    """Return one office for all: each test has an activity of its own."""
    with office(tmp_path_factory.mktemp("office"), PRINTER) as kit:
        with kit.store.write() as unit:
            for target in TARGETS:
                unit.targets.mark(target.target_id, TargetState.CANCELLED)
        yield kit


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Fulfilment, bool]]:
    """Return what the SOP hears: each fact, and whether it is there or only under way."""
    heard: list[tuple[Fulfilment, bool]] = []
    monkeypatch.setattr(event_handlers, "fulfil", lambda _work, _at, fact: heard.append((fact, True)))
    monkeypatch.setattr(event_handlers, "underway", lambda _work, _at, fact: heard.append((fact, False)))
    return heard


def is_over(kit: Kit, told: list[tuple[Fulfilment, bool]]) -> bool:
    with kit.context.office.units.write(Permission.PRINT_CARDS) as work:
        cards_printed(work, "a1", TODAY)
    fact, is_there = told.pop()
    assert (fact, told) == (F.PRINTED, [])
    return is_there


def test_printing_is_over_once_every_record_has_its_card_or_will_get_none(
    kit: Kit, told: list[tuple[Fulfilment, bool]]
) -> None:
    assert is_over(kit, told)  # everybody was cancelled
    record = kit.seal(1, TARGETS[0])
    over = {"": is_over(kit, told)}
    for code in (*CentralCode, "A_STRANGER"):
        kit.clock.advance(minutes=1)
        kit.apply(record, code)
        over[str(code)] = is_over(kit, told)
    assert {code for code in over if over[code]} == HOPELESS
    put_at_dinas(kit, 1, record_id=record)
    assert is_over(kit, told)
    with kit.store.write() as unit:
        unit.targets.mark("t2", TargetState.PLANNED)
    assert not is_over(kit, told)


@pytest.mark.parametrize(("days", "is_waited_for"), [(-1, True), (0, True), (1, False)])
def test_printing_waits_for_no_birthday(
    kit: Kit, told: list[tuple[Fulfilment, bool]], days: int, is_waited_for: bool
) -> None:
    at, sealed = f"young{days}", kit.seal(10 + days, TARGETS[0])
    with kit.store.write() as unit:
        unit.activities.save(replace(ACTIVITY, activity_id=at))
        record = unit.records.get(sealed).record
        link = replace(record.link, chain=at)
        card_from = TODAY + timedelta(days=days)
        young = replace(record, record_id=at, activity_id=at, link=link, card_from=card_from)
        unit.records.add(young)
    with kit.context.office.units.write(Permission.PRINT_CARDS) as work:
        cards_printed(work, at, TODAY)
    assert told == [(F.PRINTED, not is_waited_for)]


def card(*ways: Place, courier: CourierState | None = None, **changes: object) -> CardCase:
    """Return a document that came these ways, the last of which is where it is."""
    handings = tuple(Handing(place, NOW, "u1", "Suyatno") for place in ways)
    made = CardCase("", "", Document.KTP_EL, "R-1", "MISINEM", "", "Jimbe", (), handings=handings)
    receipt = Receipt("Sutrisno", "anak", "", NOW, "u1", MarkKind.SIGNATURE, "f1") if P.PERSON in ways else None
    run = CourierRun(courier) if courier else None
    return replace(made, place=ways[-1] if ways else P.DINAS, receipt=receipt, courier=run, **changes)


KK = {"document": Document.KK, "application_id": "m1"}


@pytest.mark.parametrize(
    ("cards", "facts"),
    [
        ((), set()),
        ((card(),), set()),
        ((card(P.KECAMATAN),), {F.CARDS_TO_KECAMATAN}),
        ((card(P.KECAMATAN, P.DINAS),), set()),
        ((card(P.KECAMATAN, P.DESA),), {F.CARDS_TO_KECAMATAN, F.CARDS_TO_DESA}),
        ((card(P.DESA),), {F.CARDS_TO_DESA}),
        ((card(P.DESA), card()), set()),
        ((card(P.DESA), card(P.KECAMATAN)), {F.CARDS_TO_KECAMATAN}),
        ((card(P.PERSON),), {F.CARDS_TO_PERSONS}),
        ((card(P.PERSON), card(P.DESA)), {F.CARDS_TO_DESA}),
        ((card(P.PERSON), card(P.KECAMATAN)), {F.CARDS_TO_KECAMATAN}),
        ((card(P.COURIER, courier=C.DIANTAR),), set()),
        ((card(P.COURIER, P.PERSON, courier=C.DITERIMA),), {F.CARDS_TO_PERSONS, F.COURIER_DELIVERED}),
        ((card(P.COURIER, P.PERSON, courier=C.DITERIMA), card(P.COURIER, courier=C.DIANTAR)), set()),
        ((card(P.PERSON, courier=C.DIKEMBALIKAN),), {F.CARDS_TO_PERSONS}),
        ((card(P.COURIER, P.PERSON, courier=C.DITERIMA), card()), {F.COURIER_DELIVERED}),
        ((card(P.PERSON, **KK),), {F.CARDS_TO_PERSONS, F.DOCUMENT_HANDED_OVER}),
        ((card(P.PERSON, **KK), card(**KK)), set()),
        ((card(P.PERSON, **KK), card()), {F.DOCUMENT_HANDED_OVER}),
        ((card(P.PERSON, document=Document.KK),), {F.CARDS_TO_PERSONS}),
        ((card(P.PERSON, application_id="m1"),), {F.CARDS_TO_PERSONS}),
    ],
)
@pytest.mark.parametrize(
    ("state", "document", "is_printed"),
    [
        (None, "", True),
        (ApplicationState.TERCETAK, "c1", True),
        (ApplicationState.DITARIK, "", True),
        (ApplicationState.TTE, "", False),
    ],
)
def test_a_place_is_reached_when_all_documents_are_printed_and_there_or_beyond(
    kit: Kit,
    told: list[tuple[Fulfilment, bool]],
    cards: tuple[CardCase, ...],
    facts: set[Fulfilment],
    state: ApplicationState | None,
    document: str,
    is_printed: bool,
) -> None:
    with kit.context.office.units.write(Permission.HAND_OVER) as work:
        at = work.ids.new()
        work.unit.activities.save(replace(ACTIVITY, activity_id=at))
        for each in cards:
            work.unit.repository(CardCase).save(replace(each, thing_id=work.ids.new(), activity_id=at))
        if state:
            history = (Done(ApplicationState.TERDAFTAR, NOW, "u1"),)
            of = Application(at, at, Service.KK, Document.KK, "R-1", SITI, (), state, history, document_id=document)
            work.unit.repository(Application).save(of)
        cards_moved(work, at)
    assert set(told) == ({(fact, True) for fact in facts} if is_printed else set())
