"""The people: households that hang together, contacts that are nobody else's."""

import duckdb
import pytest

from joren.identity.contacts import email_key, phone_key
from joren.simulate.population import make_population
from joren.simulate.world import AREAS, CHUNK, World


@pytest.fixture(scope="module")
def people() -> duckdb.DuckDBPyConnection:
    """A connection with the tables `first` and `second`: two chunks of one world."""
    con = duckdb.connect()
    world = World(2 * CHUNK, seed=5)
    con.register("first", make_population(world, 0))
    con.register("second", make_population(world, 1))
    return con


def _one(con: duckdb.DuckDBPyConnection, query: str):
    return con.execute(query).fetchall()[0]


def test_a_chunk_is_the_same_however_many_people_follow_it():
    small, large = World(CHUNK + 500, seed=5), World(3 * CHUNK, seed=5)
    assert make_population(small, 0).equals(make_population(large, 0))
    assert make_population(small, 1)["person_id"].to_pylist() == list(range(CHUNK + 1, CHUNK + 501))


def test_another_seed_makes_other_people():
    one, other = (make_population(World(600, seed), 0) for seed in (1, 2))
    assert not one["phone"].equals(other["phone"])


def test_phones_and_mails_are_shared_inside_families_alone(people):
    for contact in ("phone", "email"):
        assert _one(
            people,
            f"""SELECT count(*) FROM (
                SELECT {contact} FROM (FROM first UNION ALL FROM second)
                GROUP BY {contact} HAVING count(DISTINCT household_id) > 1)""",
        ) == (0,)
        assert _one(
            people,
            f"SELECT count(*) - count(DISTINCT {contact}) > 100 FROM first",
        ) == (True,)


def test_households_have_one_name_and_address_and_stay_inside_their_chunk(people):
    assert _one(
        people,
        """SELECT max(names), max(addresses), max(size) FROM (
            SELECT count(DISTINCT family) AS names, count(*) AS size,
                   count(DISTINCT postal_code || prefecture || city || street) AS addresses
            FROM first GROUP BY household_id)""",
    ) == (1, 1, 4)
    assert _one(people, "SELECT count(*) FROM first SEMI JOIN second USING (household_id)") == (0,)


def test_nobody_in_a_household_sounds_like_another(people):
    assert _one(
        people,
        """SELECT count(*) FROM (SELECT 1 FROM first
            GROUP BY household_id, given_kana HAVING count(*) > 1)""",
    ) == (0,)


def test_everybody_lives_near_a_shop_and_has_a_possible_age(people):
    areas = people.execute("SELECT DISTINCT area FROM first").fetchall()
    assert {area for (area,) in areas} == set(AREAS)
    assert _one(people, "SELECT min(year(born)) >= 1930, max(year(born)) <= 2012 FROM first") == (
        True,
        True,
    )


@pytest.mark.parametrize("customers", [600, 1_000_000])
def test_contacts_are_valid_ones(customers):
    people = make_population(World(customers, seed=1), 0).slice(0, 300)
    for phone, email in zip(people["phone"].to_pylist(), people["email"].to_pylist(), strict=True):
        assert phone_key(phone) == "+81" + phone.replace("-", "")[1:]
        assert email_key(email) == email


def test_phones_of_small_worlds_show_that_they_are_made_up(people):
    assert _one(
        people, r"SELECT count(*) FROM first WHERE NOT regexp_matches(phone, '-(\d)\d{3}-')"
        " OR length(replace(split_part(phone, '-', 2), split_part(phone, '-', 2)[1], '')) > 0"
    ) == (0,)  # fmt: skip
