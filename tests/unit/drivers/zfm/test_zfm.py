from __future__ import annotations

from importlib.metadata import entry_points

from drivers.zfm.driver import ZfmDriver


def test_the_entry_point_builds_the_driver(context_for):
    (entry,) = entry_points(group="fieldkit.drivers", name="zfm")
    built = entry.load()(context_for())
    assert isinstance(built, ZfmDriver)
    assert built.name == "zfm"
