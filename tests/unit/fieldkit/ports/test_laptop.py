from __future__ import annotations

from fieldkit.domain.errors import Problem
from fieldkit.ports.laptop import Finding


def test_only_a_fault_of_what_is_needed_stops_work() -> None:
    fault = Problem("doctor.disk_low")
    assert (Finding("disk").is_ok, Finding("disk").exit_code) == (True, 0)
    assert (Finding("disk", fault).is_ok, Finding("disk", fault).exit_code) == (False, 3)
    assert Finding("disk", fault, is_needed=False).exit_code == 0
