from __future__ import annotations

import pytest

from joren import ingest
from joren.errors import InputError, ParameterError
from joren.ingest.inputs import format_names, table_inputs

HEADER = "order_id,source_id,ordered_at,amount\n"


def _orders(path: str, **spec):
    return {"pos": {"format": "csv", "orders": {"path": path} | spec}}


def _names(given, folder):
    return [file.name for source in table_inputs(given, folder) for file in source.files]


def test_file_names_are_relative_to_the_fixed_part_of_the_pattern(tmp_path, params):
    for name in ("b/2026-01.csv", "a/2026-02.csv", "a/._2026-02.csv"):
        (tmp_path / "data" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "data" / name).write_text(HEADER)
    assert _names(params(_orders("data/*/*.csv")), tmp_path) == ["a/2026-02.csv", "b/2026-01.csv"]
    assert _names(params(_orders("data/a/*.csv")), tmp_path) == ["2026-02.csv"]
    assert _names(params(_orders("data/a/2026-02.csv")), tmp_path) == ["2026-02.csv"]


def test_raw_files_are_sorted_and_each_named_once(tmp_path, params):
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text(HEADER)
    both = _orders("*.csv") | {"web": {"format": "csv", "orders": "a.csv"}}
    assert ingest.raw_files(params(both), tmp_path) == [tmp_path / "a.csv", tmp_path / "b.csv"]


@pytest.mark.parametrize(
    ("pattern", "remedy"),
    [
        ("oders.csv", "Did you mean orders.csv"),
        ("nowhere/*.csv", "Create the folder"),
        ("sub", r"Name the files in it, for example sub/\*.csv"),
    ],
)
def test_a_pattern_that_matches_nothing_says_what_to_do(tmp_path, params, pattern, remedy):
    (tmp_path / "orders.csv").write_text(HEADER)
    (tmp_path / "sub").mkdir()
    with pytest.raises(InputError, match=remedy) as error:
        ingest.raw_files(params(_orders(pattern)), tmp_path)
    assert "sources.pos.orders" in str(error.value)


def test_an_unknown_format_names_the_nearest(tmp_path, params):
    with pytest.raises(ParameterError, match="Did you mean tables"):
        ingest.raw_files(params({"pos": {"format": "table", "path": "."}}), tmp_path)


def test_formats_are_modules_of_their_folder():
    assert {"csv", "tables"} <= set(format_names())


def test_a_mapping_to_an_unknown_column_names_the_nearest(tmp_path, params):
    (tmp_path / "o.csv").write_text(HEADER)
    with pytest.raises(ParameterError, match=r"(?s)'order_at'.*Did you mean ordered_at"):
        ingest.raw_files(params(_orders("o.csv", columns={"order_at": "x"})), tmp_path)


def test_a_client_needs_customers_or_orders(tmp_path, params):
    (tmp_path / "products.csv").write_text("product_id,name\n")
    with pytest.raises(InputError, match="no source holds customers or orders"):
        ingest.raw_files(params({"a": {"format": "tables", "path": "."}}), tmp_path)


def test_words_belong_to_columns_of_a_fixed_list_and_mean_one_of_its_words(tmp_path, params):
    (tmp_path / "o.csv").write_text(HEADER)

    def words(**given):
        return table_inputs(params(_orders("o.csv", words=given)), tmp_path)[0].words

    assert words(status={"済": "valid"}) == {"status": {"済": "valid"}}
    with pytest.raises(
        ParameterError, match=r"(?s)orders\.amount has no fixed list.*[Uu]se status"
    ):
        words(amount={"済": "valid"})
    with pytest.raises(ParameterError, match=r"(?s)'done' is no word of orders\.status.*valid"):
        words(status={"済": "done"})


def test_a_table_left_out_is_not_read_even_if_its_file_is_there(tmp_path, params):
    for name in ("orders", "products"):
        (tmp_path / f"{name}.csv").write_text(HEADER if name == "orders" else "product_id,name\n")
    source = {"format": "tables", "path": "."}
    both = table_inputs(params({"shop": source}), tmp_path)
    one = table_inputs(params({"shop": source | {"without": ["products"]}}), tmp_path)
    assert [{i.table for i in found} for found in (both, one)] == [
        {"orders", "products"},
        {"orders"},
    ]
