"""A chunk of people's behaviour as a whole."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pyarrow as pa
import pytest

from joren.simulate.behaviour import Behaviour, behave
from joren.simulate.setting import setting
from joren.simulate.world import AREAS, CHUNK, World


def _people(world: World, chunk: int) -> pa.Table:
    ids = world.person_ids(chunk)
    return pa.table({"person_id": ids, "area": [AREAS[i % len(AREAS)] for i in ids]})


def _behave(customers: int, seed: int, chunk: int = 0) -> Behaviour:
    world = World(customers, seed)
    return behave(world, chunk, _people(world, chunk))


def test_the_same_seed_gives_the_same_tables_and_another_seed_others():
    one, again, other = _behave(600, 1), _behave(600, 1), _behave(600, 2)
    for field in fields(Behaviour):
        assert getattr(one, field.name).equals(getattr(again, field.name))
        assert not getattr(one, field.name).equals(getattr(other, field.name))


def test_a_chunk_does_not_depend_on_how_many_follow(lived):
    behaviour = _behave(CHUNK + 1, seed=11)
    lived.register("larger", behaviour.orders)
    assert lived.execute(
        "SELECT count(*) FROM (FROM orders EXCEPT ALL FROM larger)"
    ).fetchall() == [(0,)]


@pytest.mark.parametrize("seed", range(6))
def test_the_last_chunk_may_hold_one_person(seed):
    small, large = _behave(CHUNK + 1, seed, chunk=1), _behave(600, seed)
    for field in fields(Behaviour):
        assert getattr(small, field.name).schema == getattr(large, field.name).schema
    assert small.processes["person_id"].to_pylist() == [CHUNK + 1]
    assert small.orders["order_no"].to_pylist()[0] == 10_000_001


def test_other_peoples_tables_are_refused():
    world = World(600, 1)
    with pytest.raises(ValueError, match="chunk 0"):
        behave(world, 0, _people(world, 0).slice(1))


def test_nobody_orders_after_the_relationship_ended(lived):
    late = """SELECT count(*) FROM orders JOIN processes USING (person_id)
        WHERE ordered_at >= died_at OR ordered_at < acquired_at"""
    assert lived.execute(late).fetchall() == [(0,)]


def test_there_are_about_seven_orders_a_customer_and_an_order_on_the_last_day(lived):
    per_person, last = lived.execute(
        f"SELECT count(*) / {CHUNK}, max(ordered_at)::DATE::TEXT FROM orders"
    ).fetchall()[0]
    assert 6.8 < per_person < 7.6
    assert last == "2026-03-31"


def test_till_sales_shift_from_wet_days_to_the_days_after(lived):
    lived.register("weather", setting(World(CHUNK, seed=11)).weather)
    rows = lived.execute("""
        WITH days AS (
            SELECT p.area, ordered_at::DATE AS date, count(*) AS n
            FROM orders JOIN people p USING (person_id)
            WHERE system = 'pos' AND refund_of IS NULL GROUP BY ALL
        ), judged AS (
            SELECT n / avg(n) OVER (PARTITION BY area, date_trunc('month', date)) AS level,
                condition IN ('雨', '雪') AS wet,
                lag(condition IN ('雨', '雪')) OVER (PARTITION BY area ORDER BY date) AS after_wet
            FROM days JOIN weather USING (area, date)
        )
        SELECT avg(level) FILTER (wet AND NOT after_wet), avg(level) FILTER (NOT wet AND after_wet),
            avg(level) FILTER (NOT wet AND NOT after_wet)
        FROM judged""").fetchall()[0]
    on_wet, after_wet, dry = rows
    assert on_wet < 0.9 * dry
    assert after_wet > 1.1 * dry


def test_statuses_are_rare_enough_and_pending_is_recent_and_online(lived):
    shares = dict(
        lived.execute("""SELECT status, count(*) / sum(count(*)) OVER ()
        FROM orders GROUP BY status""").fetchall()
    )
    assert 0.01 < shares["cancelled"] < 0.02
    assert 0.002 < shares["returned"] < 0.01
    assert shares["valid"] > 0.96
    odd = """SELECT count(*) FROM orders WHERE status = 'pending'
        AND (system NOT IN ('web', 'mall') OR ordered_at < TIMESTAMP '2026-03-29')"""
    assert lived.execute(odd).fetchall() == [(0,)]
    assert shares["pending"] > 0


def test_regular_buyers_gaps_are_more_even(lived):
    rows = lived.execute("""
        SELECT p.k, gap * rate AS scaled FROM (
            SELECT person_id,
                date_diff('second', lag(ordered_at) OVER w, ordered_at) / 86400 AS gap,
                count(*) OVER (PARTITION BY person_id) AS n
            FROM orders WHERE refund_of IS NULL AND campaign_id IS NULL AND system <> 'teiki'
            WINDOW w AS (PARTITION BY person_id ORDER BY ordered_at))
        JOIN processes p USING (person_id) WHERE gap IS NOT NULL AND n > 20""").fetchnumpy()
    spread = {
        k: np.std(rows["scaled"][rows["k"] == k]) / np.mean(rows["scaled"][rows["k"] == k])
        for k in (1, 3)
    }
    assert spread[3] < 0.75 < 0.9 < spread[1]
