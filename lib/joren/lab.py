"""Open an interactive notebook in JupyterLab, for one client.

JupyterLab runs as a process of its own on this machine's loopback address; the notebook finds the
client and the reports in its environment.
"""

from __future__ import annotations

import os
import subprocess
import sys

from joren.errors import JorenError
from joren.notebooks import notebooks_folder
from joren.params import project_root
from joren.workspace import Workspace


def lab_command(name: str) -> list[str]:
    """The command that opens a notebook.

    Parameters
    ----------
    name : `<folder>/<notebook>` under notebooks/, without ending

    Raises
    ------
    JorenError if there is no such notebook
    """
    path = notebooks_folder() / f"{name}.ipynb"
    if not path.is_file():
        raise JorenError(f"there is no notebook {name}", str(path), "restore it")
    return [
        sys.executable, "-m", "jupyterlab", "--ip=127.0.0.1",
        f"--ServerApp.root_dir={notebooks_folder()}", str(path),
    ]  # fmt: skip


def lab_environment(workspace: Workspace, **subject: str) -> dict[str, str]:
    """What tells the notebook whose records it is about.

    Parameters
    ----------
    subject : what more it asks for, each as JOREN_<NAME>
    """
    named = {f"JOREN_{name.upper()}": value for name, value in subject.items()}
    return (
        os.environ
        | named
        | {
            "JOREN_HOME": str(project_root()),
            "JOREN_CLIENT": workspace.client,
            "JOREN_REPORTS": str(workspace.reports),
        }
    )


def open_notebook(name: str, workspace: Workspace, **subject: str) -> int:
    """Open the notebook and wait until JupyterLab ends; returns its exit status.

    Parameters
    ----------
    subject : passed on to the notebook, see `lab_environment`

    Raises
    ------
    JorenError if no run of the client was published yet
    """
    if workspace.latest() is None:
        raise JorenError(
            f"no run of {workspace.client} was published yet", str(workspace.root),
            f"run `joren run {workspace.client}`",
        )  # fmt: skip
    return subprocess.run(
        lab_command(name), env=lab_environment(workspace, **subject), check=False
    ).returncode
