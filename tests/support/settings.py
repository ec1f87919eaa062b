"""The settings screen of a context, without a window."""

from __future__ import annotations

from support.app_context import Kit
from support.tasks import SameThread, Steps

from ui.presenters.settings.settings import SettingsPresenter
from ui.presenters.settings.signing import SettingField


def opened(kit: Kit, section: str = "kop") -> SettingsPresenter:
    """Return the screen with a section in front."""
    presenter = SettingsPresenter(kit.context, SameThread(), Steps())
    presenter.start()
    presenter.choose_section(section)
    return presenter


def field(presenter: SettingsPresenter, name: str) -> SettingField:
    """Return a field as shown."""
    return next(field for field in presenter.state.fields if field.name == name)


def wrong(presenter: SettingsPresenter) -> str:
    """Return the code of the problem that is shown, wherever it stands."""
    inside = [field.problem.code for field in presenter.state.fields if field.problem]
    return inside[0] if inside else presenter.state.problem.code if presenter.state.problem else ""
