"""A store that an older program has filled is opened by this one with everything in it."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.kept import KEY, MISINEM, NOW, activity, biodata, fill_queue, open_kit, sample, session, target
from support.older_stores import old_store, older, rows_of

from fieldkit.domain.planning.outreach import TargetState, TargetVerdict
from fieldkit.domain.targets.requests import TargetNotes
from fieldkit.storage.engine import writer_engine
from fieldkit.storage.migrate import stored_version
from fieldkit.storage.migrations import triggers
from fieldkit.storage.store import SqlStore

NOTES = TargetNotes("t-1", "act-1", access="Jalan kaki")


def fill(store: SqlStore) -> None:
    with store.write() as unit:
        unit.activities.save(activity())
        unit.targets.save([target(1), target(2, MISINEM), target(3, biodata("Budi", "3275010101900001"))])
        unit.targets.mark(target(3).target_id, TargetState.POSTPONED, "too_ill")
        unit.sessions.save(session())
        unit.sessions.put_samples("session-1", {"sample-1": sample()})
        unit.settings.put("language", "id")
        unit.events.append("something", "act-1", {"count": 3}, "user-1", NOW)
        unit.repository(TargetNotes).save(NOTES)
    fill_queue(store, [1, 2])


@pytest.mark.parametrize("revision", ["0001", "0002", "0003"])
def test_everything_an_older_program_kept_is_there(
    tmp_path: Path, revision: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = open_kit(tmp_path / "new")
    fill(store)
    store.close()
    engine = writer_engine(tmp_path / "new" / "kit.db", KEY)
    expected = rows_of(engine)
    engine.dispose()

    path = tmp_path / "old" / "kit.db"
    with monkeypatch.context() as earlier:
        if revision == "0001":  # which knew no things
            known = {name: body for name, body in triggers._TRIGGERS.items() if not name.startswith("things")}
            earlier.setattr(triggers, "_TRIGGERS", known)
        assert old_store(path, KEY, older(tmp_path / "migrations", revision), expected) > 10
    engine = writer_engine(path, KEY)
    assert stored_version(engine) == revision
    engine.dispose()

    opened = open_kit(path.parent, ids="later")
    with opened.read() as unit:
        assert list(unit.targets.search("act-1"))[1] == target(2, MISINEM)
        assert [one.house for one in unit.targets.search("act-1", "misinem")] == [2]
        assert [key.target_id for key in unit.targets.with_niks([MISINEM.nik.digits])] == [target(2).target_id]
        assert unit.targets.tally("act-1") == {TargetVerdict.BELUM_DICEK: 3}
        assert unit.targets.counts("act-1").matching([TargetState.POSTPONED]) == 1
        assert len(unit.records.search("")) == 2
        assert unit.sessions.sample("sample-1") == sample()
        assert unit.repository(TargetNotes).find("t-1") == (NOTES if revision >= "0002" else None)
    with opened.write() as unit:
        unit.repository(TargetNotes).save(NOTES)
        unit.targets.judge([target(2).target_id], TargetVerdict.TERVERIFIKASI)
        unit.events.append("something", "act-1", {}, "user-1", NOW)
        assert unit.events.verify()[1] is None
    opened.close()

    engine = writer_engine(path, KEY)
    found = rows_of(engine)
    engine.dispose()
    for name in expected.keys() - {"alembic_version", "things", "attachments", "targets", "events", "chains"}:
        assert found[name] == expected[name], name
    # One of them was judged above.
    assert [{**row, "verdict": ""} for row in found["targets"]] == [
        {**row, "verdict": ""} for row in expected["targets"]
    ]
    assert found["events"][: len(expected["events"])] == expected["events"]
