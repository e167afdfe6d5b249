"""What is remembered of the linked population."""

from datetime import date, datetime
from pathlib import Path

import pytest

from joren.engine import connect
from joren.identity import known as known_module
from joren.identity.known import (
    digests,
    gone_records,
    last_digests,
    meaning_of,
    new_known,
    population,
    rules_digest,
)
from joren.identity.link import Settings


@pytest.fixture
def digested(canonical_rows):
    """A function: rows of customers → their digests."""

    def make(con, rows: list[dict], secret: bytes = b"key"):
        records = [{"source": "pos", **row} for row in rows]
        table = con.create_table("given", canonical_rows(records, "customers"), overwrite=True)
        return digests(con, table, [], secret)

    return make


def test_what_a_record_says_decides_and_not_when_it_was_touched(digested):
    con = connect()
    said = digested(con, [{"source_id": "1", "phone": "090"}]).execute().digest[0]
    touched = [{"source_id": "1", "phone": "090", "updated_at": datetime(2026, 1, 1)}]
    assert digested(con, touched).execute().digest[0] == said
    assert digested(con, [{"source_id": "1", "phone": "091"}]).execute().digest[0] != said
    assert digested(con, [{"source_id": "1", "email": "090"}]).execute().digest[0] != said
    other = digested(con, [{"source_id": "1", "phone": "090"}], b"another key")
    assert other.execute().digest[0] != said


def test_fresh_are_the_new_and_the_changed_and_gone_is_remembered(digested):
    con = connect()
    first = digested(con, [{"source_id": i, "phone": i} for i in "123"])
    nothing = last_digests(con, None)
    gone = gone_records(first, nothing)
    rows = new_known(population(con, first, nothing, None), gone, 1).to_pyarrow()
    assert rows.num_rows == 3
    last = last_digests(con, con.create_table("log", rows))
    now = digested(con, [{"source_id": "1", "phone": "1"}, {"source_id": "2", "phone": "22"},
                         {"source_id": "4", "phone": "4"}])  # fmt: skip
    records = population(con, now, last, None)
    assert records.order_by("record").execute().fresh.tolist() == [False, True, True]
    gone = gone_records(now, last)
    assert gone.execute().source_id.tolist() == ["3"]
    appended = new_known(records, gone, 2).order_by("source_id").execute()
    assert appended.source_id.tolist() == ["2", "3", "4"]
    assert appended.digest.tolist()[1] == ""


def test_comments_and_docstrings_are_no_change_of_the_rules():
    plain = 'def f(x):\n    """Doc."""\n    return x + 1\n'
    commented = "# why\ndef f(x):\n    '''Other words.'''\n\n    return (x + 1)  # more\n"
    assert meaning_of(plain) == meaning_of(commented)
    assert meaning_of(plain) != meaning_of(plain.replace("1", "2"))


def test_the_rules_are_code_and_parameters_and_not_the_day():
    day, later = date(2026, 3, 31), date(2026, 4, 30)
    rules = rules_digest(Settings("a", day, b"k"))
    trusting = {"email": ("web", "pos")}
    told = Settings("b", later, b"other", household=False, survivorship=trusting)
    assert rules_digest(told) == rules
    assert rules_digest(Settings("a", day, b"k", generic_names=5)) != rules


def test_modules_that_only_tell_of_identity_exist():
    folder = Path(known_module.__file__).parent
    names = {path.stem for path in folder.glob("*.py")}
    assert set(known_module._TELLING) <= names
    assert {"rules", "clustering", "grouping", "names"} <= names - set(known_module._TELLING)
