from __future__ import annotations

from support.scripts import demand_walks_its_sop

from fieldkit.app.demo.outreach.madiun import MADIUN


def test_the_script_walks_its_sop() -> None:
    demand_walks_its_sop(MADIUN)
