"""Files are opened in the room for removable media, or by modules listed here that open what is the program's own.

Whoever needs another file puts its module into `OWN`, with what it opens, and so says that no path which a person
chose reaches it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOM = "fieldkit/media/"
_ROOMS = ("fieldkit", "drivers", "ui", "sync")
_METHODS = frozenset({"read_bytes", "read_text", "write_bytes", "write_text", "iterdir", "rglob", "glob", "symlink_to"})
_FUNCTIONS = {
    "os": frozenset({"open", "replace", "rename", "link", "symlink", "walk", "scandir", "listdir", "mkfifo"}),
    "shutil": frozenset({"copy", "copy2", "copyfile", "copytree", "move"}),
}
_MODES = frozenset("rwxabt+")

_TESTS = "other ends of lines, for the demo and tests"
OWN: Mapping[str, str] = {
    "drivers/simulators/": _TESTS,
    "fieldkit/app/demo/": _TESTS,
    "drivers/": "devices and what the system tells of them",
    "fieldkit/storage/": "the store, the sealed files and the journals of the home",
    "fieldkit/documents/": "templates that came with the program",
    "fieldkit/app/bootstrap/office_parts.py": "files of the home, to note that one changed",
    "fieldkit/app/bootstrap/catalogue.py": "messages that came with the program",
    "fieldkit/app/bootstrap/clock.py": "what the kernel tells; the log of the home",
    "fieldkit/app/bootstrap/core_dumps.py": "what the kernel tells",
    "fieldkit/app/bootstrap/devices.py": "devices.toml of the home; trust of the home",
    "fieldkit/app/bootstrap/diagnosis.py": "the log and devices.toml of the home",
    "fieldkit/app/bootstrap/doctor.py": "the home",
    "fieldkit/app/bootstrap/enrolment.py": "the home",
    "fieldkit/app/bootstrap/home.py": "the home",
    "fieldkit/app/bootstrap/onward.py": "the folder of the gateway",
    "fieldkit/app/bootstrap/pending_keys.py": "the home",
    "fieldkit/app/bootstrap/restore.py": "what was copied into the home and verified there",
    "fieldkit/app/bootstrap/stick_backups.py": "the home; names of the home",
    "fieldkit/app/bootstrap/slip.py": "pipes: a shell's <(…), with a time after which nobody waits",
    "fieldkit/app/bootstrap/sop_profiles.py": "SOPs of the program and of the home",
    "fieldkit/app/bootstrap/store_key.py": "the home",
    "fieldkit/app/bootstrap/hardening.py": "what the kernel tells",
    "fieldkit/app/cli/__init__.py": "where output goes that nobody reads",
    "fieldkit/vault/device_trust.py": "names of a folder of certificates; each file is read in the room",
    "fieldkit/vault/durable.py": "the home, the folder of the gateway",
    "fieldkit/vault/erasing.py": "the home",
    "fieldkit/vault/slot_copies.py": "the home",
    "sync/gateway/blobs.py": "the folder of the gateway",
    "sync/gateway/database.py": "the folder of the gateway",
    "sync/gateway/onward/folder.py": "the folder that the settings name",
    "sync/gateway/onward/osia.py": "a file that the settings name",
    "sync/gateway/opening/process.py": "the folder of the gateway, the folder of an opener",
    "sync/gateway/operations/backup.py": "the folder of the gateway and a folder of backups that it made",
    "sync/gateway/operations/retention.py": "the folder of the gateway",
    "sync/gateway/operations/restore.py": "the folder of the gateway; the new folder of the gateway",
    "sync/gateway/provision.py": "a file that the settings name; the folder of the gateway",
    "ui/widgets/letter_pages.py": "the manual that came with the program",
}


def opens(module: ast.Module) -> Iterator[int]:
    """Yield the lines of a module that open, list or move a file by its path."""
    for node in ast.walk(module):
        if not isinstance(node, ast.Call):
            continue
        match node.func:
            case ast.Name(id="open"):
                yield node.lineno
            case ast.Attribute(value=ast.Name(id=package), attr=name) if name in _FUNCTIONS.get(package, ()):
                yield node.lineno
            case ast.Attribute(attr=name) if name in _METHODS and not _is_asset(node.func):
                yield node.lineno
            case ast.Attribute(attr="open") if _has_mode(node):
                yield node.lineno


def other_ways(modules: Mapping[Path, ast.Module]) -> Iterator[str]:
    """Name modules outside the room that open files and are not known to open only their own, and stale names."""
    left = set(OWN)
    for path, module in modules.items():
        name = path.as_posix()
        if path.parts[0] not in _ROOMS or name.startswith(ROOM):
            continue
        if lines := sorted(set(opens(module))):
            known = [own for own in OWN if name == own or (own.endswith("/") and name.startswith(own))]
            left.difference_update(known)
            if not known:
                yield f"{name}:{lines[0]}: opens a file itself; what a person chose goes through fieldkit.media"
    is_this_program = any(path.as_posix().startswith(ROOM) for path in modules)
    for name in sorted(left) if is_this_program else ():
        yield f"{name}: opens no file any more; take it out of OWN in packaging/checks/chosen_paths.py"


def _is_asset(call: ast.Attribute) -> bool:
    """Return whether this is `files("assets")…`, `FOLDER…`: data that came with the program."""
    return any(isinstance(node, ast.Name) and node.id in ("files", "FOLDER") for node in ast.walk(call.value))


def _has_mode(call: ast.Call) -> bool:
    """Return whether an `open` names a mode, as of a file; devices and slots are opened with other words."""
    words = [*call.args[:1], *(word.value for word in call.keywords if word.arg == "mode")]
    modes = (word.value for word in words if isinstance(word, ast.Constant) and isinstance(word.value, str))
    return any(0 < len(mode) < 4 and set(mode) <= _MODES for mode in modes)
