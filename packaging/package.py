"""Build the Debian packages of kit and data center with their lists of parts (SBOM): `make package`.

Each package brings its locked Python packages in a folder of its own, so that nothing meets those of another program.
The same commit gives the same bytes: times are the commit's, what an installer writes about itself is left out.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DEBIAN = ROOT / "packaging" / "debian"
MODELS = "assets/models"  # the networks of faces, which are parts of others
# What only a kit needs; `tests/unit/test_gateway_alone.py` runs the data center without all of it.
OF_A_KIT = (
    *("pyside6-essentials", "opencv-python-headless", "pyscard", "pyserial", "sqlcipher3", "pyhanko"),
    *("pypdfium2", "holidays", "psutil"),
)


@dataclass(frozen=True, slots=True)
class Package:
    """One Debian package: its folder under packaging/debian, extras, what it leaves out, where each file goes."""

    name: str
    folder: str
    extras: tuple[str, ...]
    left_out: tuple[str, ...]  # distributions
    removed: tuple[str, ...]  # parts of ours that it does without
    files: dict[str, tuple[str, int]]  # source under the folder -> target, mode

    @property
    def home(self) -> str:
        """Return the folder of its Python packages."""
        return f"usr/lib/{self.name}"

    @property
    def site(self) -> str:
        """Return the folder that Python finds them in."""
        return f"{self.home}/lib/python3.11/site-packages"


PACKAGES = (
    Package(
        "fieldkit",
        "kit",
        ("dslr", "nfiq2", "stu"),
        (),
        ("drivers/simulators", "fieldkit/app/demo"),
        {
            "fieldkit": ("usr/lib/fieldkit/fieldkit", 0o755),
            "fieldkit.desktop": ("usr/share/applications/fieldkit.desktop", 0o644),
            "fieldkit.svg": ("usr/share/icons/hicolor/scalable/apps/fieldkit.svg", 0o644),
            "../../udev/70-fieldkit.rules": ("usr/lib/udev/rules.d/70-fieldkit.rules", 0o644),
        },
    ),
    Package(
        "fieldkit-gateway",
        "gateway",
        ("gateway",),
        OF_A_KIT,
        ("drivers", "ui", "fieldkit/app/demo", MODELS),
        {
            "fieldkit": ("usr/lib/fieldkit-gateway/fieldkit", 0o755),
            "fieldkit-gateway.service": ("usr/lib/systemd/system/fieldkit-gateway.service", 0o644),
            "fieldkit-gateway.default": ("etc/default/fieldkit-gateway", 0o644),
            **{  # for a province; none of them is switched on
                f"../../gateway/{name}": (f"usr/lib/systemd/system/{name}", 0o644)
                for name in (
                    *("fieldkit-province.service", "fieldkit-opener@.service", "fieldkit-onward@.service"),
                    *("fieldkit-backup.service", "fieldkit-backup.timer"),
                )
            },
            "../../gateway/province.env": ("usr/share/doc/fieldkit-gateway/province.env", 0o644),
            "../../gateway/onward.env": ("usr/share/doc/fieldkit-gateway/onward.env", 0o644),
        },
    ),
)
# Of Qt's Python packages: what only whoever develops with them runs or compiles against.
TOOLS = (
    *("assistant", "designer", "linguist", "lrelease", "lupdate", "qmlformat", "qmllint", "qmlls", "svgtoqml"),
    *("Qt/libexec", "include", "glue", "typesystems", "scripts"),
)
_WRITTEN_BY_INSTALLERS = {"direct_url.json", "uv_cache.json", "INSTALLER", "REQUESTED"}


def main() -> None:
    """Build into `--out`."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--out", type=Path, default=ROOT / "dist")
    options.add_argument("--version", default="", help="another version, to try an upgrade")
    options.add_argument("--pictures", type=Path, help="folder that `make manual` wrote; its pictures stand behind F1")
    given = options.parse_args()
    pictures = sorted(given.pictures.glob("*.png")) if given.pictures else []
    if given.pictures and not pictures:
        print(f"package: {given.pictures} has no pictures; run `make demo`, then `make manual`", file=sys.stderr)
        sys.exit(3)
    out = given.out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    version = given.version or tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    epoch = _output("git", "log", "-1", "--format=%ct").strip()
    os.environ |= {"SOURCE_DATE_EPOCH": epoch, "FIELDKIT_PRIVATE_ENVIRONMENT": "1"}
    work = out / "work"
    shutil.rmtree(work, ignore_errors=True)
    _run(_uv(), "build", "--quiet", "--wheel", "--out-dir", str(work / "wheel"))
    wheel = next((work / "wheel").glob("*.whl"))
    for package in PACKAGES:
        made = _build(package, wheel, pictures, work / package.name, out, version, int(epoch))
        print(f"{made.relative_to(out.parent)}  {made.stat().st_size / 1e6:.0f} MB")
    shutil.rmtree(work)


def lay_pictures(package: Package, pictures: Sequence[Path], stage: Path) -> None:
    """Put pictures beside the chapters of the manual, where there is a window that shows them."""
    if "ui" not in package.removed:
        for picture in pictures:
            _place(picture.read_bytes(), stage / package.site / "assets" / "panduan" / picture.name, 0o644)


def drop_tools(binding: Path) -> None:
    """Take the developers' tools out of Qt's Python package, where it is there."""
    for path in (binding / name for name in TOOLS):
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def _build(
    package: Package, wheel: Path, pictures: Sequence[Path], stage: Path, out: Path, version: str, epoch: int
) -> Path:
    _install(package, wheel, stage / package.site)
    lay_pictures(package, pictures, stage)
    python = stage / package.home / "bin" / "python3"
    python.parent.mkdir(parents=True)
    python.symlink_to("/usr/bin/python3")
    (stage / package.home / "pyvenv.cfg").write_text(
        "home = /usr/bin\ninclude-system-site-packages = false\nversion = 3.11\n"
    )
    source = DEBIAN / package.folder
    for name, (target, mode) in package.files.items():
        _place((source / name).read_bytes(), stage / target, mode)
    documents = stage / "usr/share/doc" / package.name
    parts = _parts(package)
    for place in (documents / "sbom.cdx.json", out / f"{package.name}_{version}.cdx.json"):
        _place(parts, place, 0o644)
    _place((ROOT / "LICENSE").read_bytes(), documents / "copyright", 0o644)
    changes = gzip.compress((ROOT / "CHANGELOG.md").read_bytes(), mtime=0)
    _place(changes, documents / "changelog.gz", 0o644)
    control = (source / "control").read_text("utf-8").replace("@VERSION@", version)
    size = sum(path.lstat().st_size for path in stage.rglob("*") if path.is_file()) // 1024
    control = control.replace("@LIBRARIES@", ", ".join(_libraries())) + f"Installed-Size: {size}\n"
    _place(control.encode(), stage / "DEBIAN" / "control", 0o644)
    if (conffiles := "".join(f"/{to}\n" for to, _ in package.files.values() if to.startswith("etc/"))) != "":
        _place(conffiles.encode(), stage / "DEBIAN" / "conffiles", 0o644)
    for name in ("postinst", "prerm", "postrm"):
        if (source / name).exists():
            _place((source / name).read_bytes(), stage / "DEBIAN" / name, 0o755)
    _make_alike(stage, epoch)
    made = out / f"{package.name}_{version}_amd64.deb"
    _run("dpkg-deb", "--root-owner-group", "-Zzstd", "--build", str(stage), str(made))
    return made


def _install(package: Package, wheel: Path, site: Path) -> None:
    """Put the locked packages and ours into a folder, without what differs from one installation to the next."""
    wanted = site.parents[3] / "locked.txt"
    wanted.parent.mkdir(parents=True)
    _run(*_export(package, "requirements.txt"), "--output-file", str(wanted))
    into = ("pip", "install", "--quiet", "--no-deps", "--link-mode", "copy", "--target", str(site))
    _run(_uv(), *into, "--require-hashes", "--requirement", str(wanted))
    _run(_uv(), *into, str(wheel))
    wanted.unlink()
    for name in package.removed:
        shutil.rmtree(site / name)
    shutil.rmtree(site / "bin", ignore_errors=True)
    drop_tools(site / "PySide6")
    for path in [*site.rglob("__pycache__")]:
        shutil.rmtree(path)
    for path in [p for name in _WRITTEN_BY_INSTALLERS for p in site.glob(f"*.dist-info/{name}")]:
        path.unlink()
    for record in site.glob("*.dist-info/RECORD"):
        record.unlink()  # of what another installer put elsewhere; nothing asks for it


def _parts(package: Package) -> bytes:
    """Return the list of parts as CycloneDX, without the moment and number of this run."""
    listed = json.loads(_output(*_export(package, "cyclonedx1.5")))
    listed.pop("serialNumber", None)
    listed["metadata"].pop("timestamp", None)
    listed["components"] += [] if MODELS in package.removed else _models()
    return json.dumps(listed, indent=1, sort_keys=True).encode()


def _models() -> list[dict[str, object]]:
    """Return the networks of faces as parts; assets/models/README.md names their origin."""
    return [
        {
            "type": "machine-learning-model",
            "bom-ref": path.name,
            "name": path.name,
            "version": "mediapipe-0.10.21",
            "licenses": [{"license": {"id": "Apache-2.0"}}],
            "hashes": [{"alg": "SHA-256", "content": sha256(path.read_bytes()).hexdigest()}],
        }
        for path in sorted((ROOT / MODELS).glob("*.tflite"))
    ]


def _export(package: Package, form: str) -> tuple[str, ...]:
    extras = [word for extra in package.extras for word in ("--extra", extra)]
    pruned = [word for name in package.left_out for word in ("--prune", name)]
    command = (_uv(), "export", "--quiet", "--frozen", "--no-dev", "--no-emit-project", "--format", form)
    return (*command, *extras, *pruned)


def _libraries() -> Iterator[str]:
    for line in (DEBIAN / "runtime-libraries").read_text("utf-8").splitlines():
        if not line.startswith("#"):
            yield from line.split()


def _place(data: bytes, at: Path, mode: int) -> None:
    at.parent.mkdir(parents=True, exist_ok=True)
    at.write_bytes(data)
    at.chmod(mode)


def _make_alike(stage: Path, epoch: int) -> None:
    """Give every file the commit's time and modes that do not depend on the builder's umask."""
    for path in [stage, *stage.rglob("*")]:
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
        os.utime(path, (epoch, epoch), follow_symlinks=False)


def _uv() -> str:
    beside = Path(sys.executable).with_name("uv")
    return str(beside) if beside.exists() else "uv"


def _run(*command: str) -> None:
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


def _output(*command: str) -> str:
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout


if __name__ == "__main__":
    main()
