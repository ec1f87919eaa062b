from __future__ import annotations

import subprocess
import sys

import pytest
from support.clock import HandClock
from support.signing import LETTER, PKCS12_PASSPHRASE, office_pkcs12

from fieldkit.app.bootstrap.signing_parts import LaptopBench
from fieldkit.documents.pades import OfficeSigner
from fieldkit.domain.errors import InputError, RuleError
from fieldkit.domain.letters.signing import SigningSettings, SigningWay
from fieldkit.ports.signer import BoxWords, Standing
from sync.kit.esign import BsreClient

SERVICE = SigningSettings(url="https://tte.example", user="dinas")


@pytest.fixture
def bench() -> LaptopBench:
    return LaptopBench(HandClock())


def test_who_signs_follows_the_settings(bench: LaptopBench) -> None:
    packed, _ = office_pkcs12(HandClock())
    assert isinstance(bench.signer(SERVICE, b""), BsreClient)
    assert isinstance(bench.signer(SigningSettings(SigningWay.OFFICE), packed), OfficeSigner)
    assert bench.certificate(packed, PKCS12_PASSPHRASE).name
    for settings in (SigningSettings(), SigningSettings(SigningWay.OFFICE), SigningSettings(url="https://tte.example")):
        with pytest.raises(RuleError, match=r"tte\.not_set_up"):
            bench.signer(settings, b"")


def test_the_rest_of_the_bench(bench: LaptopBench) -> None:
    assert bench.verifier(SERVICE).verify(LETTER).standing is Standing.UNSIGNED
    assert bench.place_in(LETTER) is None
    assert bench.draw(BoxWords("x", "y")).startswith(b"\x89PNG")
    assert len(bench.pages(LETTER)) == 1
    bench.check_trust("")
    with pytest.raises(InputError):
        bench.check_trust("x")


def test_no_library_of_it_is_loaded_before_it_is_needed() -> None:
    heavy = "('pyhanko', 'httpx2', 'pypdfium2')"
    program = f"import sys, fieldkit.app.bootstrap.signing_parts; sys.exit(any(n in sys.modules for n in {heavy}))"
    subprocess.run([sys.executable, "-c", program], check=True)
