"""The pages of sarpras: presenter, view, and which signal means which intent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from fieldkit.services.context.app_context import AppContext
from fieldkit.services.context.door import Door
from ui.presenters.navigator import Navigator
from ui.presenters.sarpras import forms
from ui.presenters.sarpras.check_in import CheckInPresenter
from ui.presenters.sarpras.check_out import CheckOutPresenter
from ui.presenters.sarpras.inventory import Inventory
from ui.presenters.sarpras.item_history import ItemHistory
from ui.presenters.sarpras.permission import IzinPresenter
from ui.presenters.sarpras.photo import PhotoPresenter
from ui.presenters.tasks import Tasks
from ui.runtime.navigation import Factory, Page
from ui.runtime.theme_context import ThemeContext
from ui.views.form_pages import FormPages
from ui.views.sarpras.checklist import ChecklistView
from ui.views.sarpras.permission import IzinView
from ui.views.sarpras.photo import PhotoTakingView
from ui.views.wiring import list_page, page_of

Params = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class SarprasPages:
    """Builds the screens of sarpras."""

    door: Door
    tasks: Tasks
    navigator: Navigator
    theming: ThemeContext
    context: Callable[[], AppContext]

    def factories(self) -> dict[str, Factory]:
        """Return the factory of each screen by its name."""
        return {
            "sarpras": self._inventory,
            "item_history": self._history,
            "check_out": self._check_out,
            "check_in": self._check_in,
            "sarpras_izin": self._izin,
            "sarpras_photo": self._photo,
            **FormPages(self.tasks, self.navigator, self.theming, self.context).factories(
                {
                    "sarpras_item": lambda at, params: forms.item_form(at, params["thing_id"]),
                    "sarpras_consumable": lambda at, params: forms.consumable_form(at, params["thing_id"]),
                    "sarpras_kit": lambda at, params: forms.kit_form(at, params["thing_id"]),
                    "sarpras_repair": lambda at, params: forms.repair_form(at, params["item_id"]),
                    "sarpras_kits": lambda at, params: forms.kits_form(at, params["list_id"]),
                    "sarpras_note": lambda at, params: forms.note_form(
                        at, params["way"], params["list_id"], params["item_id"]
                    ),
                    "sarpras_reason": lambda at, params: forms.reason_form(at, params["way"], params["list_id"]),
                }
            ),
        }

    def _inventory(self, _params: Params) -> Page:
        return list_page(Inventory(self.context(), self.navigator).screen(), self.tasks, self.navigator, self.theming)

    def _history(self, params: Params) -> Page:
        history = ItemHistory(self.context(), params["item_id"])
        return list_page(history.screen(), self.tasks, self.navigator, self.theming)

    def _check_out(self, params: Params) -> Page:
        presenter = CheckOutPresenter(self.context(), self.tasks, self.navigator, params["activity_id"])
        return self._checklist(presenter)

    def _check_in(self, params: Params) -> Page:
        presenter = CheckInPresenter(self.context(), self.tasks, self.navigator, params["activity_id"])
        return self._checklist(presenter)

    def _checklist(self, presenter: CheckOutPresenter | CheckInPresenter) -> Page:
        view = ChecklistView(self.theming)
        view.izin.connect(presenter.izin)
        view.note.connect(presenter.note)
        view.photo.connect(presenter.photo)
        view.kits.connect(presenter.kits)
        view.override.connect(presenter.override)
        view.all_good.connect(presenter.all_good)
        view.complete.connect(presenter.complete)
        view.clean.connect(presenter.clean)
        view.select.connect(presenter.select)
        view.number.connect(presenter.number)
        view.condition.connect(presenter.condition)
        view.count_by.connect(presenter.count_by)
        return page_of(presenter, view)

    def _izin(self, params: Params) -> Page:
        view = IzinView(self.theming)
        list_of = (params["way"], params["list_id"])
        presenter = IzinPresenter(self.context(), self.door, self.tasks, self.navigator, list_of, view.ink, view.pad)
        view.sign_here.connect(presenter.sign_here)
        view.choose.connect(presenter.choose)
        view.choose_next.connect(presenter.choose_next)
        return page_of(presenter, view)

    def _photo(self, params: Params) -> Page:
        view = PhotoTakingView(self.theming)
        presenter = PhotoPresenter(
            self.context(), self.tasks, self.navigator, view.frames, params["way"], params["list_id"], params["item_id"]
        )
        view.accept.connect(presenter.accept)
        view.type.connect(presenter.type)
        return page_of(presenter, view)


def sarpras_factories(
    door: Door, tasks: Tasks, navigator: Navigator, theming: ThemeContext, context: Callable[[], AppContext]
) -> dict[str, Factory]:
    """Return the factories of the screens of sarpras."""
    return SarprasPages(door, tasks, navigator, theming, context).factories()
