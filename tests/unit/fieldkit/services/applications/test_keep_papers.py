from __future__ import annotations

import pytest
from support.app_context import PETUGAS
from support.cards_sent import LOKET
from support.counter import PAPERS, SCAN, Counter, for_kk
from support.letters import KASI

from fieldkit.domain.applications import PaperVerdict, Requirement
from fieldkit.domain.errors import InputError, RuleError, StoreError
from fieldkit.services.applications.begin_application import MOST_FILES, KeepPapers
from fieldkit.services.targets.register_request import Scan

OTHER = Scan("halaman-2.jpg", "image/jpeg", b"\xff\xd8\xffhalaman")


@pytest.fixture
def at(counter: Counter) -> str:
    return counter.by(LOKET).register("a1", for_kk(*PAPERS, Requirement("Buku nikah", False))).thing_id


def papers(counter: Counter) -> KeepPapers:
    return counter.kit.context.office.application_papers


def test_scans_are_kept_encrypted_with_the_application_and_replaced_as_a_whole(counter: Counter, at: str) -> None:
    kept = papers(counter).scan(at, 2, [SCAN, OTHER]).requirements[2]
    assert (kept.is_there, kept.verdict, len(kept.files)) == (True, None, 2)
    assert [file.content for file in papers(counter).files(at, 2)] == [SCAN.content, OTHER.content]
    papers(counter).judge(at, 2, PaperVerdict.WRONG, "halaman 2 buram")
    again = papers(counter).scan(at, 2, [OTHER]).requirements[2]
    assert (again.verdict, again.reason) == (None, "")
    assert [file.name for file in papers(counter).files(at, 2)] == [OTHER.name]
    with counter.kit.store.read() as unit, pytest.raises(StoreError):
        unit.attachments.get(kept.files[0])


def test_who_checks_reads_a_paper_and_nobody_else(counter: Counter, at: str) -> None:
    papers(counter).scan(at, 2, [SCAN])
    for user in (PETUGAS, KASI):
        counter.by(user)
        with pytest.raises(RuleError, match=r"application\.not_yours"):
            papers(counter).judge(at, 2, PaperVerdict.RIGHT)
    counter.by(LOKET)
    assert papers(counter).judge(at, 2, PaperVerdict.RIGHT).unread == ()


def test_a_checked_or_withdrawn_application_takes_no_other_scans(counter: Counter, at: str) -> None:
    counter.scanned(at, 2)
    counter.by(LOKET).check(at)
    gone = counter.by(LOKET).register("a1", for_kk()).thing_id
    counter.by(LOKET).withdraw(gone, "batal")
    for act in (
        lambda: papers(counter).scan(at, 0, [SCAN]),
        lambda: papers(counter).judge(at, 0, PaperVerdict.WRONG, "buram"),
        lambda: papers(counter).scan(gone, 0, [SCAN]),
    ):
        with pytest.raises(RuleError, match=r"application\.not_now"):
            act()


def test_no_scan_and_too_many_are_refused(counter: Counter, at: str) -> None:
    for scans, code in (([], "no_scan"), ([SCAN] * (MOST_FILES + 1), "many_scans")):
        with pytest.raises(InputError, match=code):
            papers(counter).scan(at, 2, scans)
    assert len(papers(counter).scan(at, 2, [SCAN] * MOST_FILES).requirements[2].files) == MOST_FILES


def test_the_log_tells_neither_names_nor_reasons(counter: Counter, at: str) -> None:
    papers(counter).scan(at, 2, [SCAN])
    papers(counter).judge(at, 2, PaperVerdict.WRONG, "foto Siti buram")
    with counter.kit.store.read() as unit:
        lines = "".join(event.line() for event in unit.events.of(at))
    assert "application_paper_read" in lines
    assert not [word for word in ("Siti", "buram", SCAN.name) if word in lines]
