"""A simulated client as a whole: reproducible, replaceable by itself alone, within bounds."""

import hashlib
from pathlib import Path

import pytest

from joren.errors import ParameterError
from joren.params import load_client
from joren.simulate.client import FEWEST, MOST, Simulated, simulate


def _simulate(home: Path, customers: int = 500, seed: int = 1) -> Simulated:
    return simulate("toy", customers, seed, home / "data" / "toy", home / "params" / "toy.yaml")


def _digests(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the client `toy`, 500 customers, seed 1."""
    home = tmp_path_factory.mktemp("home")
    _simulate(home)
    return home


def test_the_same_seed_gives_the_same_bytes_and_replaces_what_it_wrote(home):
    before = _digests(home)
    _simulate(home)
    assert _digests(home) == before
    assert not list((home / "data").glob(".*"))


def test_another_seed_gives_other_files(home, tmp_path):
    _simulate(tmp_path, seed=2)
    one, other = _digests(home / "data"), _digests(tmp_path / "data")
    assert set(one) == set(other)
    same = {name for name in one if one[name] == other[name]}
    assert all(name.startswith("toy/crm/") for name in same)


def test_the_parameters_are_valid_and_name_every_file(home):
    loaded = load_client(str(home / "params" / "toy.yaml"))
    assert set(loaded.params.sources) == {"pos", "web", "mall", "teiki", "line", "call", "crm"}
    for source in loaded.params.sources.values():
        for files in source.tables().values():
            assert list(loaded.folder.glob(files.path))


def test_the_report_counts_files_and_rows(home):
    report = _simulate(home).report()
    assert "pos           49 files" in report
    assert "joren check toy" in report


@pytest.mark.parametrize("customers", [FEWEST - 1, MOST + 1])
def test_a_number_out_of_bounds_is_refused(tmp_path, customers):
    with pytest.raises(ParameterError, match="500 to 1,000,000"):
        _simulate(tmp_path, customers)
    assert list(tmp_path.iterdir()) == []


def test_a_name_that_is_no_client_name_is_refused(tmp_path):
    with pytest.raises(ParameterError, match="not a client name"):
        simulate("../x", 500, 1, tmp_path / "data", tmp_path / "x.yaml")


def test_what_no_simulation_wrote_is_never_replaced(tmp_path):
    mine = tmp_path / "data" / "toy" / "orders.csv"
    mine.parent.mkdir(parents=True)
    mine.write_text("mine")
    with pytest.raises(ParameterError, match="no simulation wrote this"):
        _simulate(tmp_path)
    assert mine.read_text() == "mine"
    mine.unlink()
    mine.parent.rmdir()
    own = tmp_path / "params" / "toy.yaml"
    own.parent.mkdir()
    own.write_text("client: toy\n")
    with pytest.raises(ParameterError, match="no simulation wrote this"):
        _simulate(tmp_path)
    assert own.read_text() == "client: toy\n"
