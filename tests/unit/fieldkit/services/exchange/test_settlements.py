"""Who said what holds of a conflict: by the own key, or it is told that nobody's key answers for it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from support.credentials import credential_of
from support.laptops import Laptop, dinas, team

from fieldkit.domain.errors import InputError
from fieldkit.domain.events import Event
from fieldkit.domain.people import Role, User
from fieldkit.domain.recording.exceptions import Act, Statement
from fieldkit.domain.visits import Outcome
from fieldkit.ports.delivery import Credential, answered, signed
from fieldkit.services.exchange import settle_conflicts
from fieldkit.services.exchange.exchange import unsigned_settlements
from fieldkit.services.visits.run_visits import Ended
from fieldkit.vault.certificates import create_ca, serial_number
from fieldkit.vault.cms import SealedAuthority

AUTHORITY = SealedAuthority([dinas().certificate_der])


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[tuple[Laptop, Laptop]]:
    a, b = team(tmp_path)[:2]
    yield a, b
    for laptop in (a, b):
        laptop.store.close()


def settled(a: Laptop, b: Laptop) -> Event:
    """Let both end one visit without knowing of each other, and B say what holds; return the event of it."""
    visit = a.visits.begin("t-0")
    a.tell(b)
    a.visits.end(visit.thing_id, Ended(Outcome.MENOLAK, "takut"))
    b.clock.advance(minutes=9)
    b.visits.end(visit.thing_id, Ended(Outcome.TIDAK_DI_TEMPAT, "ke sawah"))
    a.tell(b)
    (conflict,) = b.conflicts.all()
    b.conflicts.keep(conflict, 0)
    with b.store.read() as unit:
        (event,) = [each for each in unit.events.of(conflict.thing_id) if each.kind == Act.SETTLED]
    return event


def test_what_holds_is_signed_and_taken_by_the_others(pair: tuple[Laptop, Laptop]) -> None:
    a, b = pair
    event = settled(a, b)
    assert unsigned_settlements([event], AUTHORITY) == 0
    (taken,) = b.tell(a)
    assert (taken.unsigned, a.conflicts.count()) == (0, 0)


def told(event: Event, **other: object) -> Event:
    return replace(event, payload=json.dumps({**json.loads(event.payload), **other}))


def test_what_an_older_program_settled_is_taken_and_told(
    pair: tuple[Laptop, Laptop], monkeypatch: pytest.MonkeyPatch
) -> None:
    a, b = pair

    class Unsigned:
        payload: dict[str, str] = {}  # noqa: RUF012 - what that program put into the event

    monkeypatch.setattr(settle_conflicts, "answered", lambda *_: Unsigned())
    settled(a, b)
    (taken,) = b.tell(a)
    assert (taken.unsigned, a.conflicts.count()) == (1, 0)


def by(event: Event, who: Credential, **other: Any) -> Event:
    payload = json.loads(event.payload)
    about = (payload["digest"], *payload["sides"])
    said = {"act": Act.SETTLED, "session_id": event.aggregate, "step": payload["thing"], "at": event.at, "about": about}
    said |= other
    act = answered(who, said["act"], said["session_id"], said["step"], "", said["at"], said["about"])
    return told(event, **act.payload)


def of(user: User) -> Credential:
    return credential_of(dinas(), user)


def in_the_name_of(event: Event, me: User) -> Event:
    payload = json.loads(event.payload)
    about = (payload["digest"], *payload["sides"])
    said = Statement(Act.SETTLED, me.user_id, event.aggregate, payload["thing"], "", event.at, about)
    return told(event, **signed(of(replace(me, user_id="siapa")), said).payload)


FORGED: dict[str, Callable[[Event, User], Event]] = {
    "no signature": lambda event, _: told(event, signature="a.b.c"),
    "no certificate": lambda event, _: told(event, certificate="?"),
    "of an authority of ones own": lambda event, me: by(event, credential_of(create_ca("X", event.at), me)),
    "of somebody else": lambda event, me: by(event, of(replace(me, user_id="siapa"))),
    "in the name of who settled": in_the_name_of,
    "of somebody who may not": lambda event, me: by(event, of(replace(me, role=Role.LOKET))),
    "of another act": lambda event, me: by(event, of(me), act=Act.VOUCHED),
    "of another thing": lambda event, me: by(event, of(me), session_id="another"),
    "of another kind": lambda event, me: by(event, of(me), step="another"),
    "of other sides": lambda event, me: by(event, of(me), about=("a" * 64,)),
    "at another time": lambda event, me: by(event, of(me), at=event.at + timedelta(minutes=2)),
    "another content": lambda event, _: told(event, digest="a" * 64),
}


@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED.keys())
def test_a_signature_that_does_not_hold_is_refused(
    pair: tuple[Laptop, Laptop], forge: Callable[[Event, User], Event]
) -> None:
    a, b = pair
    event = settled(a, b)
    assert unsigned_settlements([by(event, of(b.user))], AUTHORITY) == 0
    with pytest.raises(InputError) as refused:
        unsigned_settlements([forge(event, b.user)], AUTHORITY)
    assert (refused.value.code, refused.value.problem.params) == ("exchange.settlement_unproven", {"who": event.actor})


def test_of_who_was_shut_out_since_nobody_answers(pair: tuple[Laptop, Laptop]) -> None:
    a, b = pair
    event, who = settled(a, b), of(b.user)
    gone = replace(AUTHORITY, revoked=[serial_number(who.certificate_der)])
    assert unsigned_settlements([by(event, who)], gone) == 1
