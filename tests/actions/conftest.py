from __future__ import annotations

import pytest

from joren.engine import connect


@pytest.fixture(scope="session")
def con():
    return connect()
