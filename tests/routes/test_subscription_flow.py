from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from joren.contract import TABLES
from joren.engine import connect, read_parquet
from joren.errors import JorenError
from joren.params import project_root
from joren.routes.frames import as_table
from joren.routes.subscription_flow import ALL, decisions, log_log_interval, subscription_flow

AS_OF = date(2026, 3, 31)
_ENGINE = connect()
KEY = {"source": "shop", "source_id": "c", "product_id": "tea", "cycle_days": 30}


@pytest.fixture
def flow(table):
    """The flow of subscriptions given as (changes, days of their orders before as-of)."""

    def make(*subscriptions: tuple[dict, list[int]], as_of: date = AS_OF) -> pd.DataFrame:
        rows, orders = [], []
        for i, (change, ago) in enumerate(subscriptions):
            began = as_of - timedelta(days=ago[0])
            rows.append(KEY | {"subscription_id": f"S{i}", "started_at": _moment(began)} | change)
            orders += [
                {"source": "shop", "order_id": f"{i}-{n}", "source_id": "c", "amount": 1000,
                 "subscription_id": f"S{i}", "status": "valid",
                 "ordered_at": _moment(as_of - timedelta(days=days))}
                for n, days in enumerate(ago)
            ]  # fmt: skip
        decided = decisions(
            table("canonical/subscriptions", rows), table("canonical/orders", orders), as_of
        )
        return subscription_flow(decided, 0.9).set_index(["product_id", "order_number"])

    return make


def _moment(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 9)


def _ended(ago: int, reason: str = "voluntary") -> dict:
    return {"ended_at": _moment(AS_OF - timedelta(days=ago)), "end_reason": reason}


def test_an_order_whose_next_one_is_not_due_says_nothing(flow):
    found = flow(({}, [100, 70]), (_ended(95), [100]), ({}, [44]), (_ended(20), [40]))
    first = found.loc[(ALL, 1)]

    assert (first.at_risk, first.continued, first.cancelled) == (2, 1, 1)
    assert first.continuation_rate == 0.5
    assert first.had_order == 4
    assert first.naive_rate == 0.25


def test_orders_that_come_late_skipped_or_paused(flow):
    found = flow(({}, [300, 262]), ({}, [300, 240]), ({}, [300, 150]), ({}, [300]))
    first = found.loc[(ALL, 1)]

    assert (first.continued, first.skipped, first.paused) == (3, 1, 1)
    assert (first.open_now, first.cancelled) == (1, 0)
    assert first.continuation_rate == 0.75  # the last has been silent for ten cycles


def test_open_ones_are_expected_to_go_on_as_those_watched_for_longer(flow):
    # half come in time; of the others all that were watched for a second cycle came then
    in_time = [({}, [300, 270])] * 10
    later = [({}, [300, 240])] * 5
    just_silent = [({}, [50])] * 5
    first = flow(*in_time, *later, *just_silent).loc[(ALL, 1)]

    assert (first.at_risk, first.continued, first.open_now) == (20, 15, 5)
    assert first.continuation_rate == 1.0


@pytest.mark.parametrize(
    ("reason", "commitment", "kind"),
    [("voluntary", 1, "voluntary"), ("payment", 6, "payment"), ("voluntary", 3, "other")],
)
def test_ends_are_told_apart_and_a_commitment_holds(flow, reason, commitment, kind):
    contract = {"commitment_orders": commitment}
    found = flow((_ended(80, reason) | contract, [100]), (contract, [100, 70]))
    first = found.loc[("tea", 1)]

    assert first[kind] == 1
    assert first.committed == (2 if commitment > 1 else 0)
    assert np.isnan(first.free_rate) == (commitment > 1)


def test_orders_older_than_the_order_table_keep_their_number(flow):
    began = {"started_at": _moment(AS_OF - timedelta(days=160))}
    found = flow((began, [100, 70]))

    assert [n for product, n in found.index if product == ALL] == [3, 4]
    assert found.reached.isna().all()


def test_a_subscription_without_orders_is_taken_to_have_had_its_renewals(table):
    rows = [KEY | {"subscription_id": "S", "started_at": _moment(AS_OF - timedelta(days=200)),
                   "renewals": 2} | _ended(130)]  # fmt: skip
    decided = decisions(
        table("canonical/subscriptions", rows), table("canonical/orders", []), AS_OF
    )
    found = decided.order_by("order_number").to_pandas()

    assert found.outcome.tolist() == ["continued", "continued", "voluntary"]


def test_a_product_with_the_name_of_the_whole_is_refused(flow):
    with pytest.raises(JorenError, match="names the whole"):
        flow(({"product_id": ALL}, [100]))


def _simulated(n: int, seed: int) -> tuple[pa.Table, pa.Table, np.ndarray]:
    """Subscriptions that begin all through two years, and the share that truly goes on.

    Returns
    -------
    subscriptions, orders and (12,) true probabilities of going on after order 1, 2, …
    """
    rng = np.random.default_rng(seed)
    stays = 1 - np.array([0.3, 0.2, 0.12, 0.1, 0.08, 0.08, 0.06, 0.06, 0.06, 0.06, 0.06, 0.06])
    length = 1 + np.minimum.accumulate(rng.random((n, 12)) < stays, axis=1).sum(axis=1)
    began = rng.integers(0, 730, n)
    day0 = np.datetime64(AS_OF) - np.timedelta64(729, "D")
    sub = np.repeat(np.arange(n), length)
    place = np.arange(len(sub)) - np.repeat(np.cumsum(length) - length, length)
    when = began[sub] + 60 * place
    seen = when <= 729
    ended = began + 60 * (length - 1) + rng.integers(1, 60, n)
    ids = np.char.add("S", np.arange(n).astype(str))
    subscriptions = {
        "source": np.full(n, "shop"), "subscription_id": ids, "source_id": ids,
        "product_id": np.full(n, "tea"), "cycle_days": np.full(n, 60),
        "started_at": (day0 + began).astype("datetime64[us]"),
        "ended_at": pa.array((day0 + ended).astype("datetime64[us]"),
                             mask=(ended > 729) | (length == 13)),
    }  # fmt: skip
    m = int(seen.sum())
    orders = {
        "source": np.full(m, "shop"), "order_id": np.arange(m).astype(str),
        "subscription_id": ids[sub[seen]], "amount": np.full(m, 1000, np.int32),
        "status": np.full(m, "valid"),
        "ordered_at": (day0 + when[seen]).astype("datetime64[us]"),
    }  # fmt: skip
    return (
        _typed("canonical/subscriptions", subscriptions),
        _typed("canonical/orders", orders),
        stays,
    )


def _typed(name: str, columns: dict) -> pa.Table:
    schema = TABLES[name].ibis_schema().to_pyarrow()
    rows = len(next(iter(columns.values())))
    arrays = [
        pa.array(columns[field.name]).cast(field.type)
        if field.name in columns
        else pa.nulls(rows, field.type)
        for field in schema
    ]
    return pa.table(arrays, schema=schema.remove_metadata())


def test_on_staggered_entry_the_eligible_share_is_right_where_the_naive_one_is_far_off():
    con = connect()
    subscriptions, orders, truth = _simulated(40_000, seed=4)
    decided = decisions(con.create_table("s", subscriptions), con.create_table("o", orders), AS_OF)
    found = subscription_flow(decided, 0.9)
    whole = found[(found.product_id == ALL) & (found.order_number <= 8)]
    expected = truth[: len(whole)]

    assert np.abs(whole.continuation_rate - expected).max() < 0.01
    assert (expected - whole.naive_rate).max() > 0.15
    inside = (whole.lower <= expected) & (expected <= whole.upper)
    assert inside.sum() >= 5  # of eight, at nominal 90 %
    assert whole.reached.to_numpy()[1:] == pytest.approx(expected.cumprod()[:-1], abs=0.01)


def test_shuffled_rows_give_the_same_table():
    con = connect()
    subscriptions, orders, _truth = _simulated(300, seed=1)
    tables = []
    for i, order in enumerate((slice(None), slice(None, None, -1))):
        made = [
            con.create_table(f"t{i}{j}", t.take(pa.array(np.arange(len(t))[order])))
            for j, t in enumerate((subscriptions, orders))
        ]
        tables.append(as_table(subscription_flow(decisions(*made, AS_OF), 0.9),
                               "subscription_flow"))  # fmt: skip
    assert tables[0].equals(tables[1])


@settings(deadline=None, max_examples=5, phases=(Phase.explicit, Phase.generate))
@given(
    st.lists(
        st.tuples(
            st.integers(1, 400), st.lists(st.integers(1, 100), max_size=4),
            st.none() | st.integers(0, 60),
        ),
        min_size=1, max_size=8,
    )
)  # fmt: skip
def test_every_order_is_counted_once_and_numbers_add_up(histories):
    subscriptions, orders, n = [], [], 0
    for i, (ago, gaps, ended) in enumerate(histories):
        days = [ago - sum(gaps[:k]) for k in range(len(gaps) + 1)]
        days = [d for d in days if d >= 0]
        row = KEY | {"subscription_id": f"S{i}",
                     "started_at": _moment(AS_OF - timedelta(days=ago))}  # fmt: skip
        if ended is not None and days[-1] - ended >= 0:
            row |= _ended(days[-1] - ended)
        subscriptions.append(row)
        n += len(days)
        orders += [
            {"source": "shop", "order_id": f"{i}-{d}", "subscription_id": f"S{i}", "amount": 1,
             "status": "valid", "ordered_at": _moment(AS_OF - timedelta(days=d))}
            for d in days
        ]  # fmt: skip
    made = [
        _ENGINE.create_table(
            name.split("/")[1],
            pa.Table.from_pylist(rows, schema=TABLES[name].ibis_schema().to_pyarrow()),
            overwrite=True,
        )
        for name, rows in (("canonical/subscriptions", subscriptions),
                           ("canonical/orders", orders))
    ]  # fmt: skip
    decided = decisions(*made, AS_OF)
    assert decided.count().execute() == n
    found = subscription_flow(decided, 0.9)
    if len(found):
        assert (found.at_risk == found.continued + found.cancelled + found.open_now).all()
        assert (found.cancelled == found.voluntary + found.payment + found.other).all()
        assert found.continuation_rate.between(0, 1).all()
        assert (found.lower <= found.continuation_rate + 1e-9).all()
        assert (found.continuation_rate <= found.upper + 1e-9).all()


def test_the_demo_clients_flow_is_that_of_its_true_ends():
    """Among decisions due, who truly ended before the next order is who is counted as ended."""
    con = connect()
    key = project_root() / "data" / "demo" / "answer_key"
    tables = [read_parquet(con, Path(key) / "canonical" / f"{name}.parquet")
              for name in ("subscriptions", "orders")]  # fmt: skip
    decided = decisions(*tables, AS_OF).to_pandas()
    truth = pd.read_parquet(key / "subscriptions.parquet")
    ended = set(truth[truth.true_ended_at < pd.Timestamp(2026, 4, 1)].subscription_id)

    settled = decided[(decided.watched >= decided.cycles.fillna(99))]
    counted = set(settled[settled.outcome != "continued"].subscription_id)
    assert counted <= ended
    assert len(counted) > 0.9 * len(ended)


def test_an_interval_of_a_share_stays_within_its_bounds():
    lower, upper = log_log_interval(np.array([1.0, 0.9, 0.0]), np.array([0.0, 0.02, 1.0]), 0.9)

    assert lower.tolist()[::2] == upper.tolist()[::2] == [1.0, 0.0]
    assert 0 < lower[1] < 0.9 < upper[1] < 1
