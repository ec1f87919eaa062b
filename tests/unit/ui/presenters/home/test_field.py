from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from support.activities import add_activity
from support.app_context import ACTIVITY, PETUGAS, Kit
from support.tasks import Steps

from fieldkit.app.bootstrap.sop_profiles import own_profiles
from fieldkit.domain.planning.outreach import OutreachCount
from ui.presenters.home.field import FieldDay, actions_of, side_of, subtitle_of, turn_words
from ui.presenters.presenter import message


def test_the_turn_is_the_users_own_or_says_whose_and_ends_with_the_sop(tmp_path: Path) -> None:
    kit = Kit(tmp_path, PETUGAS)
    sops = {profile.sop_id: profile for profile in own_profiles()}
    jimbe, becak = sops["blitar_si_jaran_ijo"], sops["grobogan_becak_pintar"]
    for name, profile, done in (("mine", jimbe, 9), ("theirs", jimbe, 1), ("over", becak, 8)):
        add_activity(kit, name, profile, done=done)
    told = {}
    for name in ("mine", "theirs", "over"):
        view = kit.context.office.sop.view(name)
        assert view is not None
        told[name] = turn_words(view)
        found = FieldDay(kit.context.visits.overview(), (), kit.context.delivery.queue(), "", view, None)
        assert len(side_of(found)) == min(12, len(view.steps))
    kit.store.close()
    assert told["mine"] == message("beranda.step_yours", no=10, words=jimbe.steps[9].title)
    assert told["theirs"] == message("beranda.step_of", no=2, words=jimbe.steps[1].title, who="Kepala Dinas")
    assert told["over"] == message("beranda.sop_left", count=2)


def test_a_day_without_targets_is_not_called_done(tmp_path: Path) -> None:
    kit = Kit(tmp_path, PETUGAS)
    found = FieldDay(kit.context.visits.overview(), (), kit.context.delivery.queue(), "", None, None)
    kit.store.close()
    first = actions_of(found, OutreachCount(0, 0, 0, 0, 0, 0, None), 4, Steps(), lambda: None)[0]
    assert first.line == message("beranda.no_visits")


def test_a_day_without_its_surat_tugas_shows_a_dash() -> None:
    bare = replace(ACTIVITY, surat_tugas="")
    assert subtitle_of(bare, 0).params["surat"] == "–"
    assert subtitle_of(ACTIVITY, 1).params["surat"] == ACTIVITY.surat_tugas
