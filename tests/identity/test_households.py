"""Households: one family name at one address or on one phone."""

import pyarrow as pa
import pytest

from joren.engine import connect
from joren.identity.households import household_ids

COLUMNS = ("customer_id", "family", "family_sound", "address", "phone")


def households(*rows: tuple, together: bool = True) -> dict[str, str]:
    con = connect()
    schema = pa.schema([(column, pa.string()) for column in COLUMNS])
    rows = [dict(zip(COLUMNS, row, strict=True)) for row in rows]
    records = con.create_table("records", pa.Table.from_pylist(rows, schema))
    found = household_ids(con, records, together).to_pyarrow().to_pylist()
    return {row["customer_id"]: row["household_id"] for row in found}


def test_family_name_and_address_or_phone_make_a_household():
    assert households(
        ("C1", "佐藤", None, "桜台1-2-3", None),
        ("C2", "佐藤", None, "桜台1-2-3", "+819011112222"),
        ("C3", "佐藤", "サトウ", None, "+819011112222"),
        ("C4", None, "サトウ", None, "+819011112222"),
        ("C5", "鈴木", "スズキ", "桜台1-2-3", "+819011112222"),
        ("C6", "佐藤", "サトウ", "桜台9-9-9", None),
    ) == {"C1": "H1", "C2": "H1", "C3": "H1", "C4": "H1", "C5": "H5", "C6": "H6"}


@pytest.mark.parametrize("together", [True, False])
def test_without_households_everybody_lives_alone(together):
    home = ("佐藤", None, "桜台1-2-3", None)
    found = households(("C1", *home), ("C2", *home), together=together)
    assert (found["C1"] == found["C2"]) is together
