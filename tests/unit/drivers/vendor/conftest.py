"""Adapters as short scripts of the standard library, and one that a test plays itself."""

from __future__ import annotations

import base64
import json
import sys
import textwrap
from collections.abc import Callable

import pytest

from drivers.vendor.host import VendorProgram

HEAD = """
import json, os, sys, time
def say(number, **content):
    sys.stdout.write(json.dumps({"number": number, **content}) + "\\n")
    sys.stdout.flush()
def asked():
    return json.loads(sys.stdin.readline())
"""
GREETED = HEAD + "say(0, protocol=1)\n"
SCANNER = {
    "id": "S1",
    "kind": "fingerprint",
    "vendor": "ACME",
    "model": "Ten",
    "serial": "S1",
    "ppi": 500,
    "slaps": True,
    "preview": True,
}


def encoded(content: bytes) -> str:
    return base64.b64encode(content).decode()


@pytest.fixture
def command() -> Callable[..., tuple[str, ...]]:
    """The command of an adapter that greets and then runs a script."""

    def build(script: str, head: str = GREETED) -> tuple[str, ...]:
        return (sys.executable, "-S", "-c", head + textwrap.dedent(script))

    return build


@pytest.fixture
def program(command, monkeypatch):
    monkeypatch.setattr("drivers.vendor.host.STOP_S", 120.0)  # for one that ends
    running: list[VendorProgram] = []

    def start(script: str, head: str = GREETED) -> VendorProgram:
        running.append(VendorProgram("acme", command(script, head)))
        return running[-1]

    yield start
    monkeypatch.setattr("drivers.vendor.host.STOP_S", 0.2)
    for one in running:
        one.close()


@pytest.fixture
def scanner() -> dict[str, object]:
    return dict(SCANNER)


@pytest.fixture
def finger():
    """The fields of one print, as large as asked for."""

    def build(position: str = "RIGHT_INDEX", side: int = 8, **more: object) -> dict[str, object]:
        pixels = encoded(bytes(range(256)) * (side * side // 256 + 1))
        pixels = encoded(base64.b64decode(pixels)[: side * side])
        return {"position": position, "width": side, "height": side, "ppi": 500, "pixels": pixels, **more}

    return build


@pytest.fixture
def line():
    return lambda **content: json.dumps(content).encode() + b"\n"
