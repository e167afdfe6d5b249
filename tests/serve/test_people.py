from __future__ import annotations

import pyarrow.parquet as pq

from joren.serve import people


def test_customers_are_masked_and_have_their_segment(tables, tmp_path):
    told = people.write_explore(tables, tmp_path)
    assert [code for code, _ in told["segments"]] == ["loyal", "new"]
    rows = pq.read_table(tmp_path / "explore.parquet").to_pylist()
    assert len(rows) == 20 and rows[0]["segment"] == "loyal"
    assert "cust-00" not in str(rows)


def test_a_list_has_its_members_masked_and_an_empty_one_is_none(tables, tmp_path):
    assert people.write_members(tables, tmp_path)
    rows = pq.read_table(tmp_path / "members.parquet").to_pylist()
    assert [row["id"] for row in rows] == ["•••• t-01", "•••• t-00"]
    empty = pq.read_table(tables / "list_members.parquet").slice(0, 0)
    pq.write_table(empty, tables / "list_members.parquet")
    assert not people.write_members(tables, tmp_path)
    (tables / "list_members.parquet").unlink()
    assert not people.write_members(tables, tmp_path)
