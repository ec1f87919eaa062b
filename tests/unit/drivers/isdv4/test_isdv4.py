from __future__ import annotations

from importlib.metadata import entry_points

from drivers.isdv4.driver import Isdv4Driver


def test_the_entry_point_builds_the_driver(context_for):
    (entry,) = entry_points(group="fieldkit.drivers", name="isdv4")
    built = entry.load()(context_for())
    assert isinstance(built, Isdv4Driver)
    assert built.name == "isdv4"
