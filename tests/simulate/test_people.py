"""Simulated people: unique contacts, families that share."""

from collections import Counter
from random import Random

from joren.identity.contacts import phone_key
from joren.simulate.people import make_people


def test_people_have_valid_phones_and_families_share_name_and_address():
    people = make_people(Random(1), 500)
    assert [person.person_id for person in people] == list(range(1, 501))
    assert all(phone_key(person.phone) for person in people)
    families = {}
    for person in people:
        families.setdefault(person.household, set()).add((person.family, person.address))
    assert all(len(shared) == 1 for shared in families.values())
    assert max(Counter(person.phone for person in people).values()) > 1


def test_no_two_of_a_household_have_the_same_given_name():
    people = make_people(Random(2), 500)
    given = Counter((person.household, person.given[1]) for person in people)
    assert max(given.values()) == 1
