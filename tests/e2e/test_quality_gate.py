"""Raw files too poor or too old to publish from: the run fails, says why, and moves nothing."""

from __future__ import annotations

import json
import shutil

from joren.params import project_root

GOOD = "2026-03-{day:02},100"
SOURCES = {
    "shop": {"format": "csv", "orders": {"path": "../data/shop.csv"}},
    "web": {"format": "csv", "orders": {"path": "../data/web.csv"}},
}


def orders(*rows: str) -> str:
    numbered = (f"o{n},m{n % 7},{row}" for n, row in enumerate(rows))
    return "\n".join(["order_id,source_id,ordered_at,amount", *numbered]) + "\n"


def month(last_day: int = 31) -> list[str]:
    return [GOOD.format(day=day) for day in range(1, last_day + 1)]


def outcome(project, status: int) -> dict:
    """What `joren run --json` says of a run that ends so."""
    done = project.joren("run", "toy", "--json")
    assert done.returncode == status, done.stdout + done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_poor_and_stale_sources_block_publication_until_put_right_or_allowed(toy):
    shutil.rmtree(toy.home / "notebooks")
    ingest = toy.home / "notebooks" / "01_identity" / "10_ingest.ipynb"
    ingest.parent.mkdir(parents=True)
    shutil.copy(project_root() / "notebooks" / "01_identity" / ingest.name, ingest)
    shop, web = (toy.home / "data" / f"{name}.csv" for name in SOURCES)
    shop.write_text(orders(*month()), encoding="utf-8")
    web.write_text(orders(*month()), encoding="utf-8")
    limits = {"max_quarantine_share": 0.05, "max_source_age_days": 7}
    toy.params(sources=SOURCES, quality=limits)
    assert outcome(toy, 0)["status"] == "published"
    published, state = toy.latest, sorted((toy.home / "state").rglob("*"))

    # the till's export is torn in a fifth of its rows, and the web shop's has stopped
    torn = ["2026-02-30,100", "2026-03-01,12 円?"] * 4
    shop.write_text(orders(*month(), *torn), encoding="utf-8")
    web.write_text(orders(*month(last_day=20)), encoding="utf-8")
    told = outcome(toy, 1)

    assert (told["status"], told["exit"], told["as_of"]) == ("failed", 1, "2026-03-31")
    assert "shop/orders: 8 of 39 rows (20.5%) are quarantined" in told["failure"]
    assert "quality.max_quarantine_share is 5.0%" in told["failure"]
    assert "web: the last row is 11 days before 2026-03-31" in told["failure"]
    assert told["remedy"]
    # the reader keeps what she had; the failed run stays to be looked at
    assert toy.latest == published
    assert sorted((toy.home / "state").rglob("*")) == state
    failed = toy.root / told["run"]
    assert json.loads((failed / "run.json").read_text(encoding="utf-8"))["status"] == "failed"
    assert not (failed / "report.html").exists()
    said = toy.joren("status", "toy").stdout
    assert "failed" in said

    # the client knows of both and says so
    allowed = {"max_quarantine_share": 0.25, "max_source_age_days": 14}
    toy.params(sources=SOURCES, quality=allowed)
    assert outcome(toy, 0)["status"] == "published"
    assert toy.latest != published
