from __future__ import annotations

import pytest

from joren.errors import InputError, ParameterError
from joren.ingest.inputs import table_inputs


def _inputs(params, folder, **source):
    return table_inputs(params({"crm": {"format": "tables"} | source}), folder)


def test_files_named_after_tables_are_found_in_the_order_of_the_contract(tmp_path, params):
    for name in ("orders.parquet", "customers.csv", "notes.csv"):
        (tmp_path / name).touch()
    found = [(i.table, i.files[0].name) for i in _inputs(params, tmp_path, path=".")]
    assert found == [("customers", "customers.csv"), ("orders", "orders.parquet")]


def test_a_table_named_by_itself_overrides_the_folders(tmp_path, params):
    for name in ("orders.csv", "better.csv"):
        (tmp_path / name).touch()
    (found,) = _inputs(params, tmp_path, path=".", orders="better.csv")
    assert found.files[0].name == "better.csv"


def test_one_table_in_two_files_is_refused(tmp_path, params):
    for name in ("orders.csv", "orders.parquet"):
        (tmp_path / name).touch()
    with pytest.raises(InputError, match=r"both orders.csv and orders.parquet"):
        _inputs(params, tmp_path, path=".")


def test_a_folder_that_is_not_there_or_holds_no_table_is_refused(tmp_path, params):
    with pytest.raises(InputError, match="no such folder"):
        _inputs(params, tmp_path, path="nowhere")
    with pytest.raises(InputError, match="holds no canonical table"):
        _inputs(params, tmp_path, path=".")
    with pytest.raises(ParameterError, match="needs a folder"):
        _inputs(params, tmp_path)
