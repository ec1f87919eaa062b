from __future__ import annotations

from sync.gateway.operations.switches import Switches


def test_all_is_off_unless_said() -> None:
    assert Switches.of({}) == Switches(logs_json=False, shows_openapi=False, metrics_token="")
    said = {"FIELDKIT_LOG": "JSON", "FIELDKIT_OPENAPI": "1", "FIELDKIT_METRICS_TOKEN": "t"}
    assert Switches.of(said) == Switches(logs_json=True, shows_openapi=True, metrics_token="t")
    assert Switches.of({"FIELDKIT_LOG": "text", "FIELDKIT_OPENAPI": "0"}) == Switches()
    assert "t0ken" not in repr(Switches(metrics_token="t0ken"))
