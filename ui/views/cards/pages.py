"""The pages of cards: the ledger of blanks, documents and where they are, handing over, schedule, courier."""

from __future__ import annotations

from ui.presenters.cards import blanks, distribution
from ui.presenters.cards.courier import Courier
from ui.presenters.cards.distribution_plan import DistributionPlan
from ui.presenters.cards.handover import HandoverPresenter
from ui.presenters.cards.printing_day import PrintingDay, QueueNumbers, walk_in_form
from ui.presenters.cards.queue_board import QueueBoardPresenter
from ui.presenters.cards.receipt_mark import Sinks
from ui.runtime.navigation import Factory, Page
from ui.views.cards.handover import HandoverView
from ui.views.cards.queue_board import toggle_board
from ui.views.page_parts import PageParts, Params
from ui.views.wiring import page_of


def distribution_factories(at: PageParts) -> dict[str, Factory]:
    """Return the factories of `distribution` (`activity_id` or none), `handover` (`card_ids` with blanks between,
    `to`), `distribution_plan` (`activity_id`), `courier`, `blanks`, `printing_day` and
    `queue_numbers` (`activity_id`, "" for the dinas), and of their forms.
    """
    navigator, printing = at.navigator, at.printing

    def handover(params: Params) -> Page:
        view = HandoverView(at.theming)
        sinks = Sinks(view.ink, view.frames, view.pad)
        presenter = HandoverPresenter(at.context(), at.tasks, navigator, _ids(params), params.get("to", ""), sinks)
        view.type.connect(presenter.type)
        view.choose.connect(presenter.choose)
        view.sign_here.connect(presenter.sign_here)
        view.type_path.connect(presenter.type_path)
        return page_of(presenter, view)

    def printing_day(params: Params) -> Page:
        of = _of(params)

        def show_board() -> None:
            toggle_board(at.theming, page.view.window(), QueueBoardPresenter(at.context(), at.tasks, of))

        page = at.listed(PrintingDay(at.context(), navigator, printing, of, show_board).screen())
        return page

    return {
        "printing_day": printing_day,
        "handover": handover,
        **at.lists(
            {
                "blanks": lambda now, _: blanks.BlankLedger(now, navigator).screen(),
                "queue_numbers": lambda now, params: QueueNumbers(now, navigator, printing, _of(params)).screen(),
                "distribution": lambda now, params: distribution.Distribution(
                    now, navigator, printing, at.spoken, _of(params)
                ).screen(),
                "courier": lambda now, _: Courier(now, navigator, printing).screen(),
                "distribution_plan": lambda now, params: DistributionPlan(now, navigator, _of(params)).screen(),
            }
        ),
        **at.forms(
            {
                "distribution_stop": lambda now, params: distribution.stop_form(
                    now, params["activity_id"], int(params.get("at", "-1"))
                ),
                "handover_ba": lambda now, params: distribution.ba_form(now, _ids(params)),
                "blank_receive": lambda now, _: blanks.receive_form(now),
                "blank_move": lambda now, _: blanks.move_form(now),
                "blank_spoil": lambda now, _: blanks.spoil_form(now),
                "blank_count": lambda now, _: blanks.count_form(now),
                "blank_want": lambda now, _: blanks.want_form(now),
                "blank_revoke": lambda now, params: blanks.revoke_form(now, params["entry_id"]),
                "queue_walk_in": lambda now, params: walk_in_form(now, _of(params)),
                "handover_failed": lambda now, params: distribution.failed_form(now, _ids(params)),
            }
        ),
    }


def _of(params: Params) -> str:
    return params.get("activity_id", "")


def _ids(params: Params) -> tuple[str, ...]:
    return tuple(params["card_ids"].split())
