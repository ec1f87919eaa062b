from __future__ import annotations

import json
from dataclasses import dataclass

import cv2
import numpy as np
import pytest
from support.cards import Tray
from support.room import PETUGAS, Room

from drivers.pcsc.ktp_el import KtpElFiles
from drivers.pcsc.sam import NoSam
from drivers.simulators.sam import SamCard
from drivers.simulators.vpcd import KtpElCard
from drivers.transport import NeverCancelled
from fieldkit.app.bootstrap.kit_settings import HmacNikKey
from fieldkit.domain.errors import RuleError
from fieldkit.formats.images import decode_colour
from fieldkit.formats.pictures import RecordPictures
from fieldkit.ports.devices import Cancel, Device, DeviceKind, NothingPresentedError
from fieldkit.services.recording.check_card import PHOTO_PX, CardMoment, CardSeen, CardTools, CheckCard

UID = bytes.fromhex("04A1B2C3D4E5F6")
KEY = HmacNikKey(b"k" * 32)
PHOTO = cv2.imencode(".jp2", np.full((640, 480, 3), 90, np.uint8))[1].tobytes()


@dataclass
class OneReader:
    """A `Registry` with a card reader only."""

    tray: Tray

    def device_for(self, kind: DeviceKind) -> Device:
        assert kind is DeviceKind.CARD_READER
        return self.tray


class ReadySam(NoSam):
    """A SAM that is at hand."""

    is_open = False

    def open(self, cancel: Cancel) -> None:
        self.is_open = True

    def close(self) -> None:
        self.is_open = False


@pytest.fixture
def tray() -> Tray:
    return Tray()


@pytest.fixture
def cards(room: Room, tray: Tray) -> CheckCard:
    tools = CardTools(KtpElFiles(), NoSam(), RecordPictures(), KEY)
    return CheckCard(OneReader(tray), tools, room.store, room.clock, PETUGAS)


def test_a_ktp_el_shows_its_photo_and_says_that_the_rest_is_closed(cards: CheckCard, tray: Tray) -> None:
    tray.chip = KtpElCard(PHOTO, UID)
    seen = cards.read(NeverCancelled())
    assert seen.is_ktp_el
    assert seen.uid_digest == KEY.digest(UID.hex())
    assert decode_colour(seen.photograph).shape == (PHOTO_PX, PHOTO_PX * 3 // 4, 3)
    assert seen.closed_by is not None
    assert seen.closed_by.code == "device.sam.absent"
    assert not tray.is_open


def test_with_a_sam_nothing_is_said_to_be_closed(room: Room, tray: Tray) -> None:
    tray.chip = KtpElCard(PHOTO, UID)
    tools = CardTools(KtpElFiles(), sam := ReadySam(), RecordPictures(), KEY)
    assert CheckCard(OneReader(tray), tools, room.store, room.clock, PETUGAS).read(NeverCancelled()).closed_by is None
    assert not sam.is_open


@pytest.mark.parametrize("uid", [b"", bytes.fromhex("08123456")])
def test_a_number_that_the_card_makes_up_each_time_is_not_kept(cards: CheckCard, tray: Tray, uid: bytes) -> None:
    tray.chip = KtpElCard(PHOTO, uid)
    assert cards.read(NeverCancelled()).uid_digest == ""
    with pytest.raises(RuleError, match=r"blank\.no_chip_number"):
        cards.number(NeverCancelled())


@pytest.mark.parametrize("uid", ["04A1B2C3D4E5F6", "08A1B2C3D4E5F6", "09123456"])
def test_the_number_of_a_new_card_is_that_of_its_chip(cards: CheckCard, tray: Tray, uid: str) -> None:
    tray.chip = KtpElCard(PHOTO, bytes.fromhex(uid))
    assert cards.number(NeverCancelled()) == uid


def test_a_photo_that_is_no_picture_leaves_the_rest(cards: CheckCard, tray: Tray) -> None:
    tray.chip = KtpElCard(b"scratched", UID)
    seen = cards.read(NeverCancelled())
    assert (seen.is_ktp_el, seen.photograph) == (True, b"")


def test_another_card_and_no_card(cards: CheckCard, tray: Tray) -> None:
    tray.chip = SamCard()
    assert cards.read(NeverCancelled()) == CardSeen(is_ktp_el=False)
    tray.chip = None
    with pytest.raises(NothingPresentedError):
        cards.read(NeverCancelled(), 10)
    assert not tray.is_open


def test_what_was_seen_is_written_down_without_the_number(cards: CheckCard, tray: Tray, room: Room) -> None:
    tray.chip = KtpElCard(PHOTO, UID)
    seen = cards.read(NeverCancelled())
    cards.note("target-1", seen, CardMoment.HANDOVER)
    cards.note("target-1", CardSeen(is_ktp_el=False), CardMoment.BEFORE_RECORDING)
    with room.store.read() as unit:
        (event,) = [e for e in unit.events.of("target-1") if e.kind == "card_seen"]
    assert json.loads(event.payload) == {"moment": "handover", "uid": seen.uid_digest}
    assert event.actor == PETUGAS.user_id
    assert UID.hex() not in event.payload
