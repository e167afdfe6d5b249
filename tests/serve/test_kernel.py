from __future__ import annotations

import subprocess
import sys

LIMIT = "from joren.serve.kernel import limit_resources as limit; limit({}); "


def _python(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True)


def test_a_page_that_takes_too_much_memory_fails_alone():
    code = LIMIT.format(128) + "bytearray(256 * 1024 * 1024)"
    assert "MemoryError" in _python(code).stderr


def test_the_engine_works_within_a_pages_share():
    query = "import duckdb; print(duckdb.sql('select sum(i) from range(1000000) t(i)').fetchall())"
    assert _python(LIMIT.format(512) + query).stdout == "[(499999500000,)]\n"


def test_the_limit_cannot_be_lifted():
    # root may lift any limit, so the test looks at the hard one
    code = "import resource as r; print(r.getrlimit(r.RLIMIT_DATA))"
    assert _python(LIMIT.format(512) + code).stdout == "(536870912, 536870912)\n"
