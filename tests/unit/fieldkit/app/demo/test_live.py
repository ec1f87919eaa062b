from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from fieldkit.app.demo import live
from fieldkit.app.demo.kit import PETUGAS, PINS
from fieldkit.services.context.door import Door


@pytest.mark.days
def test_the_window_gets_a_door_behind_which_people_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []

    def serve(door: Door, _home: Path, _papers: Path, _language: str, ready: Callable[[], None]) -> int:
        context = door.unlock(PETUGAS.user_id, PINS[PETUGAS.user_id])
        overview = context.visits.overview()
        assert overview.count is not None
        seen.append(overview.count.targets)
        ready()
        return 7

    monkeypatch.setattr(live, "serve", serve)
    taken_away: list[int] = []
    assert live.run_live(tmp_path, "id", lambda: taken_away.append(len(seen))) == 7
    assert live.run_live(tmp_path, "id") == 7, "a second run goes on with the same kit"
    assert (seen, taken_away) == ([12, 12], [1])
