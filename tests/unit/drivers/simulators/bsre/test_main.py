from __future__ import annotations

import json
import subprocess
import sys

import pytest

from drivers.simulators.bsre.server import KEPALA_DINAS
from fieldkit.ports.vault import AccountState
from sync.kit.esign import BsreClient, Service


@pytest.mark.days
def test_as_a_process_it_says_where_it_is_and_ends_with_its_input() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "drivers.simulators.bsre"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        bsre = BsreClient(Service(told["url"], told["user"], told["secret"], told["ca"]))
        assert bsre.account(KEPALA_DINAS.nik).state is AccountState.ISSUED
        assert "passphrase" not in str(told)
        process.stdin.close()
        assert process.wait() == 0
