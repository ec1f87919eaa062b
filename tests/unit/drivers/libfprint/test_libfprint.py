from __future__ import annotations

from importlib.metadata import entry_points

from drivers.libfprint.driver import LibfprintDriver


def test_the_entry_point_builds_the_driver(context_for):
    (entry,) = entry_points(group="fieldkit.drivers", name="libfprint")
    built = entry.load()(context_for())
    assert isinstance(built, LibfprintDriver)
    assert built.name == "libfprint"
