"""How well a run knows who is who, and who lives together."""

from __future__ import annotations

from joren.simulate.exam import Exam, Score, skipped

_RECORDS = """
SELECT r.source, r.source_id, r.person_id, p.household_id AS true_household,
    m.customer_id IS NOT NULL AS found, m.household_id,
    coalesce(m.customer_id, 'alone:' || r.source || ':' || r.source_id) AS customer_id
FROM key_records r JOIN key_people p USING (person_id)
LEFT JOIN run_identity_map m USING (source, source_id)
"""

_PAIRS = """
WITH both_ AS (SELECT {left_}, {right_}, count(*) AS n FROM {table} GROUP BY ALL),
found AS (SELECT {left_}, sum(n) AS n FROM both_ GROUP BY ALL),
true_ AS (SELECT {right_}, sum(n) AS n FROM both_ GROUP BY ALL)
SELECT (SELECT sum(n * (n - 1) / 2) FROM both_) AS right_pairs,
    (SELECT sum(n * (n - 1) / 2) FROM found) AS found_pairs,
    (SELECT sum(n * (n - 1) / 2) FROM true_) AS true_pairs
"""

_CLUSTERS = """
WITH both_ AS (
    SELECT customer_id, person_id, count(*) AS n FROM exam_records GROUP BY ALL
), customers AS (
    SELECT customer_id, count(*) AS people, sum(n) AS records FROM both_ GROUP BY ALL
), people AS (
    SELECT person_id, count(*) AS customers, sum(n) AS records FROM both_ GROUP BY ALL
)
SELECT (SELECT count(*) FROM customers) AS customers, (SELECT count(*) FROM people) AS people,
    (SELECT count(*) FROM customers WHERE people > 1) AS mixed,
    (SELECT max(people) FROM customers) AS most_people,
    (SELECT count(*) FROM both_ b JOIN customers c USING (customer_id) JOIN people p
        USING (person_id) WHERE c.people = 1 AND p.customers = 1) AS exact
"""

# a person lives where the customer with most of their records does
_PEOPLE = """
SELECT person_id, any_value(true_household) AS true_household,
    coalesce(arg_max(household_id, (n, customer_id)), 'alone:' || person_id) AS household
FROM (
    SELECT person_id, true_household, customer_id, any_value(household_id) AS household_id,
        count(*) AS n
    FROM exam_records GROUP BY ALL
) GROUP BY person_id
"""


def score_identity(exam: Exam) -> list[Score]:
    """Precision, recall and F1 of links and of whole customers; mixed customers; households.

    A link is a pair of records of one customer. Records that the run lacks stand alone; records
    that the key lacks are left out.
    """
    missing = exam.lacks("run_identity_map", "key_records", "key_people")
    if missing:
        return skipped("identity", missing)
    exam.table("exam_records", _RECORDS)
    known = exam.row("SELECT count(*) AS n, count(*) FILTER (found) AS found FROM exam_records")
    extra = exam.row("""
        SELECT count(*) AS n FROM run_identity_map ANTI JOIN key_records USING (source, source_id)
    """)["n"]
    note = f"{extra:,} records of the run are not in the key" if extra else ""
    scores = [
        Score("identity", "records found", "all", known["found"] / known["n"], n=known["n"],
              note=note),
        *_three("identity", "links", _pairs(exam, "exam_records", "customer_id", "person_id")),
    ]  # fmt: skip
    found = exam.row(_CLUSTERS)
    counts = (found["exact"], found["customers"], found["people"])
    scores += _three("identity", "whole customers", counts)
    scores.append(
        Score("identity", "mixed customers", "all", found["mixed"] / found["customers"],
              n=found["customers"],
              note=f"{found['mixed']:,}, at most {found['most_people']} people in one")
    )  # fmt: skip
    exam.table("exam_people", _PEOPLE)
    together = _pairs(exam, "exam_people", "household", "true_household")
    return scores + _three("households", "people together", together)


def _pairs(exam: Exam, table: str, found: str, true: str) -> tuple[int, int, int]:
    """Pairs that are right, found and true."""
    query = _PAIRS.format(table=table, left_=found, right_=true)
    return tuple(int(value or 0) for value in exam.row(query).values())


def _three(area: str, what: str, counts: tuple[int, int, int]) -> list[Score]:
    right, found, true = counts
    figures = (
        ("precision", right, found), ("recall", right, true), ("F1", 2 * right, found + true),
    )  # fmt: skip
    return [
        Score(area, f"{what}: {name}", "all", part / whole if whole else None, n=whole)
        for name, part, whole in figures
    ]
