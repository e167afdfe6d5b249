"""Set-up believes a program only after it ran."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from joren.params import project_root

NEEDED = ("bash", "cat", "cksum", "dirname", "rm", "env")


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """The files set-up looks at, and a `bin` folder that is all of PATH."""
    for name in ("bootstrap.sh", "requirements.lock", "pyproject.toml"):
        shutil.copy(project_root() / name, tmp_path / name)
    (tmp_path / "bin").mkdir()
    for name in NEEDED:
        (tmp_path / "bin" / name).symlink_to(shutil.which(name))
    return tmp_path


def _program(clone: Path, name: str, body: str) -> None:
    path = clone / "bin" / name
    path.write_text(f"#!/usr/bin/env bash\n{body}\n")
    path.chmod(0o755)


def _bootstrap(clone: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "bootstrap.sh"],
        cwd=clone,
        env={"PATH": str(clone / "bin"), "HOME": str(clone / "nobody")},
        capture_output=True,
        text=True,
        check=False,
    )


def test_without_python_and_uv_one_line_says_what_is_missing(clone):
    done = _bootstrap(clone)
    assert done.returncode == 1
    assert done.stderr == (
        "bootstrap: neither Python 3.12 or newer nor uv was found; install one of them.\n"
    )


def test_shims_that_answer_to_a_name_and_fail_are_passed_over(clone):
    for name in ("python3.12", "python3", "python", "uv"):
        _program(clone, name, 'echo "pyenv: command not found" >&2; exit 127')
    assert "neither Python 3.12 or newer nor uv" in _bootstrap(clone).stderr


def test_a_working_uv_is_given_the_interpreter_by_its_path(clone):
    interpreter = clone / "elsewhere" / "python3.12"
    _program(clone, "python3.12", f'case "$2" in *print*) echo {interpreter};; esac')
    _program(clone, "uv", 'echo "uv $*" >> asked.txt')

    assert _bootstrap(clone).returncode != 0  # this uv makes no .venv to put the stamp in
    asked = (clone / "asked.txt").read_text().splitlines()
    assert asked[0] == "uv --version"
    assert asked[1] == f"uv venv --quiet --python {interpreter} .venv"
    assert "--require-hashes requirements.lock" in asked[2]


def test_nothing_is_done_twice(clone):
    wanted = subprocess.run(
        "cat requirements.lock pyproject.toml bootstrap.sh | cksum",
        shell=True, cwd=clone, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    (clone / ".venv" / "bin").mkdir(parents=True)
    (clone / ".venv" / "bin" / "joren").touch(mode=0o755)
    (clone / ".venv" / ".set-up").write_text(wanted)

    done = _bootstrap(clone)

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
