from __future__ import annotations

import pytest

from drivers.sbi.dialect import V0_9_5, V1_0
from drivers.sbi.discovery import discover
from drivers.sbi.transport import run
from drivers.transport import NeverCancelled
from fieldkit.ports.devices import NotConnectedError, ProtocolError


@pytest.mark.parametrize(("version", "dialect"), [("0.9.5", V0_9_5), ("1.0", V1_0)])
@pytest.mark.parametrize("first", [V0_9_5, V1_0])
def test_each_dialect_is_found_whichever_is_tried_first(service_at, version, dialect, first):
    devices = run(discover(service_at(version).url, first, 2.0), NeverCancelled()).devices
    assert {d.dialect for d in devices} == {dialect}
    assert len(devices) == 3


def test_a_service_of_neither_dialect_is_refused(service):
    service.version = "0.9.5"
    service.discovered = lambda kind: {"digitalId": "!"}
    with pytest.raises(ProtocolError):
        run(discover(service.url, V0_9_5, 2.0), NeverCancelled())


def test_no_service_is_not_connected(service_at):
    service = service_at()
    service.close()
    with pytest.raises(NotConnectedError):
        run(discover(service.url, V0_9_5, 2.0), NeverCancelled())
