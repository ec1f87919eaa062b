"""When a list counts as verified; the acts themselves are walked in tests/e2e."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import cast

from support.app_context import ACTIVITY, Kit
from support.kept import target

from fieldkit.app.demo.kit import KASI
from fieldkit.app.demo.outreach.clerk import Clerk
from fieldkit.app.demo.outreach.target_acts import _unchecked
from fieldkit.domain.planning.outreach import TargetVerdict


def test_everybody_is_unchecked_until_somebody_says_otherwise(tmp_path: Path) -> None:
    with Kit(tmp_path, KASI) as kit:
        kit.plan(*(replace(target(n), activity_id=ACTIVITY.activity_id) for n in (1, 2)))
        clerk = cast(Clerk, SimpleNamespace(context=kit.context, activity_id=ACTIVITY.activity_id))
        assert _unchecked(clerk) == 2
        kit.context.office.verification.judge(
            ACTIVITY.activity_id, dict.fromkeys([target(1).target_id], TargetVerdict.TERVERIFIKASI)
        )
        assert _unchecked(clerk) == 1
