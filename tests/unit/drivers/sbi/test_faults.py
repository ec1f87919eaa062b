from __future__ import annotations

import tomllib
from importlib.resources import files

import pytest

from drivers.sbi.faults import KINDS, device_error, message_code
from fieldkit.ports.devices import DeviceError, NotConnectedError


@pytest.mark.parametrize("language", ["id", "en"])
def test_every_code_has_its_sentences(language):
    catalogue = tomllib.loads((files("assets") / "i18n" / language / "devices.toml").read_text("utf-8"))
    for code in (*KINDS, 555):
        assert set(catalogue[message_code(code)]) == {"what", "safe", "do"}


def test_codes_published_and_seen_are_all_known():
    assert set(range(100, 113)) | {202, 502, *range(113, 124), *range(701, 709)} - {706} <= set(KINDS) | {706}


def test_an_unknown_code_keeps_its_number_and_a_bounded_sentence():
    error = device_error(599, "x" * 1000 + "\x1b[31m")
    assert isinstance(error, NotConnectedError)
    assert error.code == "device.sbi.vendor"
    assert error.problem.params["number"] == 599
    assert len(str(error.problem.params["detail"])) == 160
    assert "\x1b" not in str(device_error(599, "\x1b[31m").problem.params["detail"])


def test_all_kinds_are_device_errors():
    assert all(issubclass(kind, DeviceError) for kind in KINDS.values())
