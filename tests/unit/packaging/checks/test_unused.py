from __future__ import annotations

import ast
from pathlib import Path

import pytest
import unused


def names_in(text: str, *others: str, path: str = "fieldkit/domain/nik.py") -> list[str]:
    modules = {Path(path): ast.parse(text)}
    modules |= {Path(f"ui/presenters/p{n}.py"): ast.parse(other) for n, other in enumerate(others)}
    modules[Path("tests/unit/test_nik.py")] = ast.parse("forgotten(); Nik().forgotten()")
    return [line.rpartition(" ")[2] for line in unused.unused_names(modules)]


def test_what_only_a_test_names_is_told() -> None:
    assert names_in("def forgotten():\n    pass\n") == ["forgotten"]
    assert names_in("class Nik:\n    def forgotten(self):\n        pass\n", "Nik()") == ["forgotten"]
    assert names_in("def forgotten():\n    pass\n", "forgotten()") == []


@pytest.mark.parametrize(
    "text",
    [
        "def _forgotten():\n    pass\n",
        "class _Bar:\n    def paintEvent(self):\n        pass\n",
        "@app.command('list')\ndef forgotten():\n    pass\n",
    ],
    ids=["private", "named by Qt", "handed to a framework"],
)
def test_what_others_call_is_left_alone(text: str) -> None:
    assert names_in(text, "_Bar()") == []


def test_simulators_serve_the_tests() -> None:
    assert names_in("def forgotten():\n    pass\n", path="drivers/simulators/ink.py") == []


def test_an_exception_that_is_needless_goes() -> None:
    (name, *_) = unused.ALLOWED
    modules = {Path("ui/x.py"): ast.parse(f"{name}()")}
    assert [line.partition(": ")[2] for line in unused.unused_names(modules)] == [
        f"{name} is named by a source, it needs no exception"
    ]


def test_a_message_is_said_by_a_string_or_by_one_that_is_filled() -> None:
    modules = {
        Path("ui/x.py"): ast.parse('message("room.title"); message(f"room.state_{name}"); message(f"{key}_hint")'),
        Path("ui/y.py"): ast.parse('Filter.each(["open"], "list.shown_")'),
    }
    keys = dict.fromkeys(
        [
            "list.shown_open",
            "list.shown_old",
            "room.title",
            "room.state_open",
            "room.note_hint",
            "room.old",
            "sop.named",
        ],
        "",
    )
    assert list(unused.unused_messages(modules, keys, "pesan: sop.named")) == [
        f"assets/i18n: nothing says '{key}'" for key in ("list.shown_old", "room.old")
    ]


def test_the_name_of_an_act_says_its_words() -> None:
    service = "class Keep:\n    @act(X)\n    def want(self): ...\n    @cached(X)\n    def old(self): ..."
    modules = {Path("fieldkit/x.py"): ast.parse(service), Path("ui/x.py"): ast.parse('words("room.")')}
    keys = {"room.want": "", "room.old": ""}
    assert list(unused.unused_messages(modules, keys, "")) == ["assets/i18n: nothing says 'room.old'"]


def test_a_sentence_stands_under_one_key() -> None:
    said = 'message("aid.state"); message("cards.state"); message("cards.other"); message("paper.state")'
    modules = {Path("ui/x.py"): ast.parse(said), Path("tests/x.py"): ast.parse('message("card.kind")')}
    indonesian = {"aid.state": "Keadaan", "cards.state": "Keadaan", "cards.other": "Keadaan", "card.kind": "Keadaan"}
    english = {"aid.state": "State", "cards.state": "State", "cards.other": "Condition", "card.kind": "State"}
    asked_by_page = {"paper.kind": "Keadaan"}, {"paper.kind": "State"}

    assert list(unused.equal_sentences(modules, [indonesian, english])) == [
        "assets/i18n: one sentence stands under aid.state, cards.state"
    ]
    catalogues = [indonesian | asked_by_page[0], english | asked_by_page[1]]
    assert list(unused.equal_sentences(modules, catalogues, '{{ t("paper.kind") }}')) == [
        "assets/i18n: one sentence stands under aid.state, cards.state, paper.kind"
    ]


def test_an_equal_sentence_may_have_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unused, "EQUAL_BY_CHANCE", {"b.x": "is to become another word"})
    modules = {Path("ui/x.py"): ast.parse('message("a.x"); message("b.x")')}
    assert list(unused.equal_sentences(modules, [{"a.x": "Ya", "b.x": "Ya"}])) == []


@pytest.mark.parametrize(
    "text",
    [
        "_MOST = 3\n",
        "_MOST: int = 3\n",
        "_MOST, MORE = 3, 4\n",
        "def _MOST() -> None: ...\n",
        "class _MOST: ...\n",
        "_MOST = 3\ndef most(self: Any) -> int:\n    return self._MOST\n",
    ],
)
def test_a_private_name_that_its_module_forgot_is_told(text: str) -> None:
    modules = {Path("ui/x.py"): ast.parse(text), Path("ui/y.py"): ast.parse("_MOST = 4\nprint(_MOST)")}
    assert list(unused.unused_private_names(modules)) == ["ui/x.py:1: nothing in its module uses _MOST"]


@pytest.mark.parametrize(
    "text",
    [
        "_MOST = 3\nprint(_MOST)\n",
        "_T = TypeVar('_T')\ndef first(these: '_T') -> None: ...\n",
        "@app.command('list')\ndef _listed() -> None: ...\n",
        "__all__ = ['first']\n_ = gettext\nMOST = 3\n",
    ],
)
def test_a_private_name_that_is_used_or_handed_over_stays(text: str) -> None:
    assert list(unused.unused_private_names({Path("ui/x.py"): ast.parse(text)})) == []
