"""What registers recorded is spoiled, and still the holder's."""

import duckdb
import pyarrow as pa
import pytest

from joren.identity.contacts import email_key, phone_key
from joren.identity.kanji import fold_kanji
from joren.simulate.population import make_population
from joren.simulate.registers import card_sql, record_contacts
from joren.simulate.world import STORES, World


@pytest.fixture(scope="module")
def recorded() -> duckdb.DuckDBPyConnection:
    """A connection with `people` and what six systems recorded of each of them."""
    world = World(2_000, seed=3)
    people = make_population(world, 0)
    con = duckdb.connect()
    con.register("people", people)
    accounts = con.sql("""
        SELECT system, CASE system WHEN 'pos' THEN '1' ELSE system END
               || lpad(CAST(person_id AS VARCHAR), 7, '0') AS source_id, person_id,
               TIMESTAMP '2024-05-01 10:00:00' AS opened_at
        FROM people, unnest(['pos', 'web', 'mall', 'teiki', 'line', 'call']) s(system)
        ORDER BY system, source_id
    """).to_arrow_table()
    con.register("register", record_contacts(world, 0, people, accounts))
    return con


def _rows(con: duckdb.DuckDBPyConnection, query: str) -> list[tuple]:
    return con.execute(query).fetchall()


def test_there_is_a_record_for_each_account(recorded):
    assert _rows(
        recorded, "SELECT count(*), count(DISTINCT (system, source_id)) FROM register"
    ) == [(12_000, 12_000)]


def test_phones_are_the_holders_the_shops_or_none(recorded):
    shops = {phone_key(store.phone) for store in STORES}
    found = _rows(
        recorded,
        """SELECT r.phone, p.phone FROM register r JOIN people p USING (person_id)
           WHERE system = 'pos'""",
    )
    kinds = {"own": 0, "shop": 0, "zeros": 0, "none": 0}
    for written, own in found:
        key = phone_key(written) if written else None
        if not written:
            kinds["none"] += 1
        elif written == "000-0000-0000":
            kinds["zeros"] += 1
        elif key == phone_key(own):
            kinds["own"] += 1
        else:
            assert key in shops or key is None
            kinds["shop"] += 1
    assert all(kinds.values())


def test_mails_read_as_the_holders_or_the_malls_relay(recorded):
    found = _rows(
        recorded,
        """SELECT r.email, p.email, system FROM register r JOIN people p USING (person_id)
           WHERE r.email <> ''""",
    )
    relayed = {s for w, own, s in found if email_key(w) != own}
    assert relayed == {"mall"}


def test_names_fold_to_the_holders_but_for_maiden_names(recorded):
    found = _rows(
        recorded,
        """SELECT r.family_name, p.family, r.given_name, p.given, system, p.gender
           FROM register r JOIN people p USING (person_id) WHERE family_name <> ''""",
    )
    maiden = 0
    for family, own, given, own_given, system, gender in found:
        assert fold_kanji(given) == fold_kanji(own_given)
        if fold_kanji(family) != fold_kanji(own):
            assert gender == "f" and system in ("web", "mall", "teiki")
            maiden += 1
    assert 0 < maiden < 0.03 * len(found)


def test_what_a_cp932_file_must_hold_can_be_written_in_it(recorded):
    for (text,) in _rows(
        recorded,
        """SELECT DISTINCT unnest([family_name, given_name, half_kana, phone, prefecture, city,
                                   street]) FROM register WHERE system IN ('pos', 'mall')""",
    ):
        assert text.encode("cp932").decode("cp932") == text


def test_tills_print_kana_in_half_width(recorded):
    kana = _rows(recorded, "SELECT DISTINCT half_kana FROM register WHERE system = 'pos'")
    assert all(all("｡" <= letter <= "ﾟ" or letter == " " for letter in k) for (k,) in kana)


def test_birth_dates_are_mistyped_now_and_then(recorded):
    wrong, all_of_them = _rows(
        recorded,
        """SELECT count(*) FILTER (CAST(replace(birth_date, '/', '-') AS DATE) <> born), count(*)
           FROM register JOIN people USING (person_id) WHERE birth_date <> ''""",
    )[0]
    assert 0 < wrong < 0.015 * all_of_them


def test_a_card_noted_elsewhere_is_the_holders_card(recorded):
    assert _rows(
        recorded,
        f"""SELECT count(*) > 100, count(*) FILTER (r.card_no <> {card_sql("p.source_id")})
            FROM register r JOIN register p USING (person_id)
            WHERE p.system = 'pos' AND r.system IN ('web', 'line') AND r.card_no <> ''""",
    ) == [(True, 0)]


def test_card_numbers_do_not_collide():
    con = duckdb.connect()
    con.register("ids", pa.table({"i": [str(10_000_000 + n) for n in range(50_000)]}))
    assert con.execute(f"SELECT count(DISTINCT {card_sql('i')}) FROM ids").fetchall() == [(50_000,)]
