from __future__ import annotations

from support.scripts import demand_walks_its_sop

from fieldkit.app.demo.outreach.blitar import BLITAR


def test_the_script_walks_its_sop() -> None:
    demand_walks_its_sop(BLITAR)
