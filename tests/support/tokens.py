"""A PKCS#11 token in software (SoftHSM), in a folder of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from fieldkit.vault.token import TokenKey

_PLACES = ("/usr/lib/softhsm/libsofthsm2.so", "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so")
PIN = "135790"


@dataclass(frozen=True)
class Token:
    """A token with its PIN, and the address of a key that need not be there yet."""

    key: TokenKey
    pin: str


@pytest.fixture(scope="session")
def softhsm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Name the library. It reads its settings once in a process, so all tests share one folder of tokens."""
    pytest.importorskip("pkcs11", reason="python-pkcs11 is not installed")
    module = next((place for place in _PLACES if Path(place).exists()), None)
    if module is None or shutil.which("softhsm2-util") is None:
        pytest.skip("softhsm2 is not on this machine")
    folder = tmp_path_factory.mktemp("tokens", numbered=True)
    (folder / "tokens").mkdir()
    settings = folder / "softhsm2.conf"
    settings.write_text(f"directories.tokendir = {folder / 'tokens'}\nobjectstore.backend = file\nlog.level = ERROR\n")
    before = os.environ.get("SOFTHSM2_CONF")
    os.environ["SOFTHSM2_CONF"] = str(settings)
    subprocess.run(
        ["softhsm2-util", "--init-token", "--free", "--label", "pusat data", "--pin", PIN, "--so-pin", "24680246"],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    yield module
    if before is None:
        del os.environ["SOFTHSM2_CONF"]
    else:
        os.environ["SOFTHSM2_CONF"] = before


@pytest.fixture
def token(softhsm: str, request: pytest.FixtureRequest) -> Token:
    """Give a key of its own to each test."""
    return Token(TokenKey("pusat data", request.node.name[:60], softhsm), PIN)
