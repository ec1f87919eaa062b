from __future__ import annotations

import pytest

from drivers.sbi.plan import Ask, captured_by, plan
from fieldkit.domain.recording.positions import EYES, FINGERS, LEFT_FOUR, RIGHT_FOUR, THUMBS, Modality, Position
from fieldkit.ports.devices import ProtocolError


def test_ten_fingers_are_three_captures_in_the_order_asked():
    asks = plan(Modality.FINGER, (*RIGHT_FOUR, *LEFT_FOUR, *THUMBS))
    assert [(a.sub_id, a.positions) for a in asks] == [(2, RIGHT_FOUR), (1, LEFT_FOUR), (3, THUMBS)]


def test_exceptions_belong_to_their_slap():
    (ask,) = plan(Modality.FINGER, LEFT_FOUR, (Position.LEFT_RING, Position.RIGHT_THUMB))
    assert ask.exceptions == (Position.LEFT_RING,)
    assert ask.positions == tuple(p for p in LEFT_FOUR if p is not Position.LEFT_RING)
    assert ask.whole == ask


def test_a_single_finger_scanner_takes_one_at_a_time():
    asks = plan(Modality.FINGER, RIGHT_FOUR, sub_ids=(1,), single=True)
    assert [a.positions for a in asks] == [(p,) for p in RIGHT_FOUR]
    assert {a.sub_id for a in asks} == {1}


@pytest.mark.parametrize(
    ("wanted", "exceptions", "sub_ids", "expected"),
    [
        (EYES, (), (1, 2, 3), [Ask(Modality.IRIS, 3, EYES)]),
        (EYES, (Position.EYE_LEFT,), (1, 2, 3), [Ask(Modality.IRIS, 3, (Position.EYE_RIGHT,), (Position.EYE_LEFT,))]),
        ((Position.EYE_LEFT,), (), (1, 2, 3), [Ask(Modality.IRIS, 1, (Position.EYE_LEFT,))]),
        ((Position.EYE_LEFT,), (), (3,), [Ask(Modality.IRIS, 3, (Position.EYE_LEFT,))]),
        (EYES, (), (0,), [Ask(Modality.IRIS, 0, (p,)) for p in EYES]),
        (EYES, (), (1, 2), [Ask(Modality.IRIS, 2, (EYES[0],)), Ask(Modality.IRIS, 1, (EYES[1],))]),
    ],
)
def test_eyes_by_what_the_camera_offers(wanted, exceptions, sub_ids, expected):
    assert list(plan(Modality.IRIS, wanted, exceptions, sub_ids=sub_ids)) == expected


def test_an_exception_photo_names_what_is_missing():
    (ask,) = plan(Modality.FACE, (Position.PORTRAIT,), (Position.EYE_LEFT, Position.LEFT_THUMB))
    assert ask == Ask(Modality.FACE, 0, (Position.PORTRAIT,), (Position.EYE_LEFT, Position.LEFT_THUMB))


@pytest.mark.parametrize("positions", [(), (Position.PORTRAIT,), (*RIGHT_FOUR, Position.EYE_LEFT)])
def test_what_the_device_cannot_capture_is_refused(positions):
    with pytest.raises(ProtocolError):
        plan(Modality.FINGER, positions)


def test_capabilities_of_sub_devices():
    assert captured_by(Modality.FINGER, (1, 2, 3)) == set(FINGERS)
    assert captured_by(Modality.FINGER, (3,)) == set(THUMBS)
    assert captured_by(Modality.FINGER, (0,)) == set(FINGERS)
    assert captured_by(Modality.IRIS, (3,)) == set(EYES)
