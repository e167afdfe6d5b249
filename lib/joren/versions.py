"""Which code made a run."""

from __future__ import annotations

import subprocess

from joren import __version__
from joren.params import project_root


def code_version() -> str:
    """Version and commit; `+changed` where the working tree differs from it."""
    root = project_root()
    if not (root / ".git").exists():
        return __version__
    commit = _git("rev-parse", "--short=12", "HEAD")
    changed = "+changed" if _git("status", "--porcelain", "--", "lib", "notebooks") else ""
    return f"{__version__} ({commit or 'no commit'}{changed})"


def _git(*arguments: str) -> str:
    try:
        done = subprocess.run(
            ["git", "-C", str(project_root()), *arguments],
            capture_output=True, text=True, timeout=10, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip()
