"""The till's files: months, a late one, broken rows, points without a sale."""

import csv
from itertools import pairwise

import duckdb

from joren.ingest.formats.smaregi import LINE_HEADERS, TRANSACTION_HEADERS
from joren.simulate.exports.pos import LATE_DAYS, LATE_MONTH, months


def _rows(client, name: str) -> list[dict[str, str]]:
    with (client.folder / "pos" / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_every_official_header_is_there_in_order(client):
    for name, headers in (("torihiki", TRANSACTION_HEADERS), ("meisai", LINE_HEADERS)):
        with (client.folder / "pos" / f"{name}-2025-05.csv").open(encoding="utf-8-sig") as file:
            assert next(csv.reader(file)) == list(headers)


def test_the_last_days_of_one_month_come_in_the_next_file(client):
    year, month = LATE_MONTH.split("-")
    last = max(row["取引日時"] for row in _rows(client, f"torihiki-{LATE_MONTH}.csv"))
    assert last < f"{year}-{month}-{31 - LATE_DAYS}"
    following = f"{year}-{int(month) + 1}"
    first = min(row["取引日時"] for row in _rows(client, f"torihiki-{following}.csv"))
    assert first.startswith(LATE_MONTH)


def test_the_months_meet_each_other():
    spans = list(months())
    assert all(a[2] == b[1] for a, b in pairwise(spans))


def test_lines_and_totals_agree_on_every_sale(client):
    pos = client.folder / "pos"
    wrong = duckdb.sql(f"""
        SELECT count(*), count(*) FILTER (
            CAST(t."合計" AS BIGINT) + CAST(t."ポイント値引き" AS BIGINT)
            + CAST(t."小計値引き" AS BIGINT) <> m.goods)
        FROM read_csv('{pos}/torihiki-2025-0*.csv', all_varchar = true) t JOIN (
            SELECT "取引ID", sum(CASE WHEN "{LINE_HEADERS[24]}" = '2'
                                 THEN -CAST("値引き後計" AS BIGINT)
                                 ELSE CAST("値引き後計" AS BIGINT) END) AS goods
            FROM read_csv('{pos}/meisai-2025-0*.csv', all_varchar = true) GROUP BY 1
        ) m USING ("取引ID")
    """).fetchall()[0]
    assert wrong[0] > 1_000 and wrong[1] == 0


def test_points_without_a_sale_are_transactions_of_their_own(client):
    kinds = set()
    for month, _, _ in months():
        for row in _rows(client, f"torihiki-{month}.csv"):
            kinds.add(row["取引区分"])
            if row["取引区分"] in "678":
                assert int(row["合計"]) == 0 and int(row["付与ポイント"]) > 0 and row["会員ID"]
    assert kinds == {"1", "6", "7", "8"}


def test_broken_rows_are_listed_in_the_key(client):
    planted = duckdb.sql(
        f"SELECT file, id FROM '{client.folder}/answer_key/planted.parquet' WHERE source = 'pos'"
        " AND file IS NOT NULL"
    ).fetchall()
    assert len(planted) == 3
    for file, number in planted:
        rows = [row for row in _rows(client, file) if row["取引ID"] == number]
        assert len(rows) == 1 and not rows[0]["会員ID"]


def test_the_register_is_written_as_tills_write(client):
    text = (client.folder / "pos" / "members.csv").read_bytes().decode("cp932")
    rows = list(csv.DictReader(text.splitlines()))
    assert {row["電話番号"] for row in rows} >= {"", "000-0000-0000"}
    assert any("ﾀ" in row["氏名カナ"] for row in rows)
