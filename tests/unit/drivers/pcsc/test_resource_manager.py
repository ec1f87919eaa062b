from __future__ import annotations

import sys

import pytest

from drivers.pcsc.reader import context, expect, readers, scard
from fieldkit.ports.devices import (
    DeviceBusyError,
    NotConnectedError,
    NothingPresentedError,
    SdkMissingError,
    TransportBrokenError,
)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (0x8010001D, SdkMissingError),
        (0x8010001D - (1 << 32), SdkMissingError),  # pyscard gives signed numbers on some systems
        (0x80100069, NothingPresentedError),
        (0x8010000B, DeviceBusyError),
        (0x80100009, NotConnectedError),
        (0x80100066, TransportBrokenError),
        (0x80101234, TransportBrokenError),
    ],
)
def test_codes_are_kinds(code, kind):
    expect(0)
    with pytest.raises(kind):
        expect(code, "reader")


@pytest.mark.parametrize(("code", "said"), [(0x8010000F, "other_protocol"), (0x80100016, "not_transacted")])
def test_what_the_card_did_is_not_said_of_the_cable(code, said):
    with pytest.raises(TransportBrokenError) as caught:
        expect(code, "reader")
    assert caught.value.code == f"device.pcsc.{said}"


def test_without_the_library_it_is_a_missing_sdk(monkeypatch):
    monkeypatch.setitem(sys.modules, "smartcard", None)
    with pytest.raises(SdkMissingError) as caught:
        scard()
    assert caught.value.code == "device.pcsc.no_library"


def test_readers_of_the_running_service(virtual_reader):
    assert virtual_reader in readers()
    with context() as one, context() as two:
        assert one != two
