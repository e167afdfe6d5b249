"""Open sets of people with known truth, linked without it and scored by it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd
import pyarrow as pa

from joren.contract import CANONICAL
from joren.engine import connect
from joren.identity.link import Decided, Settings, decide
from joren.identity.quality import Quality, estimate_quality


@dataclass(frozen=True)
class LinkedPeople:
    """The cluster of every row in the order of the rows, what was decided, and its own estimate."""

    clusters: pd.Series
    decided: Decided
    estimated: Quality


def fake_1000(folder: Path) -> tuple[pd.DataFrame, pd.Series]:
    """Canonical customers of fake_1000.csv, and who each is."""
    raw = pd.read_csv(folder / "fake_1000.csv", dtype=str)
    people = pd.DataFrame({
        "source": "fake", "source_id": raw.unique_id, "given_name": raw.first_name,
        "family_name": raw.surname, "birth_date": pd.to_datetime(raw.dob, errors="coerce").dt.date,
        "address": raw.city, "email": raw.email,
    })  # fmt: skip
    return people, raw.cluster


def febrl(folder: Path, number: int, with_card: bool) -> tuple[pd.DataFrame, pd.Series]:
    """Canonical customers of dataset1.csv or dataset2.csv, and who each is."""
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


def linked(people: pd.DataFrame, locale: str) -> LinkedPeople:
    """Decide who is one person."""
    con = connect()
    schema = CANONICAL["customers"].ibis_schema().to_pyarrow()
    filled = people.reindex(columns=schema.names).astype(object)
    filled = filled.where(filled.notna(), None)
    customers = con.create_table("people", pa.Table.from_pandas(filled, schema, False))
    orders = con.create_table("orders", schema=CANONICAL["orders"].ibis_schema())
    settings = Settings("open", date(2026, 3, 31), b"key", locale=locale)
    decided = decide(con, customers, [orders], settings)
    found = decided.records.select("source_id", "cluster").execute()
    clusters = people.merge(found, on="source_id", how="left").cluster
    calibrated = con.table("identity_calibrated")
    estimated = estimate_quality(decided.records, decided.edges, calibrated, settings.interval)
    return LinkedPeople(clusters, decided, estimated)


def pairwise(clusters: pd.Series, truth: pd.Series) -> tuple[float, float]:
    """Precision and recall of pairs that are together."""
    both = pd.DataFrame({"cluster": clusters.to_numpy(), "person": truth.to_numpy()})

    def pairs(columns: list[str]) -> int:
        sizes = both.groupby(columns).size()
        return int((sizes * (sizes - 1) // 2).sum())

    right = pairs(["cluster", "person"])
    return right / max(pairs(["cluster"]), 1), right / pairs(["person"])


def f1(precision: float, recall: float) -> float:
    """The harmonic mean of the two."""
    return 2 * precision * recall / (precision + recall)
