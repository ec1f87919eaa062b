"""What goes in comes out the same."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from pydantic import TypeAdapter
from support.kept import NOW, biodata, sample, session, target
from support.samples import Signed
from support.samples import sample as captured_sample
from support.steps import attempt, good, mark

from fieldkit.domain.errors import StoreError
from fieldkit.domain.planning.outreach import ServiceCategory, TargetState, TargetVerdict
from fieldkit.domain.recording.capture import CapturePolicy, DeviceEvidence, FailedToAcquire, StepKind
from fieldkit.domain.recording.positions import ExceptionReason, Position
from fieldkit.domain.recording.record import IndexComparison, Notice
from fieldkit.domain.recording.session import CaptureSession, Phase
from fieldkit.storage import mappers


def row(values: mappers.Values) -> Any:
    return SimpleNamespace(**values)


def test_session_with_every_outcome_comes_back() -> None:
    whole = session()
    policy = CapturePolicy("test", max_attempts=1)
    steps = {step.kind: step for step in whole.steps}
    steps[StepKind.RIGHT_FOUR] = steps[StepKind.RIGHT_FOUR].with_attempt(good(StepKind.RIGHT_FOUR)).accepted(policy)
    steps[StepKind.THUMBS] = steps[StepKind.THUMBS].with_exception(mark(Position.LEFT_THUMB, ExceptionReason.BANDAGED))
    weak = {Position.EYE_LEFT: 12, Position.EYE_RIGHT: None}
    steps[StepKind.IRIS] = steps[StepKind.IRIS].with_attempt(attempt(1, weak)).failed(policy, "lead")
    steps[StepKind.PHOTO] = steps[StepKind.PHOTO].with_attempt(attempt(1, {Position.PORTRAIT: 30}))
    whole = replace(
        whole,
        phase=Phase.SUSPENDED,
        before_pause=Phase.CAPTURING,
        notice=Notice(NOW, "su", "Ibu Siti"),
        biodata=biodata(),
        steps=tuple(steps.values()),
        index_comparison=IndexComparison.NOT_COMPARED,
        policy=policy,
    )

    back: CaptureSession = mappers.session_of(row(mappers.session_values(whole)))

    assert back == whole
    assert isinstance(back.step(StepKind.IRIS).outcomes[Position.EYE_RIGHT], FailedToAcquire)


def test_columns_of_a_session_follow_its_state() -> None:
    values = mappers.session_values(replace(session(), phase=Phase.REFUSED))
    assert (values["phase"], values["opened_at"]) == ("refused", NOW)


def test_sample_comes_back_with_and_without_the_signature_of_its_device() -> None:
    bare = sample()
    signed = replace(bare, evidence=DeviceEvidence("a.b.c", "F" * 64, "SN-1", NOW, b"\x30\x82"))
    for kept in (bare, signed):
        assert mappers.sample_of(row(mappers.sample_values("session-1", "sample-1", kept))) == kept


def test_what_a_device_signed_is_kept_without_the_sample_and_comes_back_whole() -> None:
    signed = captured_sample(Position.RIGHT_INDEX, signed=Signed("F" * 64))
    assert signed.evidence is not None
    values = mappers.sample_values("session-1", "sample-1", signed)
    assert len(signed.evidence.jws) - len(values["device_jws"]) > len(signed.data)
    assert mappers.sample_of(row(values)) == signed
    older = {**values, "device_jws": signed.evidence.jws}
    assert mappers.sample_of(row(older)) == signed


def test_walk_in_comes_back_as_one() -> None:
    walk_in = replace(target(), is_walk_in=True, reason="datang sendiri")
    assert mappers.target_of(row(mappers.target_values(walk_in))) == walk_in


def test_biodata_is_readable_json() -> None:
    # The triggers of the search index read these paths.
    kept = json.loads(mappers.target_values(target())["biodata"])
    assert kept["nik"]["digits"] == biodata().nik.digits
    assert kept["address"]["street"] == "Jl. Melati 4"


_WAITING = "umum planned belum_dicek 0 "  # how SQLite says where a line stands, without a reason


def test_one_field_of_a_line_is_read_without_the_rest() -> None:
    odd = replace(biodata(), birth_place='"name":"X", {"address":1}', name='SITI "name":"NUR" \\')
    kept = mappers.target_values(replace(target(), biodata=odd))["biodata"]
    (line,) = mappers.lines_of([("t1", 1, kept, _WAITING)], "a1")
    unread = line._replace(read=lambda _text: pytest.fail("the whole value was read"))
    assert (unread.name, unread.address) == (odd.name, odd.address)
    assert unread.part("birth_date") == odd.birth_date.isoformat()
    assert line.biodata == odd


def test_a_line_with_a_bad_page_is_told_while_the_list_is_read() -> None:
    cut = ("t1", 1, '{"nik":{"digits":"3505\0\0', _WAITING)
    with pytest.raises(StoreError, match=r"store\.damaged"):
        mappers.lines_of([cut], "a1")


@pytest.mark.parametrize("read", [lambda text: mappers.read_json(TypeAdapter(int), text), mappers.read_plain_json])
def test_only_what_a_bad_page_cut_is_damage(read: Callable[[str], object]) -> None:
    assert read("7") == 7
    with pytest.raises(StoreError, match=r"store\.damaged"):
        read("7\0\0")
    with pytest.raises(ValueError, match=r"JSON|Expecting"):  # that would be a mistake of ours
        read("seven")


@pytest.mark.parametrize("came", [True, False])
def test_where_a_line_stands_is_read_from_one_text(came: bool) -> None:
    stands = f"lansia postponed nik_bermasalah {int(came)} sakit, di RS"
    (line,) = mappers.lines_of([("t1", 1, mappers.target_values(target())["biodata"], stands)], "a1")
    assert (line.category, line.state, line.verdict, line.is_walk_in, line.reason) == (
        ServiceCategory.LANSIA,
        TargetState.POSTPONED,
        TargetVerdict.NIK_BERMASALAH,
        came,
        "sakit, di RS",
    )
