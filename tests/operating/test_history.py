"""Serving an earlier run again, and dropping old ones."""

from __future__ import annotations

import pytest

from joren.errors import JorenError
from joren.operating.history import prune, roll_back
from joren.workspace import Workspace, link_file, switch_latest, write_json


@pytest.fixture
def shop(tmp_path):
    """Four runs, the third failed; the last is served. They share a file by hard link."""
    workspace = Workspace("shop", tmp_path / "reports")
    first = None
    for name, status in zip("abcd", ("published", "published", "failed", "published"), strict=True):
        run = workspace.run_folder(name)
        run.mkdir(parents=True)
        write_json(run / "run.json", {"run_id": name, "status": status})
        if first is None:
            first = run / "table"
            first.write_text("rows")
        else:
            link_file(first, run / "table")
    switch_latest(workspace, workspace.run_folder("d"))
    return workspace


def test_the_run_published_before_is_served_again(shop):
    assert roll_back(shop).name == "b"
    assert shop.latest().name == "b"
    assert roll_back(shop, "d").name == "d"


@pytest.mark.parametrize("name", ["c", "nowhere"])
def test_a_run_that_was_never_published_is_not_served(shop, name):
    with pytest.raises(JorenError, match="no published run"):
        roll_back(shop, name)
    assert shop.latest().name == "d"


def test_the_first_run_has_none_before_it(shop):
    roll_back(shop, "a")
    with pytest.raises(JorenError, match="published before"):
        roll_back(shop)


def test_old_runs_go_and_what_kept_runs_share_with_them_stays(shop):
    assert prune(shop, keep=1) == ["a", "b", "c"]
    assert [run.name for run in shop.runs()] == ["d"]
    assert (shop.latest() / "table").read_text() == "rows"


def test_the_served_run_stays_even_when_it_is_old(shop):
    roll_back(shop, "a")
    assert prune(shop, keep=1) == ["b"]
    assert sorted(run.name for run in shop.runs()) == ["a", "c", "d"]
