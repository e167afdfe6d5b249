"""The fuzzy tier on open sets: what the rules leave open, without labels."""

from datetime import date
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

from joren.contract import CANONICAL
from joren.engine import connect
from joren.identity.link import Settings, decide
from joren.identity.quality import estimate_quality

DATA = Path(__file__).parents[1] / "data" / "identity"


def linked(people: pd.DataFrame, locale: str):
    """Decide who is one person; returns the clusters in the order of the rows, and an estimate."""
    con = connect()
    schema = CANONICAL["customers"].ibis_schema().to_pyarrow()
    filled = people.reindex(columns=schema.names).astype(object)
    filled = filled.where(filled.notna(), None)
    customers = con.create_table("people", pa.Table.from_pandas(filled, schema, False))
    orders = con.create_table("orders", schema=CANONICAL["orders"].ibis_schema())
    decided = decide(
        con, customers, [orders], Settings("test", date(2026, 3, 31), b"key", locale=locale)
    )
    found = decided.records.select("source_id", "cluster").execute()
    estimated = estimate_quality(
        decided.records, decided.edges, con.table("identity_calibrated"), 0.9
    )
    return people.merge(found, on="source_id", how="left").cluster, estimated, decided


def pairwise(clusters: pd.Series, truth: pd.Series) -> tuple[float, float]:
    """Precision and recall of pairs that are together."""
    both = pd.DataFrame({"cluster": clusters.to_numpy(), "person": truth.to_numpy()})

    def pairs(columns: list[str]) -> int:
        sizes = both.groupby(columns).size()
        return int((sizes * (sizes - 1) // 2).sum())

    right = pairs(["cluster", "person"])
    return right / pairs(["cluster"]), right / pairs(["person"])


def f1(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall)


def febrl(number: int, with_card: bool) -> tuple[pd.DataFrame, pd.Series]:
    raw = pd.read_csv(DATA / f"dataset{number}.csv", skipinitialspace=True, dtype=str)
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


@pytest.mark.parametrize(("with_card", "least"), [(True, 0.998), (False, 0.98)])
def test_misspelt_people_without_any_sure_identifier_are_found(with_card, least):
    people, truth = febrl(1, with_card)
    clusters, estimated, _ = linked(people, "en")
    precision, recall = pairwise(clusters, truth)
    assert f1(precision, recall) >= least
    assert estimated.precision.upper >= 0.99


def test_half_empty_records_of_names_dates_and_mails_are_found():
    raw = pd.read_csv(DATA / "fake_1000.csv", dtype=str)
    people = pd.DataFrame({
        "source": "fake", "source_id": raw.unique_id, "given_name": raw.first_name,
        "family_name": raw.surname, "birth_date": pd.to_datetime(raw.dob, errors="coerce").dt.date,
        "address": raw.city, "email": raw.email,
    })  # fmt: skip
    clusters, _, decided = linked(people, "en")
    precision, recall = pairwise(clusters, raw.cluster)
    assert precision >= 0.99
    assert f1(precision, recall) >= 0.92
    by_model = decided.edges.filter(decided.edges.rule == "model", decided.edges.decision == "link")
    evidence = by_model.evidence.to_pyarrow().to_pylist()
    assert evidence
    assert all('"weights"' in text for text in evidence)
    assert not any(mail in text for text in evidence for mail in raw.email.dropna().unique()[:50])


def test_japanese_customers_of_five_systems_are_found_and_told_apart():
    raw = pd.read_parquet(DATA / "dev10k.parquet").replace({"": None})
    born = pd.to_datetime(raw.dob.str.replace("[/-]", "", regex=True), format="%Y%m%d")
    people = pd.DataFrame({
        "source": raw.source, "source_id": raw.rec_id.astype(str), "full_name": raw.name_kanji,
        "full_kana": raw.name_kana, "phone": raw.phone, "email": raw.email,
        "line_id": raw.line_id, "card_no": raw.card_no.fillna(raw.ec_id),
        "postal_code": raw.postal, "address": raw.address, "birth_date": born.dt.date,
        "gender": raw.sex,
    })  # fmt: skip
    clusters, estimated, _ = linked(people, "ja")
    precision, recall = pairwise(clusters, raw.person_id)
    people_in = pd.DataFrame({"c": clusters, "p": raw.person_id}).groupby("c").p.nunique()
    assert precision >= 0.99
    assert f1(precision, recall) >= 0.88
    assert people_in.max() <= 3
    assert (people_in > 1).mean() <= 0.005
    assert abs(estimated.precision.value - precision) < 0.02


def test_too_few_records_to_learn_from_are_left_to_the_rules(decide_records):
    same = {"full_name": "佐藤 花子", "phone": "090-1111-2222"}
    assert decide_records({"pos:1": same, "web:1": same}).edge("pos:1", "web:1")["rule"] == (
        "phone_and_name"
    )
