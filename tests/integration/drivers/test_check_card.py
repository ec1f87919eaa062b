"""The check before recording over the real registry, reader and service."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import pcscd
from support.app_context import TARGETS, Kit

from drivers.simulators.sam import AID, SamCard
from drivers.simulators.subject import SyntheticSubject
from drivers.simulators.vpcd import SAM_PORT, CardSlot, KtpElCard
from drivers.transport import NeverCancelled
from fieldkit.app.bootstrap.devices import Addresses, connect_devices
from fieldkit.app.bootstrap.kit_settings import HmacNikKey
from fieldkit.formats.images import decode_colour
from fieldkit.formats.pictures import RecordPictures
from fieldkit.services.recording.run_session import CardTools, CheckCard

virtual_reader = pytest.fixture(scope="module")(pcscd.virtual_reader)


@pytest.mark.parametrize("has_sam", [False, True])
def test_a_residents_card_on_the_kits_reader(virtual_reader: str, tmp_path: Path, has_sam: bool) -> None:
    kit, slot, sam_slot = Kit(tmp_path), CardSlot(), CardSlot(SAM_PORT)
    kit.plan(*TARGETS)
    given = (virtual_reader, *([f"{pcscd.SAM_SLOT}#sam={AID.hex()}"] if has_sam else []))
    only = frozenset({"pcsc", "sbi", "opencv", "topaz"})
    devices = connect_devices(
        tmp_path, kit.clock, Addresses({"pcsc": given}, only, frozenset({virtual_reader})), is_watching=False
    )
    tools = CardTools(devices.chip, devices.sam, RecordPictures(), HmacNikKey(b"k" * 32))
    cards = CheckCard(devices.registry, tools, kit.store, kit.clock, kit.context.user)
    try:
        pcscd.lay_on(slot, KtpElCard.of(SyntheticSubject(3)))
        if has_sam:
            pcscd.lay_on(sam_slot, SamCard())
            pcscd.wait_until_present(pcscd.SAM_SLOT)
        seen = cards.read(NeverCancelled(), 60_000)
    finally:
        slot.remove()
        sam_slot.remove()
        devices.close()
        kit.store.close()
        for reader in (pcscd.READER, pcscd.SAM_SLOT):
            pcscd.wait_until_empty(reader)
    assert seen.is_ktp_el
    assert seen.uid_digest
    assert decode_colour(seen.photograph).shape == (320, 240, 3)
    assert (seen.closed_by.code if seen.closed_by else "") == ("" if has_sam else "device.sam.absent")
