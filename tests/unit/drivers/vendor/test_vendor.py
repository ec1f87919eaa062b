from __future__ import annotations

from drivers.vendor import driver


def test_the_entry_point_builds_the_driver(context_for):
    assert driver(context_for()).name == "vendor"
