"""Seconds and memory of linking, on made-up members of five systems.

    python benchmarks/identity.py 1000000 [--new 10000] [--splink 50000]

Prints seconds by the clock and of processors, and peak memory, of `link`, each time in a process of
its own: of all records, of new ones against the linked population, and of Splink's documented
deduplication model on as many records as it is given.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import ibis.expr.types as ir
from ibis.backends.duckdb import Backend

from joren.contract import CANONICAL
from joren.engine import connect, write_parquet
from joren.identity.link import Linked, Settings, link
from joren.identity.memory import Memory

RECORDS_PER_PERSON = 2.3
FAMILY = "佐藤 鈴木 高橋 田中 伊藤 渡辺 山本 中村 小林 加藤 吉田 山田 佐々木 山口 松本 井上"
FAMILY_KANA = (
    "サトウ スズキ タカハシ タナカ イトウ ワタナベ ヤマモト ナカムラ コバヤシ カトウ ヨシダ ヤマダ "
    "ササキ ヤマグチ マツモト イノウエ"
)
GIVEN = "花子 誠 美咲 翔太 陽菜 大輔 恵子 健一 由美 直樹 結衣 達也 真由美 拓也 裕子 和也"
GIVEN_KANA = (
    "ハナコ マコト ミサキ ショウタ ヒナ ダイスケ ケイコ ケンイチ ユミ ナオキ ユイ タツヤ マユミ "
    "タクヤ ユウコ カズヤ"
)
SYLLABLES = (
    "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワ"
)
KANJI = "阿井宇江尾加木久家小佐志須瀬曽田知津手戸名仁沼根野羽日布部保間三武女茂矢湯代良里留礼呂和"


def make_records(con: Backend, records: int) -> ir.Table:
    """Canonical customers: people in households, each known to a few systems that spell freely.

    Names are frequent ones at the head and syllables put together in the tail, as in a register.
    """
    people = int(records / RECORDS_PER_PERSON)
    con.raw_sql(f"""
    CREATE TEMP TABLE frequent AS SELECT i,
        string_split('{FAMILY}', ' ')[1 + i % 16] AS family,
        string_split('{FAMILY_KANA}', ' ')[1 + i % 16] AS family_kana,
        string_split('{GIVEN}', ' ')[1 + i % 16] AS given,
        string_split('{GIVEN_KANA}', ' ')[1 + i % 16] AS given_kana
    FROM range(16) t(i);
    CREATE TEMP TABLE rare AS SELECT i,
        '{KANJI}'[1 + i % 43] || '{KANJI}'[1 + i // 43 % 43]
            || '{KANJI}'[1 + i // 1849 % 43] AS word,
        '{SYLLABLES}'[1 + i % 43] || '{SYLLABLES}'[1 + i // 43 % 43]
            || '{SYLLABLES}'[1 + i // 1849 % 43] AS kana
    FROM range(79507) t(i);
    CREATE TEMP TABLE people AS
    WITH seeded AS (
        SELECT p, hash(p * 7 + 1) AS a, hash(p * 7 + 2) AS b, hash(p // 2 * 7 + 3) AS h
        FROM range({people}) t(p))
    SELECT p, a,
        CASE WHEN h % 3 = 0 THEN hf.family ELSE hr.word END AS family,
        CASE WHEN h % 3 = 0 THEN hf.family_kana ELSE hr.kana END AS family_kana,
        CASE WHEN a % 3 = 0 THEN af.given ELSE ar.word END AS given,
        CASE WHEN a % 3 = 0 THEN af.given_kana ELSE ar.kana END AS given_kana,
        '0' || (70 + a % 3 * 10)::VARCHAR
            || lpad((10000000 + b % 89999999)::VARCHAR, 8, '0') AS phone,
        'u' || (a % 1000000007)::VARCHAR || '@example.jp' AS email,
        DATE '1940-01-01' + (b % 25000)::INT AS birth,
        lpad((1000000 + h % 120000 * 7)::VARCHAR, 7, '0') AS postal,
        '桜台' || (1 + h % 9)::VARCHAR || '-' || (1 + h // 9 % 30)::VARCHAR
            || '-' || (1 + h // 270 % 30)::VARCHAR AS address
    FROM seeded
    JOIN frequent hf ON hf.i = h // 5 % 16 JOIN rare hr ON hr.i = h // 7 % 79507
    JOIN frequent af ON af.i = a // 5 % 16 JOIN rare ar ON ar.i = a // 7 % 79507;
    """)
    columns = {
        "source": "['pos', 'ec', 'app', 'line', 'cc'][1 + (k % 5)::INT]",
        "source_id": "'R' || r::VARCHAR",
        "full_name": "CASE WHEN k % 5 IN (1, 2) OR k % 7 < 3 THEN family "
        "|| ['', ' ', '　'][1 + (k // 5 % 3)::INT] || given END",
        "full_kana": "CASE WHEN k % 5 IN (0, 1, 4) THEN family_kana || ' ' || given_kana END",
        "phone": "CASE WHEN k // 11 % 10 < 7 THEN phone END",
        "email": "CASE WHEN k % 5 IN (1, 2) AND k // 13 % 10 < 9 THEN email END",
        "birth_date": "CASE WHEN k // 17 % 10 < 5 THEN birth END",
        "postal_code": "CASE WHEN k // 19 % 10 < 5 THEN postal END",
        "address": "CASE WHEN k % 5 = 1 THEN address END",
        "gender": "CASE WHEN k // 23 % 10 < 4 THEN CASE WHEN a % 2 = 0 THEN '男' ELSE '女' END END",
        "card_no": "CASE WHEN k % 5 = 0 THEN 'C' || lpad(r::VARCHAR, 10, '0') END",
    }
    schema = CANONICAL["customers"].ibis_schema()
    chosen = ", ".join(f"({columns.get(c, 'NULL')}) AS {c}" for c in schema)
    con.raw_sql(f"""
    CREATE TEMP TABLE drawn AS
    SELECT r, hash(r * 3 + 5) AS k, people.* FROM range({records}) t(r)
    JOIN people ON people.p = hash(r * 3 + 7) % {people};
    CREATE TEMP TABLE made AS SELECT {chosen} FROM drawn
    """)
    made = con.table("made")
    return con.create_table("benchmark_records", made.cast(schema), temp=True)


LOGS = ("assignments", "history", "known", "links", "rebases")


def run_link(records: int, new: int, folder: Path) -> None:
    """Link all but the `new` last records, leaving in the folder what a run leaves in state."""
    con = connect(memory_gb=3, scratch=folder / "spill")
    every = make_records(con, records)
    number = every.source_id.substr(1).cast("int64")
    # what comes later came from the exports as well, not out of the same process
    write_parquet(every, folder / "every.parquet")
    linked = _link(con, "joren link", every.filter(number < records - new), Memory(), folder)
    for name in LOGS:
        write_parquet(getattr(linked, f"new_{name}"), folder / f"{name}.parquet")


def run_new(folder: Path) -> None:
    """Link the records that `run_link` has held back against those it has linked."""
    con = connect(memory_gb=3, scratch=folder / "spill")
    memory = Memory(**{name: con.read_parquet(folder / f"{name}.parquet") for name in LOGS})
    every = con.create_table("every", con.read_parquet(folder / "every.parquet"), temp=True)
    _link(con, "joren link, new records", every, memory, folder)


def _link(con: Backend, what: str, customers: ir.Table, memory: Memory, folder: Path) -> Linked:
    customers = con.create_table("benchmark_customers", customers, temp=True)
    orders = con.create_table("benchmark_orders", schema=CANONICAL["orders"].ibis_schema())
    settings = Settings("bench", date(2026, 3, 31), b"key")
    watch = Watch()
    linked = link(con, customers, orders, settings, memory=memory, keys=folder / "keys")
    found = linked.identity_map.customer_id.nunique().execute()
    linked.identity_edges.evidence.length().sum().execute()  # a view, which somebody will read
    watch.print(what, customers.count().execute(), found)
    return linked


def run_splink(records: int) -> None:
    """The model of Splink's documentation for people with name, birth date, place and mail."""
    import splink.comparison_library as cl
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    con = connect(memory_gb=3)
    made = make_records(con, records)
    people = made.select(
        "full_name", "full_kana", "phone", "email", "postal_code", "birth_date",
        unique_id=made.source + made.source_id,
    )  # fmt: skip
    con.create_table("benchmark_people", people, temp=True)
    watch = Watch()
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=[
            cl.NameComparison("full_name"), cl.NameComparison("full_kana"),
            cl.DateOfBirthComparison("birth_date", input_is_string=False),
            cl.ExactMatch("postal_code").configure(term_frequency_adjustments=True),
            cl.EmailComparison("email"), cl.ExactMatch("phone"),
        ],
        blocking_rules_to_generate_predictions=[
            block_on("full_kana"), block_on("full_name"), block_on("phone"), block_on("email"),
        ],
    )  # fmt: skip
    api = DuckDBAPI(con.con)
    linker = Linker(api.register("benchmark_people"), settings, None)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    for rule in (block_on("full_kana"), block_on("birth_date")):
        linker.training.estimate_parameters_using_expectation_maximisation(rule)
    pairs = linker.inference.predict(threshold_match_probability=0.5)
    clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(pairs, 0.95)
    found = con.table(clusters.physical_name).cluster_id.nunique().execute()
    watch.print("splink", records, found)


class Watch:
    """Seconds since it was made, by the clock and of processors."""

    def __init__(self) -> None:
        self._clock, self._busy = time.perf_counter(), time.process_time()

    def print(self, name: str, records: int, found: int) -> None:
        clock, busy = time.perf_counter() - self._clock, time.process_time() - self._busy
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        print(
            f"{name}: {records:,} records, {found:,} customers, {clock:.0f} s "
            f"({busy:.0f} s of processors), {peak:.1f} GB peak"
        )


def main() -> None:
    """Run each part that is asked for in a process of its own, so that its peak is its own."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("records", type=int)
    parser.add_argument("--new", type=int, default=0, help="of these, records that come later")
    parser.add_argument("--splink", type=int, default=0, help="records for Splink's own model")
    parser.add_argument("--part", choices=("link", "new", "splink"), help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.part == "splink":
        run_splink(options.splink)
    elif options.part == "new":
        run_new(options.folder)
    elif options.part == "link":
        run_link(options.records, options.new, options.folder)
    else:
        parts = ["splink"] * bool(options.splink) + ["link"] + ["new"] * bool(options.new)
        with TemporaryDirectory() as folder:
            for part in parts:
                command = [sys.executable, __file__, *sys.argv[1:]]
                subprocess.run([*command, "--part", part, "--folder", folder], check=True)


if __name__ == "__main__":
    main()
