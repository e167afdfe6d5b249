"""IDs of a simulated retailer stay: renamed files, shuffled rows, a rerun, a fifth more records."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from joren import ingest
from joren.engine import connect
from joren.params import load_client
from joren.simulate.client import Simulated, simulate

KEY = ["source", "source_id"]
Tables = dict[str, pa.Table]


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Simulated:
    home = tmp_path_factory.mktemp("home")
    return simulate("toy", 500, 7, home / "data" / "toy", home / "params" / "toy.yaml")


@pytest.fixture(scope="module")
def exports(simulated: Simulated) -> Tables:
    """The small retailer's customers and orders, as first read."""
    return read(simulated.params)


@pytest.fixture
def demo(demo_run: Path) -> Tables:
    """The demo retailer's customers and orders, as its run read them."""
    folder = demo_run / "restricted" / "canonical"
    tables = {name: pq.read_table(folder / f"{name}.parquet") for name in ("customers", "orders")}
    return {
        name: table.cast(pa.schema([field.with_nullable(True) for field in table.schema]))
        for name, table in tables.items()
    }


def read(params: Path) -> Tables:
    loaded = load_client(str(params))
    tables = ingest.read_sources(connect(), loaded.params, loaded.folder).tables
    return {name: tables[name].to_pyarrow() for name in ("customers", "orders")}


def ids(outcome) -> pd.Series:
    return outcome.map.set_index(KEY).customer_id.sort_index()


def test_other_file_names_shuffled_rows_and_a_rerun_give_the_same_ids(clients, simulated, exports):
    client = clients()
    first = ids(client.of_tables(**exports))
    rename_files(simulated.folder)
    renamed = shuffled(read(simulated.params))
    again = client.of_tables(**renamed)
    assert ids(again).equals(first)
    assert again.events.empty
    assert ids(clients().of_tables(**renamed)).equals(first)


def test_a_fifth_more_records_change_two_in_a_hundred_ids_at_most_each_with_an_event(clients, demo):
    rows = demo["customers"].select(KEY).to_pylist()
    held = {tuple(row.values()) for row in random.Random(1).sample(rows, len(rows) // 5)}
    client = clients()
    before = ids(client.of_tables(**{name: without(held, table) for name, table in demo.items()}))
    outcome = client.of_tables(**demo)
    after = ids(outcome)

    moved = after.reindex(before.index) != before
    changed = {*before[moved], *after.reindex(before.index)[moved]} & set(before)
    assert 0 < len(changed) <= 0.02 * before.nunique()
    happened = outcome.events[outcome.events.kind != "create"]
    assert changed <= {customer for told in happened.customer_ids_before for customer in told}
    assert not happened.reason.isin(["", "no_link_left"]).any()
    ended = set(before) - set(after)
    assert ended <= changed


def test_no_id_is_given_to_other_people_later(clients, exports):
    rows = exports["customers"].select(KEY).to_pylist()
    client, ever, born = clients(), set(), {}
    for revision, seed in enumerate((1, 2, 1)):
        held = {tuple(row.values()) for row in random.Random(seed).sample(rows, len(rows) // 5)}
        given = {name: without(held, table) for name, table in exports.items()}
        outcome = client.of_tables(**given, rebase=revision == 2)
        now, new = set(outcome.map.customer_id), created(outcome.events)
        assert new.isdisjoint(ever), "an ID was created twice"
        ever |= now
        born |= dict.fromkeys(new, revision)
    assert ever == set(born)


def created(events: pd.DataFrame) -> set[str]:
    """The IDs that were not there before their event."""
    return {
        customer
        for event in events.itertuples()
        for customer in set(event.customer_ids_after) - set(event.customer_ids_before)
    }


def without(held: set[tuple[str, str]], table: pa.Table) -> pa.Table:
    pairs = zip(*table.select(KEY).to_pydict().values(), strict=True)
    return table.filter(pa.array([pair not in held for pair in pairs], pa.bool_()))


def shuffled(tables: Tables) -> Tables:
    order = random.Random(5)
    return {name: table.take(order.sample(range(len(table)), len(table)))
            for name, table in tables.items()}  # fmt: skip


def rename_files(folder: Path) -> None:
    """Give the files of every glob of the parameters names in another order."""
    for prefix in ("pos/torihiki", "pos/meisai", "web/orders", "mall/rakuten"):
        files = sorted(folder.glob(f"{prefix}-*.csv"))
        assert files
        for path, number in zip(files, _descending(len(files)), strict=True):
            path.rename(folder / f"{prefix}-renamed-{number:03d}.csv")


def _descending(n: int) -> Iterator[int]:
    return reversed(range(n))
