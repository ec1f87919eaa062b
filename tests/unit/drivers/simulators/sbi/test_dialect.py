from __future__ import annotations

from drivers.simulators.sbi.dialect import V0_9_5, V1_0, Act


def test_the_verbs_of_0_9_5() -> None:
    assert V0_9_5.routes[("MOSIPDISC", "/device")] is Act.DISCOVER
    assert V0_9_5.routes[("RCAPTURE", "/capture")] is Act.CAPTURE
    assert set(V0_9_5.routes.values()) == set(Act)


def test_the_verbs_of_1_0() -> None:
    assert V1_0.routes[("SBIDISC", "/device")] is Act.DISCOVER
    assert V1_0.routes[("RCAPTURE", "/capture")] is Act.CAPTURE
    assert set(V1_0.routes.values()) == set(Act)
    assert (V1_0.device_key, V1_0.names_version) == ("serialNo", True)
    assert not V0_9_5.names_version
