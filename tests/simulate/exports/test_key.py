"""The answer key agrees with itself and with the files."""

import duckdb

from joren.contract import CANONICAL


def _one(client, query: str) -> tuple:
    return duckdb.sql(query.format(key=client.folder / "answer_key")).fetchall()[0]


def test_canonical_tables_have_the_contracts_columns_and_keys(client):
    for name in ("orders", "order_lines", "point_entries", "subscriptions"):
        path = client.folder / "answer_key" / "canonical" / f"{name}.parquet"
        table = duckdb.sql(f"FROM '{path}'")
        assert table.columns == CANONICAL[name].column_names
        key = ", ".join(CANONICAL[name].key)
        rows, keys = duckdb.sql(
            f"SELECT count(*), count(DISTINCT ({key})) FROM '{path}'"
        ).fetchall()[0]
        assert rows == keys > 0


def test_everybody_has_a_record_and_every_record_somebody(client):
    assert _one(
        client,
        """SELECT count(*) FILTER (p.person_id IS NULL), count(*) FILTER (r.person_id IS NULL)
           FROM '{key}/people.parquet' p FULL JOIN '{key}/records.parquet' r USING (person_id)""",
    ) == (0, 0)


def test_orders_are_of_known_records(client):
    assert _one(
        client,
        """SELECT count(*) FROM '{key}/canonical/orders.parquet' o
           ANTI JOIN '{key}/records.parquet' r USING (source, source_id)
           WHERE source_id IS NOT NULL""",
    ) == (0,)


def test_points_on_lots_come_from_entries(client):
    assert _one(
        client,
        """SELECT count(*) FROM '{key}/lots.parquet' l
           ANTI JOIN '{key}/canonical/point_entries.parquet' e
             ON l.system = e.source AND l.lot = e.entry_id""",
    ) == (0,)


def test_what_was_planted_is_not_in_the_truth(client):
    assert _one(
        client,
        """SELECT count(*) FROM '{key}/planted.parquet'
           JOIN '{key}/canonical/orders.parquet' ON order_id = id WHERE file IS NOT NULL""",
    ) == (0,)


def test_every_subscription_says_when_it_truly_ends(client):
    assert _one(
        client,
        """SELECT count(*) FILTER (t.subscription_id IS NULL),
               count(*) FILTER (ended_at IS NOT NULL AND true_ended_at IS DISTINCT FROM ended_at),
               count(*) FILTER (ended_at IS NULL AND true_ended_at < TIMESTAMP '2026-04-01')
           FROM '{key}/canonical/subscriptions.parquet'
           LEFT JOIN '{key}/subscriptions.parquet' t USING (source, subscription_id)""",
    ) == (0, 0, 0)
