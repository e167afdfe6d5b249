from __future__ import annotations

import subprocess
import sys

from joren.ingest import rules
from joren.ingest.rules import (
    Cell,
    NumberOf,
    cell,
    const,
    filled,
    first,
    number,
    one_of,
    parts,
    positive,
    when,
    word,
)


def test_every_part_of_a_rule_is_found_however_deep():
    leaf = number("a")
    rule = when(filled("b") & ~positive(leaf), first(word("c", {"x": "y"}), const("z")))
    found = list(parts(rule))
    assert found[0] is rule
    assert [part for part in found if isinstance(part, Cell)] == [
        cell("b"), cell("a"), cell("c"),
    ]  # fmt: skip
    assert any(part is leaf for part in found)


def test_a_number_stays_the_same_object_within_a_choice():
    leaf = number("a")
    numbers = [p for p in parts(when(one_of("b", "1"), leaf, -leaf)) if isinstance(p, NumberOf)]
    assert sum(part is leaf for part in numbers) == 2
    assert len(numbers) == 3  # and the factor of the sign


def test_what_formats_are_written_with_is_all_there():
    assert all(hasattr(rules, name) for name in rules.__all__)
    assert {"cell", "when", "number", "filled", "parts"} <= set(rules.__all__)


def test_looking_at_formats_needs_no_engine():
    code = (
        "import sys; from joren.ingest.recognise import load_formats; load_formats(); "
        "sys.exit(bool({'duckdb', 'ibis', 'pandas', 'pyarrow'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
