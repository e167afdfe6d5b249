"""What on this machine would stop a run."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from joren.params import project_root

_NEEDED_DISK_GB = 2
_NEEDED_MEMORY_GB = 2


@dataclass(frozen=True)
class Check:
    """One thing looked at; a fatal one that is not good stops a run."""

    name: str
    good: bool
    found: str
    remedy: str = ""
    fatal: bool = True


def examine() -> list[Check]:
    """Look at everything a run needs, in the order it is needed."""
    return [_python(), _kernel(), _notebooks(), _fonts(), _disk(), _memory(), _browser()]


def _python() -> Check:
    version = ".".join(map(str, sys.version_info[:3]))
    return Check("python", sys.version_info >= (3, 12), version, "install Python 3.12 or newer")


def _kernel() -> Check:
    os.environ.setdefault("JUPYTER_PREFER_ENV_PATH", "1")
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    try:
        spec = KernelSpecManager().get_kernel_spec("python3")
    except NoSuchKernel:
        return Check("kernel", False, "no python3 kernel", "rerun ./bootstrap.sh")
    program = Path(spec.argv[0])
    # jupyter_client starts a bare "python" with the running interpreter
    own = program.name == spec.argv[0] or program.parent == Path(sys.executable).parent
    return Check(
        "kernel",
        own,
        "python3 of this environment" if own else f"python3 starts {program}",
        "remove the other kernel with `jupyter kernelspec remove python3`",
    )


def _notebooks() -> Check:
    from joren.notebooks import discover

    count = len(discover())
    template = (project_root() / "reports" / "template" / "report.html.j2").is_file()
    return Check(
        "notebooks", count > 0 and template, f"{count} steps", "run joren from a whole clone"
    )


def _fonts() -> Check:
    from joren.report.fonts import font_path, missing_glyphs

    lacking = missing_glyphs("常連顧客価値区間ポイント、。「」¥%–")
    return Check("fonts", not lacking, font_path().name, "reinstall matplotlib-fontja")


def _disk() -> Check:
    free = shutil.disk_usage(project_root()).free / 2**30
    return Check(
        "disk", free >= _NEEDED_DISK_GB, f"{free:.0f} GB free", "free some space", fatal=True
    )


def _memory() -> Check:
    import psutil

    free = psutil.virtual_memory().available / 2**30
    return Check("memory", free >= _NEEDED_MEMORY_GB, f"{free:.0f} GB free", "end other programs")


def _browser() -> Check:
    found = next(filter(None, map(shutil.which, ("chromium", "google-chrome", "chrome"))), None)
    return Check(
        "browser",
        found is not None,
        Path(found).name if found else "none found",
        "only the dashboard's own tests need it: install chromium",
        fatal=False,
    )
