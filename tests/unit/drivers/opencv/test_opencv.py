from __future__ import annotations

from importlib.metadata import entry_points

from drivers.opencv.driver import OpenCvDriver


def test_the_entry_point_builds_the_driver(context_for):
    (entry,) = entry_points(group="fieldkit.drivers", name="opencv")
    built = entry.load()(context_for())
    assert isinstance(built, OpenCvDriver)
    assert built.name == "opencv"
