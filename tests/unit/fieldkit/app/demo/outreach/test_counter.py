from __future__ import annotations

import pytest
from support.scripts import demand_walks_its_sop

from fieldkit.app.demo.outreach.counter import BECAK, KK
from fieldkit.app.demo.outreach.stage import Script


@pytest.mark.parametrize("script", [KK, BECAK], ids=lambda script: script.sop_id)
def test_the_script_walks_its_sop(script: Script) -> None:
    demand_walks_its_sop(script)
