"""The pages of sarpras: presenter, view, and which signal means which intent."""

from __future__ import annotations

from functools import partial

from ui.presenters.sarpras import forms
from ui.presenters.sarpras.checklist import ChecklistPresenter
from ui.presenters.sarpras.inventory import Inventory
from ui.presenters.sarpras.item_history import ItemHistory
from ui.presenters.sarpras.permission import IzinPresenter
from ui.presenters.sarpras.photo import PhotoPresenter
from ui.runtime.navigation import Factory, Page
from ui.views.page_parts import PageParts, Params
from ui.views.sarpras.checklist import ChecklistView
from ui.views.sarpras.permission import IzinView, signing_page
from ui.views.sarpras.photo import PhotoTakingView
from ui.views.wiring import page_of


def sarpras_factories(at: PageParts) -> dict[str, Factory]:
    """Return the factory of each screen of sarpras by its name."""

    def checklist(way: str, params: Params) -> Page:
        view = ChecklistView(at.theming)
        presenter = ChecklistPresenter(at.context(), at.tasks, at.navigator, params["activity_id"], way)
        view.select.connect(presenter.select)
        view.number.connect(presenter.number)
        return page_of(presenter, view)

    def izin(params: Params) -> Page:
        view = IzinView(at.theming)
        list_of = (params["way"], params["list_id"])
        presenter = IzinPresenter(at.context(), at.door, at.tasks, at.navigator, list_of, view.ink, view.pad)
        return signing_page(presenter, view)

    def photo(params: Params) -> Page:
        view = PhotoTakingView(at.theming)
        presenter = PhotoPresenter(
            at.context(), at.tasks, at.navigator, view.frames, params["way"], params["list_id"], params["item_id"]
        )
        view.type.connect(presenter.type)
        return page_of(presenter, view)

    return {
        "check_out": partial(checklist, "out"),
        "check_in": partial(checklist, "in"),
        "sarpras_izin": izin,
        "sarpras_photo": photo,
        **at.lists(
            {
                "sarpras": lambda now, _: Inventory(now, at.navigator).screen(),
                "item_history": lambda now, params: ItemHistory(now, params["item_id"]).screen(),
            }
        ),
        **at.forms(
            {
                "sarpras_item": lambda now, params: forms.item_form(now, params["thing_id"]),
                "sarpras_consumable": lambda now, params: forms.consumable_form(now, params["thing_id"]),
                "sarpras_kit": lambda now, params: forms.kit_form(now, params["thing_id"]),
                "sarpras_repair": lambda now, params: forms.repair_form(now, params["item_id"]),
                "sarpras_kits": lambda now, params: forms.kits_form(now, params["list_id"]),
                "sarpras_note": lambda now, params: forms.note_form(
                    now, params["way"], params["list_id"], params["item_id"]
                ),
                "sarpras_reason": lambda now, params: forms.reason_form(now, params["way"], params["list_id"]),
            }
        ),
    }
