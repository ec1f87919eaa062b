"""What every script of the outreach demo must keep to."""

from __future__ import annotations

from fieldkit.app.bootstrap.sop_profiles import own_profiles
from fieldkit.app.demo.outreach.stage import Script


def demand_walks_its_sop(script: Script) -> None:
    """Walk every step of the profile in order; what only ends it needs nobody."""
    (profile,) = (each for each in own_profiles() if each.sop_id == script.sop_id)
    numbers = [step.no for step in profile.steps]
    assert list(script.steps) == numbers[: len(script.steps)]
    assert all(step.is_terminator for step in profile.steps[len(script.steps) :])
