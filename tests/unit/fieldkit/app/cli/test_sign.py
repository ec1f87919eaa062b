from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.commands import fieldkit, refused

from drivers.simulators.bench import SimulatedKit
from drivers.simulators.subject import SyntheticSubject
from fieldkit.formats.signature import decode_signature
from fieldkit.ports.devices import Signature


@pytest.fixture(scope="module")
def kit() -> Iterator[SimulatedKit]:
    with SimulatedKit() as made:
        yield made


@pytest.fixture
def signing(kit: SimulatedKit) -> Signature:
    person = SyntheticSubject(3)
    kit.present(person)
    return person.signature()


@pytest.mark.parametrize("driver", ["topaz", "isdv4"])
def test_a_signature_is_written_in_three_forms(
    kit: SimulatedKit, signing: Signature, driver: str, tmp_path: Path
) -> None:
    port = {"topaz": f"{kit.addresses.topaz_tty}#siglite-1x5", "isdv4": kit.addresses.isdv4_tty}[driver]
    said = fieldkit("sign", "--driver", driver, "--url", port, "--out", tmp_path, "--json")
    assert (said.code, said.err) == (0, "")
    strokes, pixels, lines = (Path(name) for name in said.json["files"])
    kept = decode_signature(strokes.read_bytes())
    assert [len(stroke) for stroke in kept.strokes] == [len(stroke) for stroke in signing.strokes]
    assert pixels.read_bytes().startswith(b"\x89PNG")
    assert b"<svg" in lines.read_bytes()
    assert said.json["quality"] >= 60
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}
    asked = ("sign", "--driver", driver, "--url", port, "--out", tmp_path)
    assert refused(*asked) == (2, "cli.exists")  # before anybody is asked to sign
    assert strokes.read_bytes() == (tmp_path / "signature.json").read_bytes()
    assert said.json["device"]["serial"] == {"topaz": "70001", "isdv4": port}[driver]


@pytest.mark.days
def test_a_topaz_pad_whose_model_is_not_named_is_refused(kit: SimulatedKit, tmp_path: Path) -> None:
    for address, code in (("", "which_model"), ("#siglite-9x9", "unknown_model")):
        asked = ("sign", "--driver", "topaz", "--url", f"{kit.addresses.topaz_tty}{address}", "--out", tmp_path / "out")
        assert refused(*asked) == (3, f"device.topaz.{code}")
    assert not (tmp_path / "out").exists()


def test_a_pad_that_is_not_there(tmp_path: Path) -> None:
    asked = ("sign", "--driver", "topaz", "--url", f"{tmp_path / 'ttyUSB9'}#clipgem", "--out", tmp_path / "out")
    assert refused(*asked) == (3, "device.not_connected")
    assert not (tmp_path / "out").exists()


def test_nobody_signs(kit: SimulatedKit, tmp_path: Path) -> None:
    kit.present(None)
    asked = ("sign", "--driver", "isdv4", "--url", kit.addresses.isdv4_tty, "--timeout", "0.3", "--out", tmp_path)
    assert refused(*asked) == (3, "device.no_ink")
