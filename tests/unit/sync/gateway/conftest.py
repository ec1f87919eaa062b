from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.clock import HandClock, true_clock
from support.gateway import Kit

from fieldkit.domain.people import Role
from fieldkit.vault import keys
from fieldkit.vault.certificates import make_csr
from sync.gateway import provision
from sync.gateway.admission import Admission
from sync.gateway.house import House
from sync.protocol.messages import Enrolment, UserRequest


@pytest.fixture
def clock() -> HandClock:
    return true_clock()


@pytest.fixture
def folder(tmp_path: Path, clock: HandClock) -> Path:
    provision.init(tmp_path / "gateway", {"dinas": "Dinas Uji"}, ["127.0.0.1"], clock)
    return tmp_path / "gateway"


@pytest.fixture
def house(folder: Path, clock: HandClock) -> Iterator[House]:
    opened = provision.open_house(folder, clock)
    yield opened
    opened.engine.dispose()


@pytest.fixture
def kit(folder: Path, house: House, clock: HandClock) -> Kit:
    return enrolled(folder, house, clock, "kit-01")


def enrolled(folder: Path, house: House, clock: HandClock, name: str) -> Kit:
    slip = provision.enrol_code(folder, "https://gateway", name, "admin", clock)
    kit_key, admin_key = keys.new_private_key(), keys.new_private_key()
    admin = UserRequest(user_id="admin", name="Admin", role=Role.ADMIN_DINAS, csr=make_csr(admin_key))
    answer = Admission(house).enrol(Enrolment(code=slip.code, kit_csr=make_csr(kit_key), admin=admin))
    return Kit(name, kit_key, admin_key, answer, clock)
