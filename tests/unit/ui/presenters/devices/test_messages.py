from __future__ import annotations

from dataclasses import replace

import pytest
from support.app_context import absent, ready

from fieldkit.app.bootstrap.catalogue import LANGUAGES, strict_catalogue
from fieldkit.domain.errors import Problem
from fieldkit.ports.devices import DeviceKind, DeviceState
from ui.presenters.devices.messages import TONES, best_of, indicators, kind_words, problem_of, ready_count, state_words
from ui.presenters.parts import Light, Tone


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_and_state_has_words_and_a_tone(language: str) -> None:
    catalogue = strict_catalogue(language)
    for kind in DeviceKind:
        assert catalogue.text(kind_words(kind).key)
        assert catalogue.text(f"lamp.{kind.value}")
    for state in DeviceState:
        assert catalogue.text(state_words(state).key)
        assert state in TONES


def test_the_best_device_of_a_kind_speaks_for_it() -> None:
    lost, there = absent(DeviceKind.IRIS), ready(DeviceKind.IRIS)
    assert best_of((lost, there))[DeviceKind.IRIS] is there
    assert best_of((there, lost))[DeviceKind.IRIS] is there


def test_a_light_for_each_kind_also_for_what_nobody_saw() -> None:
    refused = replace(ready(DeviceKind.CAMERA), state=DeviceState.PERMISSION_DENIED)
    lights = {
        indicator.words.key: indicator.light for indicator in indicators((ready(DeviceKind.FINGERPRINT), refused))
    }
    assert lights == {
        "lamp.fingerprint": Light.READY,
        "lamp.iris": Light.OFF,
        "lamp.camera": Light.BAD,
        "lamp.signature_pad": Light.OFF,
        "lamp.card_reader": Light.OFF,
    }


@pytest.mark.parametrize("state", [DeviceState.NOT_READY, DeviceState.BUSY])
def test_what_never_proved_its_provider_is_not_green(state: DeviceState) -> None:
    untrusted = replace(ready(DeviceKind.IRIS), state=state, detail="device.jws_untrusted")
    light = indicators((untrusted,))[1]
    assert (TONES[state] is Tone.GOOD, light.light is Light.READY) == (False, False)
    assert light.detail == Problem("device.jws_untrusted")  # the bar tells why


def test_a_module_for_unlocking_is_no_scanner() -> None:
    module = replace(ready(DeviceKind.FINGERPRINT), may_enrol=False)
    assert best_of((module,)) == {}
    assert ready_count((module,)) == 0
    assert indicators((module,))[0].light is Light.OFF


def test_a_lost_device_tells_what_puts_it_right() -> None:
    assert problem_of(absent(DeviceKind.IRIS)) == Problem("device.not_connected", {"address": "/dev/ttyUSB0"})
    assert problem_of(ready(DeviceKind.IRIS)) is None


def test_a_card_reader_is_not_needed() -> None:
    everything = tuple(map(ready, DeviceKind))
    assert ready_count(everything) == 4
    assert ready_count((*everything[:3], absent(DeviceKind.SIGNATURE_PAD))) == 3
