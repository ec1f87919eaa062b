"""Lay out a kit for 64-bit Windows, and make its installer where Inno Setup is.

Usage: python packaging/windows/build.py --python EMBEDDED.zip [--out dist]

EMBEDDED.zip is the "Windows embeddable package (64-bit)" of Python 3.11 from python.org. The folder is laid out on any
system, from wheels only; `iscc` of Inno Setup 6 turns it into an installer on Windows.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
EXTRAS = ("nfiq2", "stu")  # gphoto2 has no wheel for Windows; cards go over the WinSCard of the system
REMOVED = ("drivers/simulators", "fieldkit/app/demo", "bin")
TARGET = ("--python-platform", "x86_64-pc-windows-msvc", "--python-version", "3.11", "--only-binary", ":all:")
# The embedded Python looks nowhere but here: what else is installed on the laptop cannot get in between.
SEARCHED = "python311.zip\n.\nlib\nimport site\n"
LAUNCHER = '@"%~dp0python\\python.exe" -I -m fieldkit %*\r\n'


def main() -> None:
    """Build into `--out`."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--python", type=Path, required=True, help="the embeddable package of Python 3.11")
    options.add_argument("--out", type=Path, default=ROOT / "dist")
    given = options.parse_args()
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    stage = lay_out(given.python, given.out.resolve() / "windows")
    print(f"laid out: {stage}")
    compiler = shutil.which("iscc")
    if compiler is None:
        print("no installer: iscc of Inno Setup 6 is not here; run this on Windows with it, or hand out the folder")
        return
    run(compiler, f"/DVersion={version}", f"/DStage={stage}", f"/O{given.out.resolve()}", str(HERE / "fieldkit.iss"))
    print(f"installer: {given.out.resolve() / f'fieldkit-{version}-setup.exe'}")


def lay_out(python: Path, stage: Path) -> Path:
    """Fill a new folder with Python, the locked wheels, ours and the launcher, and return it."""
    shutil.rmtree(stage, ignore_errors=True)
    library = stage / "python" / "lib"
    library.mkdir(parents=True)
    with zipfile.ZipFile(python) as embedded:
        embedded.extractall(stage / "python")
    (stage / "python" / "python311._pth").write_text(SEARCHED, "ascii")
    locked, wheels = stage / "locked.txt", stage / "wheels"
    os.environ["FIELDKIT_PRIVATE_ENVIRONMENT"] = "1"
    extras = [word for extra in EXTRAS for word in ("--extra", extra)]
    run(uv(), "export", "--quiet", "--frozen", "--no-dev", "--no-emit-project", *extras, "--output-file", str(locked))
    run(uv(), "build", "--quiet", "--wheel", "--out-dir", str(wheels))
    into = ("pip", "install", "--quiet", "--no-deps", "--link-mode", "copy", "--target", str(library), *TARGET)
    run(uv(), *into, "--require-hashes", "--requirement", str(locked))
    run(uv(), *into, *map(str, wheels.glob("*.whl")))
    locked.unlink()
    shutil.rmtree(wheels)
    for name in REMOVED:
        shutil.rmtree(library / name, ignore_errors=True)
    (stage / "fieldkit.cmd").write_bytes(LAUNCHER.encode("ascii"))
    shutil.copy2(ROOT / "LICENSE", stage / "LICENSE.txt")
    return stage


def run(*command: str) -> None:
    """Run a program of the builder. Raise `CalledProcessError`."""
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


def uv() -> str:
    """Return the uv beside this Python, else that of the path."""
    beside = Path(sys.executable).with_name("uv.exe" if os.name == "nt" else "uv")
    return str(beside) if beside.exists() else "uv"


if __name__ == "__main__":
    main()
