"""The committed demo client is what `joren simulate demo` writes."""

import hashlib
from pathlib import Path

from joren.params import project_root
from joren.simulate.client import simulate

CUSTOMERS, SEED = 2_000, 20261121  # the defaults of the command


def _digests(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_simulating_the_demo_client_anew_gives_the_committed_bytes(tmp_path):
    data, params = tmp_path / "data" / "demo", tmp_path / "params" / "demo.yaml"
    simulate("demo", CUSTOMERS, SEED, data, params)
    assert _digests(data) == _digests(project_root() / "data" / "demo")
    committed = project_root() / "params" / "demo.yaml"
    assert params.read_text(encoding="utf-8") == committed.read_text(encoding="utf-8")
