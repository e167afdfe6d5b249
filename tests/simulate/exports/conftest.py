"""A small simulated client, written once for the tests of its files."""

from __future__ import annotations

from pathlib import Path

import pytest

from joren.simulate.client import Simulated, simulate


@pytest.fixture(scope="session")
def client(tmp_path_factory: pytest.TempPathFactory) -> Simulated:
    """1,000 customers, seed 4."""
    home: Path = tmp_path_factory.mktemp("simulated")
    return simulate("toy", 1_000, 4, home / "data" / "toy", home / "params" / "toy.yaml")
