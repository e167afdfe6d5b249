"""The retailer's own tables."""

import duckdb

from joren.contract import CANONICAL


def test_columns_are_those_of_the_contract(client):
    for path in sorted((client.folder / "crm").glob("*.csv")):
        header = path.read_text("utf-8").split("\n", 1)[0].split(",")
        assert set(header) <= set(CANONICAL[path.stem].column_names)


def test_messages_and_assignments_are_under_known_records(client):
    folder = client.folder
    for table in ("contacts", "assignments", "events"):
        unknown, rows = duckdb.sql(f"""
            SELECT count(*) FILTER (r.source_id IS NULL), count(*)
            FROM read_csv('{folder}/crm/{table}.csv', all_varchar = true) t
            LEFT JOIN '{folder}/answer_key/records.parquet' r USING (source, source_id)
        """).fetchall()[0]
        assert unknown == 0 and rows > 100
