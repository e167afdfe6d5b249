"""JupyterLab is opened on this machine alone, on the notebook and the client asked for."""

from pathlib import Path

import pytest

from joren.errors import JorenError
from joren.lab import lab_command, lab_environment, open_notebook
from joren.workspace import Workspace


def test_the_review_notebook_is_opened_on_the_loopback_address():
    command = lab_command("interactive/10_review")
    assert command[1:4] == ["-m", "jupyterlab", "--ip=127.0.0.1"]
    assert command[-1].endswith("notebooks/interactive/10_review.ipynb")


def test_the_notebook_finds_client_and_reports_in_its_environment(tmp_path: Path):
    environment = lab_environment(Workspace("demo", tmp_path))
    assert environment["JOREN_CLIENT"] == "demo"
    assert environment["JOREN_REPORTS"] == str(tmp_path)


def test_what_is_not_there_is_not_opened(tmp_path: Path):
    with pytest.raises(JorenError, match="there is no notebook"):
        lab_command("interactive/nothing")
    with pytest.raises(JorenError, match="was published yet"):
        open_notebook("interactive/10_review", Workspace("demo", tmp_path))


def test_a_notebook_is_told_what_more_it_is_about(tmp_path):
    environment = lab_environment(Workspace("demo", tmp_path), campaign="C9")
    assert environment["JOREN_CAMPAIGN"] == "C9"
