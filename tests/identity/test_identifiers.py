"""Identifiers everybody carries are told from those that name one person."""

from datetime import date, timedelta

import pyarrow as pa

from joren.engine import connect
from joren.identity.identifiers import KINDS, profile_identifiers, without_generic

TEXT = ("name", "family", "sound", "family_sound", *KINDS)


def table(rows: list[dict]):
    schema = pa.schema(
        [("record", pa.int64()), ("birth_date", pa.date32()), *((c, pa.string()) for c in TEXT)]
    )
    numbered = [{"record": n, **row} for n, row in enumerate(rows)]
    filled = [{f: row.get(f) for f in schema.names} for row in numbered]
    return connect().create_table("records", pa.Table.from_pylist(filled, schema))


def test_a_phone_of_four_families_is_generic_and_a_familys_is_not():
    shop = [{"phone": "shop", "name": f"{f}誠", "family": f} for f in "林森原堀"]
    home = [{"phone": "home", "name": f"林{g}", "family": "林"} for g in "誠葵凛光"]
    records = table([*shop, *home])
    profile = profile_identifiers(records, generic_names=3)
    rows = profile.order_by("value").select("value", "names", "family_names", "generic").execute()
    assert rows.values.tolist() == [["home", 4, 1, False], ["shop", 4, 4, True]]
    kept = without_generic(records, profile).order_by("record").phone.execute()
    assert kept.isna().tolist() == [True] * 4 + [False] * 4


def test_one_person_in_kanji_and_kana_is_one_name():
    rows = [{"email": "m", "name": "林誠"}, {"email": "m", "sound": "ハヤシマコト"}]
    assert profile_identifiers(table(rows), generic_names=1).generic.execute().tolist() == [False]


def test_a_contact_on_very_many_records_is_generic():
    rows = [{"email": "m", "name": "林誠", "family": "林"}] * 31
    assert profile_identifiers(table(rows), generic_names=3).generic.execute().tolist() == [True]


def test_a_birth_date_far_commoner_than_others_is_a_filler():
    real = [{"birth_date": date(1960, 1, 2) + timedelta(days=n)} for n in range(200)]
    records = table([*real, *[{"birth_date": date(1970, 1, 1)}] * 30])
    kept = without_generic(records, profile_identifiers(records, 3))
    assert kept.birth_date.count().execute() == 200
