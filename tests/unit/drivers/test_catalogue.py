"""Every code that a driver raises has its sentences in both languages, with the same parameters."""

from __future__ import annotations

import re
import tomllib
from importlib.resources import files
from pathlib import Path

import drivers
from fieldkit.ports.devices import DeviceKind

FOLDER = Path(drivers.__file__).parent


def catalogue(language: str) -> dict[str, dict[str, str]]:
    rooms = (files("assets") / "i18n" / language).iterdir()
    sentences = {}
    for room in sorted(rooms, key=lambda r: r.name):
        sentences |= tomllib.loads(room.read_text("utf-8"))
    return {code: parts for code, parts in sentences.items() if code.startswith("device.") and isinstance(parts, dict)}


def test_codes_in_the_source_are_in_the_catalogue():
    rooms = (path for path in FOLDER.rglob("*.py") if "simulators" not in path.parts)
    source = "".join(path.read_text("utf-8") for path in rooms)
    codes = set(re.findall(r'"(device\.[a-z_.0-9]+)"', source)) | {
        f"device.none.{kind}" for kind in DeviceKind if kind is not DeviceKind.UNKNOWN
    }
    assert len(codes) > 30
    assert codes <= set(catalogue("id"))


def test_both_languages_say_the_same_things():
    indonesian, english = catalogue("id"), catalogue("en")
    assert list(indonesian) == list(english)
    for code in indonesian:
        for part in ("what", "safe", "do"):
            assert re.findall(r"{\w+}", indonesian[code][part]) == re.findall(r"{\w+}", english[code][part]), code


def test_a_device_that_is_not_believed_speaks_of_no_samples_that_nobody_took():
    """It is refused in the list already, before anybody stands there."""
    for language in ("id", "en"):
        said = {code: parts["safe"] for code, parts in catalogue(language).items() if code.startswith("device.jws")}
        assert len(said) == 5
        assert not [code for code, safe in said.items() if "sampe" in safe.lower() or "sample" in safe.lower()]
