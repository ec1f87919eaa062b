from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from support.app_context import Kit
from support.plans import ADMIN
from support.settings import field, opened

from fieldkit.services.people.read_kit import ReadKit
from ui.presenters.messages import message
from ui.presenters.settings.kit import KitSection


def test_the_kit_tells_certificate_and_retention(tmp_path: Path) -> None:
    kit = Kit(tmp_path, ADMIN)
    presenter = opened(kit, "kit")
    facts = {words.key: value for words, value in field(presenter, "facts").facts}
    assert facts["pengaturan.kit_id"] == "KIT-07"
    assert facts["audit.checked"].key == "audit.ok"
    assert facts["audit.proven"].key == "audit.proven_short_nobody"
    assert facts["pengaturan.kit_certificate"] == message("pengaturan.no_certificate")
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
