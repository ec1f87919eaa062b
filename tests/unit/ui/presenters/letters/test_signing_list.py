"""The list of letters that wait for a signature, and what is asked of the signer; nothing is signed here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from support.app_context import Kit
from support.clock import NOW
from support.letters import AT, KADIS, KASI, office
from support.tasks import SameThread, Steps

from fieldkit.domain.errors import Problem
from fieldkit.domain.letters.letter import Letter, LetterKind, SigningOutcome, SigningTry, SigningWay
from fieldkit.domain.people import User
from fieldkit.ports.vault import Standing, Verdict
from fieldkit.services.letters.sign_letters import OpenLetter, SignedLetter, SignLetters
from ui.presenters.letters.sign_letters import PROOFS, Mode, Proof, SignLettersPresenter
from ui.presenters.parts import Stage, Tag, Tone
from ui.presenters.presenter import message
from ui.presenters.tasks import COMPUTE

FIRST = OpenLetter(Letter("l1", AT, LetterKind.SURAT_BALASAN, "Balasan Jimbe", "K-1", {}, "u4", NOW, number="470/1"))
SECOND = OpenLetter(replace(FIRST.letter, thing_id="l2", title="Tugas Jimbe", number=""))
DOUBT = replace(FIRST, letter=replace(FIRST.letter, thing_id="l3"), doubt=Problem("tte.unknown"))
TRIES = tuple(
    SigningTry(NOW + timedelta(hours=at), "u9", SigningWay.BSRE, outcome)
    for at, outcome in enumerate((SigningOutcome.REFUSED, SigningOutcome.NOT_SENT))
)
LETTERS = (FIRST, SECOND)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kit]:
    with office(tmp_path_factory.mktemp("desk"), KADIS) as kit:
        yield kit


class Signing:
    """What the service knows and was asked for."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.letters: Sequence[OpenLetter] = LETTERS
        self.way, self.drawn, self.proofs = SigningWay.BSRE, list[str](), list[dict[str, str]]()
        self.problem: Problem | None = None
        monkeypatch.setattr(SignLetters, "waiting", lambda _: self.letters)
        monkeypatch.setattr(SignLetters, "way", lambda _: self.way)
        monkeypatch.setattr(SignLetters, "lacks", lambda _: None)
        monkeypatch.setattr(SignLetters, "pages", lambda _, at: (self.drawn.append(at), (at.encode(),))[1])
        monkeypatch.setattr(SignLetters, "sign", self._sign)
        monkeypatch.setattr(SignLetters, "request_code", lambda _: "")

    def _sign(self, _letter_id: str, **proof: str) -> SignedLetter:
        self.proofs.append(proof)
        return SignedLetter(FIRST.letter, Verdict(Standing.VALID))


@pytest.fixture
def signing(monkeypatch: pytest.MonkeyPatch) -> Signing:
    return Signing(monkeypatch)


def opened(kit: Kit, user: User = KADIS, *held: str) -> tuple[SignLettersPresenter, SameThread]:
    tasks = SameThread(*held)
    presenter = SignLettersPresenter(kit.context_of(user), tasks, Steps())
    presenter.start()
    return presenter, tasks


def names(presenter: SignLettersPresenter) -> list[str]:
    return [presenter.state.rows.row(at).name for at in range(presenter.state.rows.count)]


@pytest.mark.parametrize(
    ("letter", "facts", "doubt", "words"),
    [
        (FIRST, ["470/1", "21-11-2026 09.00"], None, "common.sign"),
        (SECOND, ["K-1", "21-11-2026 09.00"], None, "common.sign"),
        (
            replace(FIRST, tries=TRIES),
            ["470/1", "21-11-2026 09.00", message("tte.try.not_sent", at="21-11-2026 10.00")],
            None,
            "common.sign",
        ),
        (DOUBT, ["470/1", "21-11-2026 09.00"], Problem("tte.unknown"), "tte.settle"),
    ],
)
def test_a_letter_shows_its_number_its_last_try_and_its_doubt(
    desk: Kit, signing: Signing, letter: OpenLetter, facts: list[object], doubt: Problem | None, words: str
) -> None:
    signing.letters = (letter,)
    state = opened(desk)[0].state
    assert [told for _, told in state.facts] == facts
    assert (state.doubt, state.bar.actions[-1].words) == (doubt, message(words))
    tone = Tone.BAD if doubt else Tone.CAUTION
    assert state.rows.row(0).cells[1].tags[0].tone is tone
    assert state.rows.row(0).cells[0].detail == facts[0]
    assert state.tags == ((Tag(message("tte.doubts", count=1), Tone.BAD),) if doubt else ())


def test_each_page_is_drawn_once_and_a_late_one_is_let_go(desk: Kit, signing: Signing) -> None:
    presenter, tasks = opened(desk, KADIS, COMPUTE)
    presenter.select("l1")
    presenter.select("l2")
    assert presenter.state.title == SECOND.letter.title
    shown: list[tuple[bytes, ...]] = []
    presenter.listen(lambda state: shown.append(state.pages))
    tasks.release(COMPUTE)
    presenter.start()
    assert (signing.drawn, set(shown)) == (["l1", "l2"], {(), (b"l2",)})
    presenter.select("")
    assert (presenter.state.title, presenter.state.pages, signing.drawn) == ("", (), ["l1", "l2"])
    assert presenter.state.bar.actions[-1].refused == message("common.choose_letter")


def test_search_wants_every_word_and_the_cursor_stays_where_it_can(desk: Kit, signing: Signing) -> None:
    presenter, _ = opened(desk)
    seen = []
    for text in ("jimbe", "jimbe tugas", "JIMBE", "tidak ada", ""):
        presenter.search(text)
        seen.append((names(presenter), presenter.state.chosen))
    assert seen == [(["l1", "l2"], "l1"), (["l2"], "l2"), (["l1", "l2"], "l2"), ([], ""), (["l1", "l2"], "l1")]
    signing.letters = (replace(SECOND, doubt=Problem("tte.unknown")),)
    presenter.start()
    assert (presenter.state.chosen, presenter.state.doubt) == ("l2", Problem("tte.unknown"))


def test_where_nothing_waits_there_is_nothing_to_search(desk: Kit, signing: Signing) -> None:
    signing.letters = ()
    presenter, _ = opened(desk)
    presenter.search("jimbe")
    presenter.accept()
    assert (presenter.state.stage, presenter.state.mode) == (Stage.EMPTY, Mode.BROWSE)
    assert [command.name for command in presenter.state.bar.actions] == ["show_verify"]


@pytest.mark.parametrize(
    ("user", "letter", "mode", "commands"),
    [
        (KADIS, FIRST, Mode.ASK, ["confirm"]),
        (KADIS, DOUBT, Mode.SETTLE, ["settle_unsigned", "confirm"]),
        (KASI, FIRST, Mode.BROWSE, ["show_verify", "accept"]),
    ],
)
def test_enter_asks_for_what_the_letter_needs(
    desk: Kit, signing: Signing, user: User, letter: OpenLetter, mode: Mode, commands: list[str]
) -> None:
    signing.letters = (letter,)
    presenter, _ = opened(desk, user)
    presenter.open(letter.letter.thing_id)
    assert (presenter.state.mode, [command.name for command in presenter.state.bar.actions]) == (mode, commands)
    presenter.back()
    assert presenter.state.mode is Mode.BROWSE


@pytest.mark.parametrize(
    ("way", "proof", "handed", "commands"),
    [
        (SigningWay.BSRE, Proof.PASSPHRASE, {"passphrase": " rahasia "}, ["confirm"]),
        (SigningWay.BSRE, Proof.CODE, {"totp": "rahasia"}, ["request_code", "confirm"]),
        (SigningWay.OFFICE, Proof.PASSPHRASE, {"passphrase": " rahasia "}, ["confirm"]),
        (SigningWay.OFFICE, Proof.CODE, {"passphrase": " rahasia "}, ["confirm"]),
    ],
)
def test_a_code_is_asked_only_where_the_service_knows_one(
    desk: Kit, signing: Signing, way: SigningWay, proof: Proof, handed: dict[str, str], commands: list[str]
) -> None:
    signing.way = way
    presenter, _ = opened(desk)
    presenter.accept()
    presenter.choose_proof(proof)
    assert presenter.state.proofs == (PROOFS if way is SigningWay.BSRE else ())
    assert [command.name for command in presenter.state.bar.actions] == commands
    presenter.request_code()
    assert presenter.state.told == message("tte.code_sent")
    asked = presenter.state.asked
    signing.letters = (SECOND,)
    presenter.sign(" rahasia ")
    assert (signing.proofs, presenter.state.mode, presenter.state.chosen) == ([handed], Mode.BROWSE, "l2")
    assert presenter.state.asked > asked
    assert presenter.state.toast is not None


def test_a_page_that_cannot_be_drawn_stands_above_and_the_list_stays(
    desk: Kit, signing: Signing, monkeypatch: pytest.MonkeyPatch
) -> None:
    presenter, _ = opened(desk)
    monkeypatch.setattr(SignLetters, "pages", lambda *_: desk.context.office.letters.get("nobody"))
    presenter.select("l2")
    assert presenter.state.problem is not None
    assert (presenter.state.stage, presenter.state.pages) == (Stage.CONTENT, ())
    presenter.accept()
    assert (presenter.state.problem, presenter.state.mode) == (None, Mode.ASK)
