"""The fuzzy tier on open sets: what the rules leave open, without labels."""

from pathlib import Path

import pandas as pd
import pytest
from benchmarks.open_sets import f1, fake_1000, febrl, linked, pairwise

DATA = Path(__file__).parents[1] / "data" / "identity"


# one of FEBRL1's 500 pairs shares a given name and an address, and neither family name nor birth
# date nor card: F1 0.998999 is all there is to find
@pytest.mark.parametrize(
    ("number", "with_card", "least"), [(1, True, 0.9989), (1, False, 0.98), (2, True, 0.999)]
)
def test_misspelt_people_without_any_sure_identifier_are_found(number, with_card, least):
    people, truth = febrl(DATA, number, with_card)
    found = linked(people, "en")
    precision, recall = pairwise(found.clusters, truth)
    assert f1(precision, recall) >= least
    assert found.estimated.precision.upper >= 0.99


def test_half_empty_records_of_names_dates_and_mails_are_found():
    people, truth = fake_1000(DATA)
    found = linked(people, "en")
    precision, recall = pairwise(found.clusters, truth)
    assert precision >= 0.99
    assert f1(precision, recall) >= 0.92
    edges = found.decided.edges
    by_model = edges.filter(edges.rule == "model", edges.decision == "link")
    evidence = by_model.evidence.to_pyarrow().to_pylist()
    assert evidence
    assert all('"weights"' in text for text in evidence)
    assert not any(
        mail in text for text in evidence for mail in people.email.dropna().unique()[:50]
    )


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
    found = linked(people, "ja")
    precision, recall = pairwise(found.clusters, raw.person_id)
    people_in = pd.DataFrame({"c": found.clusters, "p": raw.person_id}).groupby("c").p.nunique()
    assert precision >= 0.99
    assert f1(precision, recall) >= 0.88
    assert people_in.max() <= 3
    assert (people_in > 1).mean() <= 0.005
    assert abs(found.estimated.precision.value - precision) < 0.02


def test_too_few_records_to_learn_from_are_left_to_the_rules(decide_records):
    same = {"full_name": "佐藤 花子", "phone": "090-1111-2222"}
    assert decide_records({"pos:1": same, "web:1": same}).edge("pos:1", "web:1")["rule"] == (
        "phone_and_name"
    )
