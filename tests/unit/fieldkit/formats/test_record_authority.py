"""What a petugas tries with the program's own code, the own passphrase and the key of the kit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from support.altered import Altered, pinned
from support.clock import NOW
from support.credentials import credential_of
from support.room import LEAD, PETUGAS, STORES, Room, make_keys
from support.samples import provider

from fieldkit.domain.errors import KnownError
from fieldkit.domain.people import Role, User
from fieldkit.domain.recording import session as ev
from fieldkit.domain.recording.capture import StepKind
from fieldkit.domain.recording.exceptions import LEAD_WANTED, Act, SignedAct, Statement
from fieldkit.domain.recording.positions import ExceptionMark, ExceptionReason, Position
from fieldkit.domain.recording.session import LogEvent
from fieldkit.formats.container import read_container
from fieldkit.formats.record_authority import is_vouched_by
from fieldkit.formats.record_check import check_record
from fieldkit.ports.delivery import signed
from fieldkit.services.recording.run_session import carry_out, note
from fieldkit.vault.certificates import create_ca
from fieldkit.vault.credentials import KeyCredential

KEYS = make_keys()
GHOST = User("hantu", "Hantu", Role.KETUA_TIM)
Forge = Callable[[Room, str], SignedAct]


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    made = Room(tmp_path, KEYS)
    made.plan()
    yield made
    made.store.close()


def judged(room: Room, content: bytes = b"") -> str:
    (entry,) = list((room.home / "sealed").glob("*.age"))
    seal = room.keys.opener.open(entry.read_bytes())
    if content:
        seal = replace(seal, content=content)
    return check_record(read_container(seal.content), seal, pinned(provider()))


def spent(room: Room) -> str:
    session = room.begin()
    for turn in range(1, session.policy.max_attempts + 1):
        session = room.capture(session, StepKind.THUMBS, 20, turn)
    return session.session_id


def failing(room: Room, session_id: str, act: SignedAct) -> str:
    """Let the step fail on whatever act, then seal and judge the record."""
    with room.store.write() as unit:
        event = ev.FailureAllowed(StepKind.THUMBS, act)
        carry_out(unit, unit.sessions.get(session_id), event, PETUGAS.user_id, room.clock)
    room.sealing.seal(room.complete(room.recording.find(session_id)).session_id)
    return judged(room)


def by(who: KeyCredential, session_id: str, step: StepKind = StepKind.THUMBS, act: Act = Act.FAILURE) -> SignedAct:
    return signed(who, Statement(act, who.user.user_id, session_id, step.value, "attempts_spent", NOW))


class Nothing(SignedAct):
    """Names somebody, and nobody signed."""

    @property
    def payload(self) -> dict[str, str]:
        return {}


FORGED: dict[str, tuple[Forge, str]] = {
    "a name": (lambda room, sid: Nothing(LEAD.user_id, "", ""), "failure_unsigned"),
    "no signature": (lambda room, sid: SignedAct(LEAD.user_id, "", ""), "act_unproven"),
    "of an authority of ones own": (
        lambda room, sid: by(credential_of(create_ca("Dinas Uji", NOW), GHOST), sid),
        "act_unproven",
    ),
    "ones own key": (lambda room, sid: by(room.keys.credential(PETUGAS), sid), "act_role"),
    "ones own key by another name": (
        lambda room, sid: replace(by(room.keys.credential(PETUGAS), sid), by=LEAD.user_id),
        "act_role",
    ),
    "somebody of another office": (lambda room, sid: by(credential_of(room.keys.ca, STORES), sid), "act_role"),
    "for another recording": (lambda room, sid: by(room.keys.credential(LEAD), "another"), "act_differs"),
    "for another step": (lambda room, sid: by(room.keys.credential(LEAD), sid, StepKind.IRIS), "act_differs"),
    "for another act": (lambda room, sid: by(room.keys.credential(LEAD), sid, act=Act.VOUCHED), "act_differs"),
    "at another time": (
        lambda room, sid: signed(
            room.keys.credential(LEAD),
            Statement(Act.FAILURE, LEAD.user_id, sid, "thumbs", "attempts_spent", NOW + timedelta(minutes=2)),
        ),
        "act_differs",
    ),
    "by another name": (
        lambda room, sid: replace(by(room.keys.credential(LEAD), sid), by="siapa"),
        "act_differs",
    ),
}


@pytest.mark.parametrize(("forge", "code"), FORGED.values(), ids=FORGED.keys())
def test_a_failure_that_no_team_lead_signed_is_refused_by_name(room: Room, forge: Forge, code: str) -> None:
    session_id = spent(room)
    with pytest.raises(KnownError) as refused:
        failing(room, session_id, forge(room, session_id))
    assert refused.value.code == f"record.{code}"


@pytest.mark.days
def test_a_failure_that_a_team_lead_signed_is_accepted(room: Room) -> None:
    session_id = spent(room)
    room.recording.allow_failure(session_id, StepKind.THUMBS, room.keys.credential(LEAD))
    room.sealing.seal(room.complete(room.recording.find(session_id)).session_id)
    assert judged(room) == ""


@pytest.mark.days
@pytest.mark.parametrize("pretend", ["older form", "events lost"])
def test_who_pretends_that_nobody_could_sign_waits_for_the_team_lead(room: Room, pretend: str) -> None:
    session_id = spent(room)
    room.recording.allow_failure(session_id, StepKind.THUMBS, room.keys.credential(LEAD))
    room.sealing.seal(room.complete(room.recording.find(session_id)).session_id)
    altered = Altered.of(room.keys.opener.open(next((room.home / "sealed").glob("*.age")).read_bytes()).content)
    for name in ("by", "signature", "certificate"):
        altered.event("failure_allowed")["payload"].pop(name)
    if pretend == "older form":
        altered.event("session_opened")["payload"]["form"] = 4
    else:
        altered.context["eventsLost"] = True
    assert judged(room, altered.content()) == LEAD_WANTED


def marked(room: Room, attendants: tuple[str, ...], sign: Callable[[ExceptionMark, str], tuple[SignedAct, ...]]) -> str:
    session = room.begin()
    mark = ExceptionMark(Position.EYE_LEFT, ExceptionReason.CATARACT, 0, attendants, "Pak RT", room.clock.now())
    with room.store.write() as unit:
        event = ev.ExceptionMarked(StepKind.IRIS, (mark,), sign(mark, session.session_id))
        carry_out(unit, session, event, PETUGAS.user_id, room.clock)
    room.sealing.seal(room.complete(room.recording.find(session.session_id)).session_id)
    return judged(room)


def seen_by(who: KeyCredential, session_id: str, digest: str) -> SignedAct:
    about = Statement(Act.EXCEPTION, who.user.user_id, session_id, StepKind.IRIS.value, "cataract", NOW, (digest,))
    return signed(who, about)


def test_an_attendant_who_did_not_sign_is_refused_by_name(room: Room) -> None:
    with pytest.raises(KnownError) as refused:
        marked(room, (PETUGAS.user_id, LEAD.user_id), lambda mark, sid: ())
    assert (refused.value.code, refused.value.problem.params["who"]) == ("record.attendant_unsigned", LEAD.user_id)


def test_the_first_attendant_signs_too_unless_he_seals(room: Room) -> None:
    with pytest.raises(KnownError) as refused:
        marked(room, (LEAD.user_id,), lambda mark, sid: ())
    assert refused.value.code == "record.attendant_unsigned"


def test_an_attendant_signs_these_very_exceptions(room: Room) -> None:
    bagus = room.keys.credential(LEAD)
    with pytest.raises(KnownError) as refused:
        marked(room, (PETUGAS.user_id, LEAD.user_id), lambda mark, sid: (seen_by(bagus, sid, "f" * 64),))
    assert refused.value.code == "record.act_differs"


def test_whoever_may_not_record_is_no_attendant(room: Room) -> None:
    sri = credential_of(room.keys.ca, STORES)
    with pytest.raises(KnownError) as refused:
        marked(room, (PETUGAS.user_id, STORES.user_id), lambda mark, sid: (seen_by(sri, sid, mark.digest),))
    assert refused.value.code == "record.act_role"


def test_an_attendant_who_signed_is_accepted(room: Room) -> None:
    bagus = room.keys.credential(LEAD)
    signs = marked(room, (PETUGAS.user_id, LEAD.user_id), lambda mark, sid: (seen_by(bagus, sid, mark.digest),))
    assert signs == ""


def test_nobody_is_named_beside_who_signed(room: Room) -> None:
    room.sealing.seal(room.complete(room.begin()).session_id)
    altered = Altered.of(room.keys.opener.open(next((room.home / "sealed").glob("*.age")).read_bytes()).content)
    altered.context["petugas"].append(LEAD.user_id)
    with pytest.raises(KnownError) as refused:
        judged(room, altered.content())
    assert refused.value.code == "record.attendant_unsigned"


@pytest.mark.days
@pytest.mark.parametrize("who", [None, PETUGAS, LEAD])
def test_recorded_again_only_on_the_signature_of_another(room: Room, who: User | None) -> None:
    session = room.complete(room.begin())
    said: dict[str, object] = {"record": "r-1", "allowed_by": LEAD.user_id}
    if who is not None:
        me = replace(room.keys.credential(PETUGAS), user=who) if who is PETUGAS else room.keys.credential(who)
        said |= signed(me, Statement(Act.AGAIN, me.user.user_id, session.session_id, "", "x", NOW, ("r-1",))).payload
    with room.store.write() as unit:
        note(unit, session, LogEvent(Act.AGAIN, said), PETUGAS.user_id, room.clock)
    room.sealing.seal(session.session_id)
    if who is LEAD:
        assert judged(room) == ""
        return
    with pytest.raises(KnownError) as refused:
        judged(room)
    assert refused.value.code == ("record.again_unsigned" if who is None else "record.act_role")


def test_who_seals_a_record_does_not_allow_himself_to_record_again(tmp_path: Path) -> None:
    own = replace(KEYS, petugas=credential_of(KEYS.ca, LEAD).key)
    room = Room(tmp_path, own, user=LEAD)
    room.plan()
    session = room.complete(room.begin())
    act = signed(own.credential(LEAD), Statement(Act.AGAIN, LEAD.user_id, session.session_id, "", "x", NOW, ("r-1",)))
    with room.store.write() as unit:
        note(unit, session, LogEvent(Act.AGAIN, {"record": "r-1", **act.payload}), LEAD.user_id, room.clock)
    room.sealing.seal(session.session_id)
    with pytest.raises(KnownError) as refused:
        judged(room)
    assert refused.value.code == "record.again_unsigned"
    room.store.close()


def test_a_team_lead_answers_for_one_record(room: Room) -> None:
    room.sealing.seal(room.complete(room.begin()).session_id)
    seal = room.keys.opener.open(next((room.home / "sealed").glob("*.age")).read_bytes())
    about = ("r-1", "a" * 64)

    def vouch(user: User, act: Act = Act.VOUCHED, name: str = "") -> bool:
        who = credential_of(room.keys.ca, user)
        word = signed(who, Statement(act, name or user.user_id, "", "", "older", NOW, about))
        return is_vouched_by(seal, word.jws, who.certificate_der, NOW, about)

    assert vouch(LEAD)
    assert not vouch(LEAD, Act.AGAIN)
    assert not vouch(LEAD, name="siapa")
    with pytest.raises(KnownError) as refused:
        vouch(PETUGAS)
    assert refused.value.code == "record.act_role"
    who = credential_of(room.keys.ca, LEAD)
    other = signed(who, Statement(Act.VOUCHED, LEAD.user_id, "", "", "older", NOW, ("r-2", "a" * 64)))
    assert not is_vouched_by(seal, other.jws, who.certificate_der, NOW, about)
