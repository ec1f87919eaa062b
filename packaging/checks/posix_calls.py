"""What only POSIX has, in modules that run on Windows too: imports, calls and constants that nothing guards.

A module may guard with `if sys.platform …:`, an early return, `getattr`, `hasattr` or by catching what is missing.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from pathlib import Path

MODULES = {"fcntl", "termios", "pty", "tty", "grp", "pwd", "resource", "posix", "readline", "syslog", "crypt", "spwd"}
# What the documentation of Python 3.11 marks "Availability: Unix" and the module of Windows lacks.
_OS = """O_ASYNC O_CLOEXEC O_DIRECT O_DIRECTORY O_DSYNC O_EXLOCK O_NDELAY O_NOATIME O_NOCTTY O_NOFOLLOW
O_NONBLOCK O_PATH O_RSYNC O_SHLOCK O_SYNC O_TMPFILE WCOREDUMP WEXITSTATUS WIFEXITED WIFSIGNALED
WNOHANG WTERMSIG chown chroot confstr copy_file_range ctermid eventfd fchdir fchmod fchown fdatasync
fork forkpty fpathconf fstatvfs get_blocking getegid geteuid getgid getgrouplist getgroups
getloadavg getpgid getpgrp getpriority getrandom getresgid getresuid getsid getuid getxattr
initgroups killpg lchflags lchmod lchown listxattr lockf login_tty major makedev memfd_create minor
mkfifo mknod nice openpty pathconf pidfd_open pipe2 posix_fadvise posix_fallocate posix_spawn
posix_spawnp pread preadv pwrite pwritev readv register_at_fork removexattr sched_getaffinity
sched_setaffinity sched_yield sendfile set_blocking setegid seteuid setgid setgroups setpgid
setpriority setregid setresgid setresuid setreuid setsid setuid setxattr splice statvfs sync sysconf
tcgetpgrp tcsetpgrp ttyname uname unshare wait wait3 wait4 waitid writev"""
_SIGNAL = """SIGALRM SIGBUS SIGCHLD SIGCONT SIGHUP SIGIO SIGKILL SIGPIPE SIGPOLL SIGPROF SIGPWR SIGQUIT SIGRTMAX
SIGRTMIN SIGSTKFLT SIGSTOP SIGSYS SIGTRAP SIGTSTP SIGTTIN SIGTTOU SIGURG SIGUSR1 SIGUSR2 SIGVTALRM
SIGWINCH SIGXCPU SIGXFSZ alarm getitimer pause pthread_kill pthread_sigmask setitimer siginterrupt
sigpending sigtimedwait sigwait sigwaitinfo"""
NAMES = {
    "os": set(_OS.split()),
    "signal": set(_SIGNAL.split()),
    "socket": {"AF_ALG", "AF_NETLINK", "AF_PACKET", "AF_UNIX", "AF_VSOCK", "CMSG_LEN", "MSG_DONTWAIT", "MSG_NOSIGNAL"}
    | {"SCM_RIGHTS", "SO_PEERCRED", "SO_REUSEPORT", "recv_fds", "send_fds"},
    "select": {"epoll", "kqueue", "poll"},
    "time": {"clock_gettime", "clock_settime", "pthread_getcpuclockid", "tzset"},
    "asyncio": {"get_child_watcher", "open_unix_connection", "start_unix_server"},
}
METHODS = {"add_signal_handler", "remove_signal_handler", "lchmod", "hardlink_to"}  # of loops and paths
KEYWORDS = {"preexec_fn", "pass_fds", "process_group"}  # of subprocess.Popen
ROOMS = ("fieldkit", "ui", "sync", "drivers")
_WHOLE = frozenset({"*"})
# Of Linux as a whole, or called only by what asked the platform before.
_ELSEWHERE = {
    "drivers/libfprint/outside.py": _WHOLE,
    "drivers/simulators/libfprint.py": _WHOLE,
    "drivers/simulators/loopback.py": {"pty", "tty", "os.set_blocking", "os.ttyname"},  # PtyLink
    "drivers/simulators/serial_end.py": {"fcntl", "termios", "select.poll"},  # its end at a PtyLink
    "drivers/sbi/transport.py": {"socket.AF_NETLINK"},
    "fieldkit/app/bootstrap/clock.py": {"time.clock_gettime"},  # for a clock that getattr found
    "fieldkit/app/bootstrap/hardening.py": {"os.major", "os.minor"},  # of what Linux lists as swap
    "fieldkit/app/demo/disaster.py": {"os.mkfifo"},
    "sync/gateway/workers/supervisor.py": _WHOLE,  # one worker serves on Windows
}


def needs(source: str) -> list[str]:
    """Return what of POSIX a module needs without a look at the platform, with its line."""
    tree = ast.parse(source)
    guarded = {id(inner) for node in ast.walk(tree) for inner in _guarded_by(node)}
    modules = _names_of_modules(tree)
    found = []
    for node in ast.walk(tree):
        if id(node) not in guarded:
            found += [f"{name}:{node.lineno}" for name in _needed(node, modules)]  # type: ignore[attr-defined]
    return found


def posix_calls(project: Path, paths: Sequence[Path]) -> list[str]:
    """Return each module of the product that Windows could not run, with what it needs."""
    found = []
    for path in paths:
        name = path.as_posix()
        known = _ELSEWHERE.get(name, frozenset())
        if path.parts[0] in ROOMS and "migrations" not in path.parts and known != _WHOLE:
            needed = needs((project / path).read_text("utf-8"))
            found += [f"{name}: {each} is of POSIX" for each in needed if each.partition(":")[0] not in known]
    return found


def _needed(node: ast.AST, modules: dict[str, str]) -> Iterator[str]:
    match node:
        case ast.Import(names=names):
            yield from (alias.name for alias in names if alias.name in MODULES)
        case ast.ImportFrom(module=str(module)) if module in MODULES:
            yield module
        case ast.ImportFrom(module=str(module), names=names):
            yield from (f"{module}.{alias.name}" for alias in names if alias.name in NAMES.get(module, ()))
        case ast.Attribute(value=ast.Name(id=name), attr=attr) if attr in NAMES.get(modules.get(name, ""), ()):
            yield f"{modules[name]}.{attr}"
        case ast.Call(func=ast.Attribute(attr=attr)) if attr in METHODS:
            yield attr
        case ast.Call(func=ast.Attribute(value=ast.Name(id="subprocess")), keywords=keywords):
            yield from (each.arg for each in keywords if each.arg in KEYWORDS)


def _names_of_modules(tree: ast.Module) -> dict[str, str]:
    """Return under which names the modules of `NAMES` stand there: `import os as system` too."""
    imports = (node for node in ast.walk(tree) if isinstance(node, ast.Import))
    return {alias.asname or alias.name: alias.name for each in imports for alias in each.names if alias.name in NAMES}


def _guarded_by(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what runs only where the platform was asked, or where it does not matter that it is missing."""
    if isinstance(node, ast.If | ast.IfExp | ast.BoolOp) and _asks(node.test if hasattr(node, "test") else node):
        yield from ast.walk(node)
    elif isinstance(node, ast.Try) and any(_catches(each) for each in node.handlers):
        yield from (inner for line in node.body for inner in ast.walk(line))
    elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        # `if sys.platform == "win32": return` guards what follows it in its block.
        for at, line in enumerate(node.body):
            if isinstance(line, ast.If) and _asks(line.test) and isinstance(line.body[-1], ast.Return | ast.Raise):
                yield from (inner for later in node.body[at + 1 :] for inner in ast.walk(later))


def _asks(test: ast.AST) -> bool:
    return any(name in ast.unparse(test) for name in ("sys.platform", "os.name", "platform.system", "hasattr(os"))


def _catches(handler: ast.ExceptHandler) -> bool:
    missing = ("AttributeError", "ImportError", "ModuleNotFoundError", "NotImplementedError")
    return handler.type is not None and any(name in ast.unparse(handler.type) for name in missing)
