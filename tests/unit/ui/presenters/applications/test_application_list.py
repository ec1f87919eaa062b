from __future__ import annotations

from pathlib import Path

from support.cards_sent import LOKET, PRINTER
from support.counter import Counter, for_kk
from support.tasks import Steps

from fieldkit.domain.people.accounts import User
from ui.presenters.applications.application_list import ApplicationList
from ui.presenters.lists import Listed
from ui.presenters.messages import message

NOTHING: Listed[str] = Listed("", "", None, "", ())


def test_a_list_of_one_application_says_whose_it_is_and_whose_turn(tmp_path: Path) -> None:
    counter = Counter(tmp_path, "grobogan_kk_wni")
    try:
        at = counter.by(LOKET).register("a1", for_kk()).thing_id

        def listed(user: User) -> ApplicationList:
            return ApplicationList(counter.context(user), Steps(), at)

        mine, other = listed(LOKET), listed(PRINTER)
        assert mine._where(NOTHING) == ""
        view = mine._read()
        assert mine._where(NOTHING) == view.application.applicant.name
        assert mine._others(view) == ""
        assert other._others(view) == message("counter.others", who=view.who)
    finally:
        counter.close()
