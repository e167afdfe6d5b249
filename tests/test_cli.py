"""The command line: exit statuses, one-paragraph errors, no traceback without --debug."""

from __future__ import annotations

import pytest


def test_help_names_every_command(toy):
    done = toy.joren("--help")
    assert done.returncode == 0
    for command in ("run", "check", "new", "status", "serve", "doctor"):
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


@pytest.mark.parametrize("name", ["Great Shop", "店", "../x"])
def test_a_client_needs_a_plain_name(toy, name):
    assert toy.joren("new", name).returncode == 2


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
