"""What the model learns from records without labels."""

import pyarrow as pa
import pytest

from joren.engine import connect
from joren.identity.model import score_pairs

PEOPLE = 240
COLUMNS = (
    "record", "family", "given", "family_sound", "given_sound", "family_reading", "given_reading",
    "gender", "postal", "address", "phone", "email", "card", "line", "birth", "email_local",
    "address_words",
)  # fmt: skip


@pytest.fixture
def families():
    """Two people a family on one phone, two records each; every third person's date is missing."""
    rows = []
    for number in range(2 * PEOPLE):
        person = number // 2
        family, given = f"家{person // 2}", f"名{person * 7 % 90}"
        born = f"19{40 + person % 60}{1 + person % 12:02d}{1 + person % 28:02d}"
        rows.append(dict.fromkeys(COLUMNS) | {
            "record": number, "family": family, "given": given, "family_reading": family,
            "given_reading": given, "phone": f"+8190{person // 2:08d}",
            "birth": born if person % 3 else None, "address_words": [],
        })  # fmt: skip
    types = {"record": pa.int64(), "address_words": pa.list_(pa.string())}
    schema = pa.schema([(name, types.get(name, pa.string())) for name in COLUMNS])
    con = connect()
    records = con.create_table("people", pa.Table.from_pylist(rows, schema), temp=True)
    other = records.view()
    pairs = records.join(other, [records.phone == other.phone, records.record < other.record])
    return con, records, pairs.select(left="record", right="record_right")


def test_members_of_a_family_do_not_teach_that_a_persons_birth_date_changes(families):
    con, records, pairs = families
    scored = score_pairs(con, records, pairs, "ja", 1)
    assert scored.agreement["birth"][0][0] < 0.05
    assert scored.agreement["given"][0][0] < 0.05
    weights = scored.pairs.mutate(same=scored.pairs.left // 2 == scored.pairs.right // 2)
    by_person = weights.group_by("same").agg(lo=weights.weight.min(), hi=weights.weight.max())
    found = {row["same"]: row for row in by_person.to_pyarrow().to_pylist()}
    assert found[True]["lo"] > 0 > found[False]["hi"]


def test_too_few_records_teach_nothing(families):
    con, records, pairs = families
    few = con.create_table("few", records.filter(records.record < 50), temp=True)
    assert score_pairs(con, few, pairs.filter(pairs.right < 50), "ja", 1) is None
