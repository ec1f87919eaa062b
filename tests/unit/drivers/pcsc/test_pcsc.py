from __future__ import annotations

from importlib.metadata import entry_points

from drivers.pcsc.driver import PcscDriver


def test_the_entry_point_builds_the_driver(context_for):
    (entry,) = entry_points(group="fieldkit.drivers", name="pcsc")
    built = entry.load()(context_for())
    assert isinstance(built, PcscDriver)
    assert built.name == "pcsc"
