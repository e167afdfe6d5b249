from __future__ import annotations

import pytest

from joren.errors import InputError
from joren.ingest.gather import gather


@pytest.fixture
def folder(tmp_path):
    for name in (
        "pos/a.csv", "pos/2026/b.CSV", "web/c.txt", "web/d.tsv", "e.parquet", "notes.md",
        "pos/._a.csv", "pos/~$a.csv", ".trash/x.csv", "answer_key/orders.parquet",
    ):  # fmt: skip
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("a,b\n1,2\n")
    return tmp_path


def _names(folder, given):
    return [path.relative_to(folder.resolve()).as_posix() for path in gather(given).files]


def test_a_folder_means_every_export_below_it_but_no_answer_key(folder):
    assert _names(folder, [folder]) == [
        "e.parquet", "pos/2026/b.CSV", "pos/a.csv", "web/c.txt", "web/d.tsv",
    ]  # fmt: skip


def test_a_pattern_names_what_it_matches(folder):
    assert _names(folder, [folder / "web" / "*.t*"]) == ["web/c.txt", "web/d.tsv"]
    assert _names(folder, [folder / "**" / "*.csv"]) == ["pos/a.csv"]


def test_a_file_named_by_itself_counts_whatever_its_ending_and_once(folder):
    found = gather([folder / "notes.md", folder / "notes.md", folder / "pos"])
    assert found.named == {(folder / "notes.md").resolve()}
    assert len(found.files) == 3


@pytest.mark.parametrize("name", ["none.csv", "none/*.csv", "empty"])
def test_what_is_not_there_is_refused(folder, name):
    (folder / "empty").mkdir()
    with pytest.raises(InputError, match=r"there is no"):
        gather([folder / name])
