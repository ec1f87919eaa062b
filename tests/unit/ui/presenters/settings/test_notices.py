from __future__ import annotations

from pathlib import Path

from support.app_context import Kit
from support.plans import ADMIN, KASI
from support.settings import field, opened, wrong

from ui.presenters.applications.one_application import sending_form
from ui.presenters.settings.signing import Kind


def test_what_is_kept_here_is_what_the_notices_send_by(tmp_path: Path) -> None:
    with Kit(tmp_path, ADMIN) as kit:
        presenter = opened(kit, "kabar")
        for name, text in (("smtp_host", "mail.blitarkab.go.id"), ("smtp_secret", "rahasia"), ("sender", "a@b.go.id")):
            presenter.type_field(name, text)
        presenter.accept()
        kept = kit.context.office.notices.settings()
        assert (kept.smtp_host, kept.smtp_port, kept.sender) == ("mail.blitarkab.go.id", 587, "a@b.go.id")
        assert next(each.text for each in sending_form(kit.context).load()) == "mail.blitarkab.go.id"
        assert field(presenter, "smtp_secret").text == ""
        assert "rahasia" not in repr(presenter.state)
        right = {each.name for each in presenter.state.fields if each.column}
        assert right == {"sender"}
        secret = {each.name for each in presenter.state.fields if each.kind is Kind.SECRET}
        assert secret == {"smtp_secret"}
        presenter.type_field("smtp_port", "99999")
        presenter.accept()
        assert wrong(presenter) == "told.wrong_port"
        assert field(presenter, "smtp_port").problem is not None


def test_others_see_where_it_goes_and_no_secret(tmp_path: Path) -> None:
    with Kit(tmp_path, KASI) as kit:
        state = opened(kit, "kabar").state
        assert (bool(state.fields), state.may_write) == (True, False)
