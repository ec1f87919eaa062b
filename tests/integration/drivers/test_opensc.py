"""OpenSC, another hand's client, talks to the simulated KTP-el."""

from __future__ import annotations

import shutil

import pytest
from support import pcscd
from support.standstill import run_to_its_end

from drivers.simulators.vpcd import ATR, CardSlot, KtpElCard

virtual_reader = pytest.fixture(scope="module")(pcscd.virtual_reader)


def test_opensc_reads_atr_directory_and_card_control(virtual_reader: str) -> None:
    tool = shutil.which("opensc-tool")
    if tool is None:
        pytest.skip("opensc is not installed")
    slot = CardSlot()
    pcscd.lay_on(slot, KtpElCard(b"\xff\xd8\xff photo", bytes.fromhex("04A1B2C3D4E5F6")))
    pcscd.wait_until_present(virtual_reader)
    apdus = ("00A40000027F0A", "00A40000026FF0", "00B0000035", "00A40000026FF1", "00B0000008")
    sent = [part for apdu in apdus for part in ("-s", apdu)]
    try:
        atr = run_to_its_end([tool, "-r", virtual_reader, "-a"], text=True)
        told = run_to_its_end([tool, "-r", virtual_reader, "-c", "default", *sent], text=True)
    finally:
        slot.remove()
        pcscd.wait_until_empty()
    assert bytes.fromhex(atr.stdout.strip().replace(":", "")) == ATR
    assert told.stdout.count("SW1=0x90, SW2=0x00") == 4
    assert "00 33 04 A1 B2 C3 D4 E5 F6" in told.stdout  # 51 bytes of card control, beginning with the UID
    assert "SW1=0x69, SW2=0x82" in told.stdout  # biodata without a SAM
