from __future__ import annotations

from decimal import Decimal

import pyarrow.parquet as pq

from joren.serve import cubes


def _rows(folder, name):
    return pq.read_table(folder / f"{name}.parquet").to_pylist()


def test_counts_and_sums_stand_for_every_choice_of_channel_and_segment(tables, tmp_path):
    made = cubes.build(tables, tmp_path, "analyst")
    assert made == [cube.name for cube in cubes.CUBES]
    found = {(r["channel"], r["segment"]): r for r in _rows(tmp_path, "activity")}
    assert found["", ""]["orders"] == 20 and found["", ""]["value"] == Decimal(20_000)
    assert found["pos", ""]["customers"] == 17 and found["pos", "new"]["customers"] == 5
    assert found["ec", "new"]["customers"] == 3
    worth = {
        (r["class"], r["segment"], r["channel"]): r["customers"] for r in _rows(tmp_path, "worth")
    }
    assert (
        worth["", "", ""] == 20 and worth["1", "loyal", "pos"] == 12 and worth["2", "", "ec"] == 3
    )


def test_a_viewer_has_no_cell_of_fewer_than_five_customers_nor_one_it_follows_from(
    tables, tmp_path
):
    cubes.build(tables, tmp_path, "viewer")
    found = {(r["channel"], r["segment"]): r for r in _rows(tmp_path, "activity")}
    assert found["ec", ""]["customers"] is None and found["ec", ""]["value"] is None
    # 20 − 17 would say what the web store's 3 bought
    assert found["pos", ""]["orders"] is None
    assert found["", ""]["orders"] == 20
    for name in (cube.name for cube in cubes.CUBES):
        counts = [row["customers"] for row in _rows(tmp_path, name)]
        assert all(count is None or count == 0 or count >= 5 for count in counts), name


def test_rows_in_another_order_give_the_same_file(tables, tmp_path):
    one, two = tmp_path / "one", tmp_path / "two"
    one.mkdir()
    two.mkdir()
    cubes.build(tables, one, "viewer")
    for path in tables.glob("*.parquet"):
        rows = pq.read_table(path)
        pq.write_table(rows.take(list(range(rows.num_rows))[::-1]), path)
    cubes.build(tables, two, "viewer")
    for path in one.glob("*.parquet"):
        assert pq.read_table(path).equals(pq.read_table(two / path.name)), path.name


def test_a_run_without_a_table_has_no_cube_of_it(tables, tmp_path):
    for name in ("route_steps", "segments", "purchase_summary", "experiment_readout"):
        (tables / f"{name}.parquet").unlink()
    made = cubes.build(tables, tmp_path, "analyst")
    assert "activity" not in made and "effects" not in made
    worth = {
        (r["class"], r["segment"], r["channel"]): r["customers"] for r in _rows(tmp_path, "worth")
    }
    assert worth["", "none", "unknown"] == 20
