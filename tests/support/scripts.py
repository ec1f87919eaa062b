"""What every script of the outreach demo must keep to."""

from __future__ import annotations

from fieldkit.bootstrap.sop_profiles import own_profiles
from fieldkit.demo.outreach.script import Script


def demand_begins_like_its_sop(script: Script) -> None:
    """Walk the first steps of the profile in order, none left out."""
    (profile,) = (each for each in own_profiles() if each.sop_id == script.sop_id)
    assert list(script.steps) == [step.no for step in profile.steps][: len(script.steps)]
