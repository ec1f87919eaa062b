from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from support.app_context import Kit
from support.plans import ADMIN
from support.settings import field, opened

from fieldkit.services.office_bundles import STANDINGS
from fieldkit.services.people.keep_accounts import ReadKit
from ui.presenters.presenter import message
from ui.presenters.settings.kit import KitSection


def test_the_kit_tells_certificate_and_retention(tmp_path: Path) -> None:
    kit = Kit(tmp_path, ADMIN)
    presenter = opened(kit, "kit")
    facts = {words.key: value for words, value in field(presenter, "facts").facts}
    assert facts["pengaturan.kit_id"] == "KIT-07"
    assert facts["audit.checked"].key == "audit.ok"
    assert facts["audit.proven"].key == "audit.proven_short_nobody"
    assert facts["pengaturan.kit_certificate"] == message("common.none_yet")
    assert facts["pengaturan.retention"] == message("pengaturan.retention_ever")
    assert [action.name for action in presenter.state.bar.actions] == ["language", "theme", "voice"]
    told = replace(
        kit.context,
        kit_certificate=b"DER",
        office=replace(kit.context.office, kit=ReadKit("KIT-07", {"retention_days": "30"})),
    )
    section = KitSection(told)
    section.take(section.read())
    values = [value for _, value in section.fields()[0].facts]
    assert message("pengaturan.retention_days", count=30) in values
    assert any(isinstance(value, str) and len(value.split()) == 8 for value in values)
    kit.store.close()


def test_what_came_from_the_office_stands_with_its_version_and_what_was_refused(tmp_path: Path) -> None:
    kit = Kit(tmp_path, ADMIN)
    at = kit.context.clock.now().isoformat()
    with kit.store.write() as unit:
        good = {"version": 3, "made_at": at, "applied_at": at, "refused": 0, "code": ""}
        unit.settings.put(STANDINGS, {"policy/": good, "sop/kia": {**good, "refused": 4, "code": "sop.file_yaml"}})
    section = KitSection(kit.context)
    section.take(section.read())
    kit.store.close()
    (policy, since), (sop, refused) = section.fields()[0].facts[-2:]
    assert (policy, sop) == (message("kirim.office_policy", version=3), message("kirim.office_sop", version=3))
    assert since.key == "kirim.office_at"  # type: ignore[union-attr]
    assert refused == message("pengaturan.office_refused", version=4)
