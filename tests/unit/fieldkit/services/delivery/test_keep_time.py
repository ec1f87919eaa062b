from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from support.clock import NOW, HandClock
from support.kept import open_kit
from support.room import PETUGAS, Room

from fieldkit.domain.errors import InputError, KnownError, RuleError
from fieldkit.domain.trusted_time import CertificateSpan, ClockState, TimeSource
from fieldkit.services.delivery.keep_time import KeepTime, TimeFacts

CENTER = TimeSource.CENTER


@pytest.fixture
def signed_in(room: Room) -> Callable[[], KeepTime]:
    """Sign in; the machine counts its seconds unless the test starts it anew."""
    room.clock.boot = "b1"

    def sign_in() -> KeepTime:
        time = KeepTime(room.store, room.clock, PETUGAS)
        time.begin()
        return time

    return sign_in


SignedIn = Callable[[], KeepTime]


def start_anew(room: Room, boot: str) -> None:
    room.clock.boot, room.clock.ran_s = boot, 0.0


def kinds(room: Room) -> list[str]:
    return room.kinds("clock")


def code(caught: pytest.ExceptionInfo[KnownError]) -> str:
    return caught.value.code


def test_a_new_kit_believes_its_clock(signed_in: SignedIn) -> None:
    time = signed_in()
    assert time.verdict().is_fine
    trusted = time.standing().trusted
    assert trusted is not None
    assert trusted.source is TimeSource.EVENT  # the plan was written down


def test_the_newest_event_is_the_least_that_it_can_be(room: Room, signed_in: SignedIn) -> None:
    room.begin()
    start_anew(room, "b2")
    room.clock.jump(days=-3)
    time = signed_in()
    found = time.verdict()
    assert (found.state, found.by) == (ClockState.BEHIND, timedelta(days=3))
    assert found.trusted is not None
    assert found.trusted.source is TimeSource.EVENT


@pytest.mark.parametrize("at", [datetime(1970, 1, 1, tzinfo=UTC), datetime(2031, 11, 21, tzinfo=UTC)])
def test_an_absurd_clock_is_told_and_its_own_events_prove_nothing(
    room: Room, signed_in: SignedIn, at: datetime
) -> None:
    signed_in().learn(NOW, CENTER)
    start_anew(room, "b2")
    room.clock.at = at
    assert not signed_in().verdict().is_fine
    room.recording.open("target-1")  # somebody works on all the same
    start_anew(room, "b3")
    assert not signed_in().verdict().is_fine
    room.clock.at = NOW + timedelta(days=1)
    assert signed_in().verdict().is_fine


def test_events_before_the_word_of_the_center_prove_nothing_beyond_it(room: Room, signed_in: SignedIn) -> None:
    room.clock.jump(days=10)
    room.begin()
    room.clock.jump(days=-10)
    signed_in().learn(NOW, CENTER)
    start_anew(room, "b2")
    assert signed_in().verdict().is_fine


@pytest.mark.parametrize(("minutes", "source"), [(0, CENTER), (5, CENTER), (-5, TimeSource.EVENT)])
def test_an_event_counts_only_where_it_is_later_than_the_word_of_the_center(
    room: Room, signed_in: SignedIn, minutes: int, source: TimeSource
) -> None:
    signed_in().learn(NOW + timedelta(minutes=minutes), CENTER)
    room.recording.open("target-1")
    trusted = signed_in().standing().trusted
    assert trusted is not None
    assert trusted.source is source


def test_a_jump_while_somebody_works_is_noticed(room: Room, signed_in: SignedIn) -> None:
    room.clock.advance(minutes=5)
    time = signed_in()
    room.clock.advance(hours=5)
    assert time.verdict().is_fine
    room.clock.jump(hours=1)
    assert (time.verdict().state, time.verdict().by) == (ClockState.AHEAD, timedelta(hours=1))
    assert time.verdict().trusted == time.standing().trusted
    time.demand_seal(())  # an hour is no reason to refuse
    room.clock.jump(days=-3)
    assert time.verdict().state is ClockState.BEHIND


def test_a_clock_that_was_wrong_at_sign_in_vouches_for_nothing(room: Room, signed_in: SignedIn) -> None:
    room.clock.jump(days=90)
    time = signed_in()
    assert time.verdict().state is ClockState.AHEAD
    room.clock.jump(days=-90)
    assert time.verdict().is_fine


def test_a_log_without_a_row_knows_what_the_clock_and_the_center_said(tmp_path: Path) -> None:
    store, clock = open_kit(tmp_path), HandClock(boot="b1")
    with store.write() as unit:
        unit.settings.put("clock", {"correction_s": 60.0})
    time = KeepTime(store, clock, PETUGAS)
    time.begin()
    assert (clock.correction, time.standing().trusted) == (timedelta(minutes=1), None)
    clock.jump(days=-3)
    with pytest.raises(RuleError, match=r"seal\.clock_doubtful"):
        time.demand_seal(())  # the clock ran at sign-in and may not jump since
    clock.jump(days=3)
    time.learn(clock.now(), CENTER)
    again = KeepTime(store, clock, PETUGAS)
    again.begin()
    trusted = again.standing().trusted
    store.close()
    assert trusted is not None
    assert (trusted.at, trusted.source) == (NOW + timedelta(minutes=1), CENTER)


def test_a_correction_moves_the_kits_clock_and_not_the_laptops(room: Room, signed_in: SignedIn) -> None:
    told: list[TimeFacts] = []
    signed_in().learn(NOW, CENTER)
    room.clock.jump(days=-3)
    time = KeepTime(room.store, room.clock, PETUGAS, tell=told.append)
    time.begin()
    assert told[-1].trusted == time.standing().trusted
    with pytest.raises(InputError) as caught:
        time.correct(NOW, "  ")
    assert code(caught) == "clock.reason_needed"
    standing = time.correct(NOW + timedelta(minutes=1), "baterai jam habis")
    assert (standing.laptop_at, standing.kit_at) == (NOW - timedelta(days=3), NOW + timedelta(minutes=1))
    assert standing.verdict.is_fine
    assert kinds(room) == ["clock_corrected"]
    assert told[-1].correction == timedelta(days=3, minutes=1)
    with room.store.read() as unit:
        assert [event.actor for event in unit.events.of("clock")] == [PETUGAS.user_id]
    start_anew(room, "b2")
    room.clock.correction = timedelta(0)
    room.clock.advance(hours=1)
    assert signed_in().standing().kit_at == NOW + timedelta(hours=1, minutes=1)


def test_nobody_talks_away_what_the_center_said(room: Room, signed_in: SignedIn) -> None:
    time = signed_in()
    time.learn(NOW, CENTER)
    room.clock.jump(days=-3)
    for act in (lambda: time.accept("ponsel saya juga"), lambda: time.correct(NOW - timedelta(days=1), "kira-kira")):
        with pytest.raises(RuleError) as caught:
            act()
        assert code(caught) == "clock.before_trusted"
    assert kinds(room) == []


@pytest.mark.parametrize("source", [None, TimeSource.EVENT, TimeSource.PERSON])
def test_what_no_clock_proved_may_be_corrected_backward(
    room: Room, signed_in: SignedIn, source: TimeSource | None
) -> None:
    time = signed_in() if source else KeepTime(room.store, room.clock, PETUGAS)
    if source is TimeSource.PERSON:
        time.correct(NOW, "kira-kira")
    assert time.correct(NOW - timedelta(days=1), "dilihat dari telepon").kit_at == NOW - timedelta(days=1)


def test_satellites_are_talked_away_no_more_than_the_center(room: Room, signed_in: SignedIn) -> None:
    time = signed_in()
    time.learn(NOW, TimeSource.SATELLITES)
    with pytest.raises(RuleError, match=r"clock\.before_trusted"):
        time.correct(NOW - timedelta(days=1), "kira-kira")


def test_the_center_sets_no_clock_that_nobody_corrected(room: Room, signed_in: SignedIn) -> None:
    told: list[TimeFacts] = []
    room.clock.boot = "b1"
    time = KeepTime(room.store, room.clock, PETUGAS, tell=told.append)
    time.begin()
    room.clock.jump(days=-3)
    time.learn(NOW, CENTER)
    assert (room.clock.correction, time.verdict().state) == (timedelta(0), ClockState.BEHIND)
    assert told[-1].trusted == time.standing().trusted
    room.clock.jump(days=3)
    told.clear()
    time.accept("dilihat dari telepon")
    assert [facts.trusted and facts.trusted.source for facts in told] == [TimeSource.PERSON]
    signed_in()
    assert kinds(room) == ["clock_accepted"]  # a correction that never was does not end


def test_a_kit_that_rested_long_is_accepted_with_a_reason(room: Room, signed_in: SignedIn) -> None:
    signed_in().learn(NOW, CENTER)
    start_anew(room, "b2")
    room.clock.advance(days=90)
    time = signed_in()
    assert time.verdict().state is ClockState.AHEAD
    with pytest.raises(RuleError) as caught:
        time.demand_seal(())
    assert code(caught) == "seal.clock_doubtful"
    assert time.accept("tiga bulan di gudang").verdict.is_fine
    time.demand_seal(())
    assert kinds(room) == ["clock_accepted"]


def test_the_truth_ends_a_correction(room: Room, signed_in: SignedIn) -> None:
    time = signed_in()
    room.clock.jump(days=-3)
    time.correct(NOW, "dilihat dari telepon")
    time.learn(NOW + timedelta(seconds=30), CENTER)  # near enough: it stays
    time.learn(NOW + timedelta(minutes=20), TimeSource.SATELLITES)
    assert room.clock.now() == NOW + timedelta(minutes=20)
    room.clock.jump(days=3)  # somebody set the laptop's clock
    time.learn(NOW + timedelta(minutes=1), CENTER)
    assert room.clock.correction == timedelta(0)
    assert kinds(room) == ["clock_corrected", "clock_corrected", "clock_correction_ended"]
    with room.store.read() as unit:
        assert [event.actor for event in unit.events.of("clock")] == [PETUGAS.user_id, "clock", "clock"]


def test_a_laptop_that_was_set_ends_the_correction_at_sign_in(room: Room, signed_in: SignedIn) -> None:
    time = signed_in()
    room.clock.jump(days=-3)
    time.correct(NOW, "dilihat dari telepon")
    room.clock.advance(hours=1)
    assert signed_in().verdict().is_fine
    assert kinds(room) == ["clock_corrected"]  # nobody set the laptop's clock yet
    room.clock.jump(days=3)
    for _ in range(2):
        assert signed_in().verdict().is_fine
        assert room.clock.now() == NOW + timedelta(hours=1)
    assert kinds(room) == ["clock_corrected", "clock_correction_ended"]


def test_a_correction_outlives_a_start_after_which_no_seconds_are_counted(room: Room, signed_in: SignedIn) -> None:
    room.clock.jump(days=3)
    time = signed_in()
    time.correct(NOW, "dilihat dari telepon")
    start_anew(room, "b2")
    signed_in()
    assert room.clock.correction == timedelta(days=-3)


def test_a_receiver_of_another_decade_is_not_heard(room: Room, signed_in: SignedIn) -> None:
    time = signed_in()
    time.learn(NOW, CENTER)
    time.learn(NOW - timedelta(weeks=1024), TimeSource.SATELLITES)
    standing = time.standing()
    assert standing.trusted is not None
    assert (standing.trusted.at, standing.verdict.is_fine) == (NOW, True)


def test_certificates_are_looked_at_before_a_seal(room: Room) -> None:
    spans = (
        CertificateSpan("kit", "K01", NOW - timedelta(days=1), NOW + timedelta(days=300)),
        CertificateSpan("petugas", "rina", NOW - timedelta(days=1), NOW + timedelta(days=20)),
    )
    time = KeepTime(room.store, room.clock, PETUGAS, spans)
    time.begin()
    time.demand_seal(spans)
    assert [span.holder for span in time.ending()] == ["rina"]
    room.clock.advance(days=21)
    with pytest.raises(RuleError) as caught:
        time.demand_seal(spans)
    assert code(caught) == "seal.certificate_ended"
    assert caught.value.problem.params["holder"] == "rina"
    room.clock.at = NOW - timedelta(days=2)
    with pytest.raises(RuleError) as caught:
        time.demand_seal(spans)
    assert code(caught) == "seal.clock_doubtful"
    with pytest.raises(RuleError) as caught:
        KeepTime(room.store, room.clock, PETUGAS).demand_seal(spans)  # nothing at all is known of the time
    assert code(caught) == "seal.certificate_not_yet"


@pytest.mark.parametrize(
    ("at", "refused"),
    [
        (NOW - timedelta(microseconds=1), "seal.certificate_not_yet"),
        (NOW, None),
        (NOW + timedelta(days=1), None),
        (NOW + timedelta(days=1, microseconds=1), "seal.certificate_ended"),
    ],
)
def test_a_certificate_counts_from_its_first_to_its_last_moment(room: Room, at: datetime, refused: str | None) -> None:
    room.clock.at = at
    time = KeepTime(room.store, room.clock, PETUGAS)
    spans = (CertificateSpan("kit", "K01", NOW, NOW + timedelta(days=1)),)
    if refused is None:
        time.demand_seal(spans)
    else:
        with pytest.raises(RuleError, match=refused):
            time.demand_seal(spans)


def test_evidence_names_both_clocks_and_what_vouches(room: Room, signed_in: SignedIn) -> None:
    time = signed_in()
    time.learn(NOW, CENTER)
    room.clock.advance(seconds=40)
    room.clock.jump(days=5)
    found = time.evidence()
    assert (found.clock_at, found.correction_s, found.since_s) == (NOW + timedelta(days=5, seconds=40), 0.0, 40.0)
    assert found.trusted is not None
    assert found.trusted.at == NOW
