"""The command line: exit statuses, one-paragraph errors, no traceback without --debug."""

from __future__ import annotations

import pytest


def test_help_names_every_command(toy):
    done = toy.joren("--help")
    assert done.returncode == 0
    for command in (
        "run", "check", "new", "status", "serve", "simulate", "doctor", "annotate", "quarter",
    ):  # fmt: skip
        assert f" {command} " in done.stdout


def test_a_traceback_appears_with_debug_only(toy):
    plain, debug = toy.joren("run", "nobody"), toy.joren("--debug", "run", "nobody")

    assert plain.returncode == 2
    assert len(plain.stderr.strip().splitlines()) == 1
    assert "Traceback" in debug.stderr


def test_check_prints_coverage_and_runs_nothing(toy):
    done = toy.joren("check", "toy")

    assert done.returncode == 0, done.stderr
    assert "orders.csv" in done.stdout
    assert not toy.root.exists()


def test_new_scaffolds_a_client_that_check_accepts(toy):
    export = toy.home / "data" / "orders.csv"

    done = toy.joren("new", "fresh", "--from", str(export))

    assert done.returncode == 0, done.stderr
    assert toy.joren("check", "fresh").returncode == 0
    assert toy.joren("new", "fresh").returncode == 2


def test_new_takes_a_folder_and_says_what_each_file_is(toy):
    done = toy.joren("new", "fresh", "--from", str(toy.home / "data"))

    assert done.returncode == 0, done.stderr
    header, *rows = done.stdout.split("\n\n", 1)[0].splitlines()
    assert header.split() == ["files", "source", "table", "format", "confidence"]
    assert [row.split()[:4] for row in rows] == [["../data/orders.csv", "data", "orders", "csv"]]
    assert "run `joren check fresh`" in done.stdout
    assert toy.joren("check", "fresh").returncode == 0


@pytest.mark.parametrize("missing", ["none.csv", "none", "none/*.csv"])
def test_new_from_files_that_are_not_there_writes_nothing(toy, missing):
    done = toy.joren("new", "fresh", "--from", str(toy.home / missing))

    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1
    assert not (toy.home / "params" / "fresh.yaml").exists()


@pytest.mark.parametrize("name", ["Great Shop", "店", "../x"])
def test_a_client_needs_a_plain_name(toy, name):
    assert toy.joren("new", name).returncode == 2


def test_simulate_writes_a_client_and_its_answer_key(toy):
    done = toy.joren("simulate", "made-up", "--customers", "500")

    assert done.returncode == 0, done.stderr
    assert "answer_key" in done.stdout
    assert (toy.home / "params" / "made-up.yaml").is_file()
    assert (toy.home / "data" / "made-up" / "answer_key" / "records.parquet").is_file()


def test_simulate_replaces_no_client_of_ours(toy):
    before = (toy.home / "params" / "toy.yaml").read_bytes()

    done = toy.joren("simulate", "toy")

    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1
    assert (toy.home / "params" / "toy.yaml").read_bytes() == before


def test_doctor_finds_this_machine_fit(toy):
    done = toy.joren("doctor")
    assert done.returncode == 0, done.stdout
    assert "ok   kernel" in done.stdout


@pytest.mark.parametrize(
    ("content", "message"),
    [(None, "none.csv"), ("", "empty"), ("order_id,source_id,amount\n1,a,5\n", "ordered_at")],
)
def test_unusable_inputs_stop_before_anything_starts(toy, content, message):
    path = toy.home / "data" / "none.csv"
    if content is not None:
        path.write_text(content)
    toy.params(sources={"shop": {"format": "csv", "orders": {"path": "../data/none.csv"}}})

    for command in ("run", "check"):
        done = toy.joren(command, "toy")
        assert done.returncode == 2, done.stdout
        assert message in done.stderr
        assert "Traceback" not in done.stderr
    assert not list(toy.home.glob("reports/toy/2*Z"))


def test_annotate_names_the_findings_there_are_and_quarter_reviews_the_served_run(published_toy):
    refused = published_toy.joren("annotate", "toy", "ingest.accepted", "x", "--by", "Sato")
    reviewed = published_toy.joren("quarter", "toy", "--quarter", "2026Q1")

    assert refused.returncode == 2
    assert "no finding 'ingest.accepted'" in refused.stderr
    assert reviewed.returncode == 0, reviewed.stderr
    names = sorted(path.name for path in (published_toy.root / "quarters").iterdir())
    assert names == ["2026Q1.en.md", "2026Q1.en.pdf"]
