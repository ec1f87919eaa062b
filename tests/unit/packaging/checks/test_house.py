from __future__ import annotations

import ast
import subprocess
from pathlib import Path

import house
import pytest

BEHAVIOUR = "def twice(n):\n    return 2 * n\n"
LABEL = '"room.title" = "Judul {n}"\n'
PROBLEM = '["room.full"]\nwhat = "Penuh."\nsafe = "Rekaman aman."\ndo = "Kosongkan {mb} MB."\n'


class Project:
    """A little checkout that keeps all house rules until a test breaks one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        subprocess.run(["git", "init", "--quiet", folder], check=True)
        self.write("fieldkit/domain/nik.py", BEHAVIOUR)
        self.write("tests/unit/fieldkit/domain/test_nik.py", "")
        for language in house.LANGUAGES:
            self.write(f"assets/i18n/{language}/room.toml", LABEL + PROBLEM)

    def write(self, path: str, text: str) -> None:
        (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / path).write_text(text, "utf-8")

    def findings(self) -> list[str]:
        return house.findings(self.folder)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def test_a_tidy_project_has_no_findings(project: Project) -> None:
    assert project.findings() == []


def test_ignored_files_are_nobodys_business(project: Project) -> None:
    project.write(".gitignore", "out/\n")
    project.write("out/long.py", "\n" * 500)
    assert project.findings() == []


def test_what_a_test_left_in_the_top_folder_is_named(project: Project) -> None:
    project.write(":memory:", "")
    project.write("assets/fonts/any.ttf", "")
    assert project.findings() == [":memory:: has no place in the top folder"]


def test_a_file_of_650_lines_is_fine_and_one_more_is_not(project: Project) -> None:
    project.write("tests/long.py", "x = 1\n" * 650)
    assert project.findings() == []
    project.write("tests/long.py", "x = 1\n" * 651)
    assert project.findings() == ["tests/long.py: 651 lines, at most 650"]


@pytest.mark.parametrize(
    ("source", "test"),
    [
        ("fieldkit/vault/age.py", "tests/unit/fieldkit/vault/test_age.py"),
        ("fieldkit/__main__.py", "tests/unit/fieldkit/test_main.py"),
        ("drivers/sbi/__init__.py", "tests/unit/drivers/sbi/test_sbi.py"),
        ("packaging/checks/other.py", "tests/unit/packaging/checks/test_other.py"),
        ("ui/views/kirim.py", "tests/unit/ui/views/test_kirim.py"),
        ("ui/views/kirim.py", "tests/ui/views/test_kirim.py"),
        ("fieldkit/storage/migrations/versions/0001_first.py", "tests/unit/fieldkit/storage/test_migrations.py"),
    ],
)
def test_a_source_with_behaviour_needs_its_test_file(project: Project, source: str, test: str) -> None:
    project.write(source, BEHAVIOUR)
    assert [finding.partition(":")[0] for finding in project.findings()] == [source]
    project.write(test, "")
    assert project.findings() == []


@pytest.mark.parametrize(
    "declarations",
    [
        '"""A room."""\n',
        "from a import b\n\nTABLE = {1: 'ISLAM'}\n",
        'class Port(Protocol):\n    def ask(self) -> int:\n        """Ask."""\n        ...\n',
        "@dataclass\nclass Value:\n    n: int\n",
        "if TYPE_CHECKING:\n    from fieldkit.ports.delivery import Receipt\n",
    ],
)
def test_declarations_alone_need_no_test_file(project: Project, declarations: str) -> None:
    project.write("fieldkit/ports/things.py", declarations)
    assert project.findings() == []


@pytest.mark.parametrize("statement", ["main()", "if x:\n    y = 1", "for x in y:\n    z = x"])
def test_what_runs_on_import_is_behaviour(project: Project, statement: str) -> None:
    project.write("fieldkit/domain/runs.py", statement + "\n")
    assert len(project.findings()) == 1


def test_a_key_of_one_language_is_found(project: Project) -> None:
    project.write("assets/i18n/en/more.toml", '"room.more" = "More"\n')
    assert project.findings() == ["assets/i18n: 'room.more' is missing in id"]


def test_other_placeholders_are_found(project: Project) -> None:
    project.write("assets/i18n/en/room.toml", LABEL.replace("{n}", "{m}") + PROBLEM)
    assert project.findings() == ["assets/i18n: 'room.title' has other placeholders in the other language"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('room.nested = "x"\n', "is no key"),
        ('"Judul" = "x"\n', "is no key"),
        ('["room.half"]\nwhat = "x"\n', "needs what, safe, do"),
        (
            PROBLEM.replace("room.full", "room.extra") + '"room.after" = "swallowed by the table"\n',
            "needs what, safe, do",
        ),
        ('"room.empty" = " "\n', "empty"),
        ('"room.brace" = "{"\n', "cannot be filled"),
        ('"room.nameless" = "{}"\n', "cannot be filled"),
        ('"room.number" = 3\n', "empty"),
        (LABEL, "stands in another file too"),
        ("= broken", "Invalid"),
    ],
)
def test_malformed_messages_are_found(project: Project, text: str, words: str) -> None:
    for language in house.LANGUAGES:
        project.write(f"assets/i18n/{language}/second.toml", text)
    found = project.findings()
    assert len(found) == 2
    assert all(words in finding for finding in found)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ('text("room.title", n=1)', None),
        ('message("room.title", n=1)', None),
        ('StoreError("room.full", mb=3, recovery=NONE)', None),
        ('StoreError("room.full", **params)', None),
        ('Problem("room.full", {"mb": 3})', None),
        ('ValueError("room.unknown")', None),
        ('text("SELECT 1")', None),
        ('text("room.unknown")', "no label 'room.unknown'"),
        ('self._refusal(RECORD, "room.unknown")', "no label 'room.unknown'"),
        ('_field("name", hint="room.unknown")', "no label 'room.unknown'"),
        ('self.messages.text("room.full")', "no label 'room.full'"),
        ('StoreError("room.title")', "no problem 'room.title'"),
        ('Problem("room.unknown")', "no problem 'room.unknown'"),
        ('StoreError("room.full")', "'room.full' is not given mb"),
        ('message("room.title", m=1)', "'room.title' is not given n"),
    ],
)
def test_keys_in_code_must_stand_in_the_catalogue(project: Project, code: str, words: str | None) -> None:
    project.write("fieldkit/domain/nik.py", f"def act():\n    return {code}\n")
    expected = [] if words is None else [f"fieldkit/domain/nik.py:2: {words}"]
    assert [finding.removesuffix(" in assets/i18n/id") for finding in project.findings()] == expected


@pytest.mark.parametrize("call", ["Empty.of", "nothing_yet"])
def test_what_says_a_phrase_and_its_hint_needs_both(call: str) -> None:
    found = house.keyed_calls(ast.parse(f'{call}("room.none")'))
    assert [(each.key, each.params) for each in found] == [("room.none", frozenset()), ("room.none_hint", frozenset())]


def test_our_own_messages_are_whole_in_both_languages() -> None:
    assert list(house.message_findings(Path(house.__file__).parents[2], {})) == []


def test_the_program_prints_findings_and_fails(
    project: Project, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    project.write("ui/uses.py", "USES = (twice, 'room.title', 'room.full')\n")
    monkeypatch.setattr("sys.argv", ["house.py", str(project.folder)])
    assert house.main() == 0
    project.write("drivers/lane.py", BEHAVIOUR)
    assert house.main() == 1
    assert capsys.readouterr().out.splitlines() == [
        "house rules: kept",
        "drivers/lane.py: no test file tests/unit/drivers/test_lane.py",
        "house rules: 1 broken",
    ]


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ('t("room.title", n=w.number(count))', None),
        ('t("room.title", count=1)', "'room.title' is not given n"),
        ('t("room.unknown")', "no label 'room.unknown'"),
        ('t("room." ~ state)', None),  # which of them is asked for shows only at run time
    ],
)
def test_keys_in_templates_must_stand_in_the_catalogue(project: Project, said: str, words: str | None) -> None:
    project.write("sync/page/templates/one.html", f"<body>\n<h1>{{{{ {said} }}}}</h1>\n")
    expected = [] if words is None else [f"sync/page/templates/one.html:2: {words}"]
    assert [finding.removesuffix(" in assets/i18n/id") for finding in project.findings()] == expected
