"""Whole runs with real kernels: what is published, reused, resumed, refused."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest

from joren.params import project_root


def _rows(run: Path, table: str) -> list[tuple]:
    return duckdb.sql(f"SELECT * FROM '{run}/tables/{table}.parquet'").fetchall()


def _whole(run: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(run)): path.read_bytes()
        for path in sorted(run.rglob("*"))
        if path.is_file()
    }


@pytest.fixture
def published(published_toy):
    """The toy project with one published run, and that run's bytes."""
    return published_toy, published_toy.latest, _whole(published_toy.latest)


def _assert_still_served(published) -> None:
    toy, run, content = published
    assert toy.latest == run
    assert _whole(run) == content


def test_a_new_stage_needs_no_change_of_the_frame(published):
    toy, run, _ = published

    assert _rows(run, "sums") == [(4_999_950_000,)]
    record = toy.record()
    assert record["status"] == "published"
    assert record["as_of"] == "2026-03-31"
    assert [(s["step"], s["status"]) for s in record["steps"]] == [
        ("01_numbers/10_make", "ran"),
        ("02_sums/10_sum", "ran"),
    ]
    assert record["inputs"].keys() == {"../data/orders.csv"}
    assert (run / "report.html").is_file()
    assert sorted(p.name for p in (run / "notebooks").iterdir()) == [
        "01_numbers__10_make.ipynb",
        "02_sums__10_sum.ipynb",
    ]
    assert (run / "restricted").stat().st_mode & 0o777 == 0o700


def test_nothing_changed_runs_nothing_and_keeps_the_published_run(published):
    toy, run, content = published

    done = toy.joren("run", "toy")

    assert done.returncode == 0
    assert f"nothing changed since {run.name}" in done.stdout
    assert (toy.latest, _whole(run)) == (run, content)
    assert [p.name for p in toy.root.glob("2*Z")] == [run.name]


def test_changed_raw_files_rerun_only_what_depends_on_them(published):
    toy, first, _ = published
    with (toy.home / "data" / "orders.csv").open("a") as stream:
        stream.write("3,c,2026-03-31,10\n")

    done = toy.joren("run", "toy")

    assert done.returncode == 0
    assert toy.latest != first
    # stage 01 ran again and found the same numbers, so stage 02 had nothing new to read
    assert [s["status"] for s in toy.record()["steps"]] == ["ran", "reused"]
    assert toy.record()["tables"] == {"numbers": toy.latest.name, "sums": first.name}


def test_force_runs_every_step(published):
    toy, _, _ = published
    assert toy.joren("run", "toy", "--force").returncode == 0
    assert [s["status"] for s in toy.record()["steps"]] == ["ran", "ran"]


def test_a_killed_kernel_fails_the_run_and_the_earlier_one_stays(published):
    toy, _, _ = published
    toy.notebook(
        "02_sums/10_sum",
        'step.write("sums", step.table("numbers").head(1))',
        "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)",
        reads=["numbers"],
        writes=["sums"],
    )

    done = toy.joren("run", "toy")

    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "02_sums/10_sum" in done.stderr
    _assert_still_served(published)
    failed = max(toy.root.glob("2*Z"))
    assert json.loads((failed / "run.json").read_text())["status"] == "failed"


@pytest.mark.parametrize(
    "last_cell", ["import sys\nsys.exit(0)", "import sys\nsys.exit(0)\n1", "1/0"]
)
def test_a_notebook_that_ends_itself_is_no_success(published, last_cell):
    toy, _, _ = published
    toy.notebook(
        "02_sums/10_sum",
        'step.write("sums", step.table("numbers").head(1))',
        last_cell,
        reads=["numbers"],
        writes=["sums"],
    )

    done = toy.joren("run", "toy")

    assert done.returncode == 1
    assert "cell" in done.stderr or "ZeroDivisionError" in done.stderr
    _assert_still_served(published)


def test_a_forgotten_table_fails_the_step(published):
    toy, _, _ = published
    toy.notebook(
        "02_sums/10_sum", "forgotten = True", reads=["numbers"], writes=["sums", "squares"]
    )

    done = toy.joren("run", "toy")

    assert done.returncode == 1
    assert "declares the table sums but did not write it" in done.stderr
    _assert_still_served(published)


def test_a_table_that_breaks_the_contract_fails_the_step(published):
    toy, _, _ = published
    toy.notebook(
        "02_sums/10_sum",
        'step.write("pdca", step.table("numbers"))',
        reads=["numbers"],
        writes=["pdca"],
    )

    done = toy.joren("run", "toy")

    assert done.returncode == 1
    assert "lacks campaign_id" in done.stderr
    _assert_still_served(published)


@pytest.mark.parametrize(
    ("blocks", "victim"), [(64, "a step's table"), (512, "the report or a copy in the run")]
)
def test_a_write_without_space_publishes_nothing(published, blocks, victim):
    toy, _, _ = published
    toy.notebook(
        "02_sums/10_sum",
        'from joren.step import ibis\nn = step.table("numbers")',
        'step.write("sums", n.mutate(noise=ibis.random()))\nx = "x" * 900_000',
        "print(x)",
        reads=["numbers"],
        writes=["sums"],
    )
    command = f'ulimit -f {blocks}; exec "{sys.executable}" -m joren run toy --force'

    done = subprocess.run(
        ["bash", "-c", command], env=toy.environment, capture_output=True, text=True, check=False
    )

    assert done.returncode == 1, f"{victim} should not have been written"
    assert "Traceback" not in done.stderr
    _assert_still_served(published)
    assert toy.joren("run", "toy").returncode == 0


def _wait_until(condition, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.1)


def _hold_second_step(toy) -> Path:
    """Let stage 02 wait, once it runs, for as long as the returned file exists."""
    hold = toy.home / "hold"
    hold.touch()
    toy.notebook(
        "02_sums/10_sum",
        f"import time, pathlib\nhold = pathlib.Path({str(hold)!r})",
        '(step.folder / "waiting").touch()\nend = time.monotonic() + 60\n'
        "while hold.exists() and time.monotonic() < end:\n    time.sleep(0.1)",
        'n = step.table("numbers")\nstep.write("sums", n.agg(total=n.number.sum()))',
        reads=["numbers"],
        writes=["sums"],
    )
    return hold


def _waits(toy) -> bool:
    return any(toy.root.glob("2*Z/.steps/02_sums__10_sum/waiting"))


def test_a_second_run_of_the_client_is_turned_away(published_toy):
    hold = _hold_second_step(published_toy)
    first = published_toy.start("run", "toy")
    _wait_until(lambda: _waits(published_toy))

    second = published_toy.joren("run", "toy")
    hold.unlink()

    assert second.returncode == 2
    assert "another run of toy is under way" in second.stderr
    assert first.wait(timeout=60) == 0
    assert _rows(published_toy.latest, "sums") == [(4_999_950_000,)]


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_an_interrupted_run_resumes_with_its_finished_steps(toy, how):
    hold = _hold_second_step(toy)
    run = toy.start("run", "toy")
    _wait_until(lambda: _waits(toy))
    run.send_signal(how)
    assert run.wait(timeout=20) != 0
    assert not (toy.root / "latest").exists()
    interrupted = max(toy.root.glob("2*Z"))
    hold.unlink()

    resumed = toy.joren("run", "toy")

    assert resumed.returncode == 0, resumed.stderr
    assert [s["status"] for s in toy.record()["steps"]] == ["reused", "ran"]
    assert json.loads((interrupted / "run.json").read_text())["status"] == "failed"


def test_editing_a_module_reruns_only_the_steps_that_import_it(published_toy, tmp_path):
    lib = tmp_path / "lib"
    shutil.copytree(project_root() / "lib", lib, ignore=shutil.ignore_patterns("__pycache__"))
    module = lib / "joren" / "toy_arithmetic.py"
    module.write_text("def total(n):\n    return n.number.sum()\n")
    published_toy.notebook(
        "02_sums/10_sum",
        "from joren.toy_arithmetic import total",
        'n = step.table("numbers")\nstep.write("sums", n.agg(total=total(n)))',
        reads=["numbers"],
        writes=["sums"],
    )
    assert published_toy.joren("run", "toy", PYTHONPATH=str(lib)).returncode == 0
    module.write_text("def total(n):\n    return n.number.sum() + 1\n")

    done = published_toy.joren("run", "toy", PYTHONPATH=str(lib))

    assert done.returncode == 0, done.stderr
    assert [s["status"] for s in published_toy.record()["steps"]] == ["reused", "ran"]
    assert published_toy.record()["steps"][1]["because"] == ["modules: toy_arithmetic.py"]
    assert _rows(published_toy.latest, "sums") == [(4_999_950_001,)]


def test_a_parameter_reruns_only_the_steps_that_declare_it(published):
    toy, _, _ = published
    toy.notebook(
        "02_sums/10_sum",
        'n = step.table("numbers")\ntotal = n.number.sum() + step.params.seed',
        'step.write("sums", n.agg(total=total))',
        reads=["numbers"],
        writes=["sums"],
        params=["seed", "routes"],
    )
    assert toy.joren("run", "toy").returncode == 0
    toy.params(routes={"window_days": 7})

    assert toy.joren("run", "toy").returncode == 0
    assert [s["status"] for s in toy.record()["steps"]] == ["reused", "ran"]


def test_a_parameter_a_step_did_not_declare_raises(published_toy):
    published_toy.notebook("02_sums/10_sum", "step.params.ltv", reads=["numbers"], writes=["sums"])
    done = published_toy.joren("run", "toy")
    assert done.returncode == 1
    assert "the parameter 'ltv' is not declared" in done.stderr


def test_a_notebook_without_our_parameters_fails(published_toy):
    path = published_toy.home / "notebooks" / "02_sums" / "10_sum.ipynb"
    notebook = json.loads(path.read_text())
    notebook["cells"][0]["source"] = 'client: str = "toy"'
    path.write_text(json.dumps(notebook))

    done = published_toy.joren("run", "toy")

    assert done.returncode == 1
    assert "declares no parameter 'run'" in done.stderr


@pytest.mark.parametrize(
    ("limits", "complaint"),
    [
        ({"step_timeout_minutes": 0.05}, "longer than 0.05 minutes"),
        ({"step_memory_gb": 0.6}, "more than 0.6 GB of memory"),
    ],
)
def test_a_step_over_its_limits_is_ended(published_toy, limits, complaint):
    published_toy.params(limits=limits)
    hog = "block = bytearray(b'x') * 800_000_000\nimport time\ntime.sleep(60)"
    published_toy.notebook("02_sums/10_sum", hog, reads=["numbers"], writes=["sums"])

    done = published_toy.joren("run", "toy")

    assert done.returncode == 1
    assert complaint in done.stderr


def test_part_of_the_sequence_carries_the_rest_over(published):
    toy, first, _ = published

    done = toy.joren("run", "toy", "--stage", "02_sums", "--force")

    assert done.returncode == 0, done.stderr
    assert [s["status"] for s in toy.record()["steps"]] == ["carried", "ran"]
    assert toy.record()["tables"] == {"numbers": first.name, "sums": toy.latest.name}
    assert f"carried over from run {first.name}" in (toy.latest / "report.html").read_text()
    numbers = "tables/numbers.parquet"
    assert (toy.latest / numbers).stat().st_ino == (first / numbers).stat().st_ino


def test_part_of_the_sequence_without_an_earlier_run_says_what_is_missing(toy):
    done = toy.joren("run", "toy", "--to", "01_numbers")

    assert done.returncode == 0, done.stderr
    assert [s["status"] for s in toy.record()["steps"]] == ["ran", "missing"]
    assert "has not been run yet" in (toy.latest / "report.html").read_text()


def test_an_earlier_as_of_is_written_but_not_served(published):
    toy, run, content = published

    done = toy.joren("run", "toy", "--as-of", "2026-02-28")

    assert done.returncode == 0
    assert "written, not published" in done.stdout
    assert (toy.latest, _whole(run)) == (run, content)
    assert toy.joren("run", "toy", "--as-of", "2026-02-28", "--publish").returncode == 0
    assert toy.record()["as_of"] == "2026-02-28"


def test_a_refusal_is_reported_and_what_needs_it_is_skipped(published_toy):
    published_toy.notebook(
        "01_numbers/20_thin",
        'step.refuse("frame.input_missing", tables="patience")',
        'step.write("thick", step.table("numbers"))',
        reads=["numbers"],
        writes=["thick"],
    )
    published_toy.notebook("02_sums/20_more", "1", reads=["thick"], writes=["more"])

    done = published_toy.joren("run", "toy")

    assert done.returncode == 0, done.stderr
    statuses = {s["step"]: s["status"] for s in published_toy.record()["steps"]}
    assert statuses["01_numbers/20_thin"] == "refused"
    assert statuses["02_sums/20_more"] == "skipped"
    page = (published_toy.latest / "report.html").read_text()
    assert page.count("the client has no patience") == 2
    assert "nothing changed" in published_toy.joren("run", "toy").stdout


def test_state_grows_at_publication_and_its_own_growth_makes_nothing_stale(published_toy):
    def remembering(extra: str) -> None:
        published_toy.notebook(
            "02_sums/10_sum",
            'n = step.table("numbers")\nstep.write("sums", n.agg(total=n.number.sum()))',
            "import ibis\nseen = step.state('memory')\n"
            "if seen is None:\n    step.append_state('memory', ibis.memtable({'at': [1]}))",
            extra,
            reads=["numbers"],
            writes=["sums"],
            state=["memory"],
        )

    log = published_toy.home / "state" / "toy" / "memory"
    remembering("1/0")
    assert published_toy.joren("run", "toy").returncode == 1
    assert not log.exists()

    remembering("1/1")
    assert published_toy.joren("run", "toy").returncode == 0
    assert len(list(log.glob("*.parquet"))) == 1
    assert "nothing changed" in published_toy.joren("run", "toy").stdout
    assert published_toy.joren("run", "toy", "--force").returncode == 0
    assert len(list(log.glob("*.parquet"))) == 1


def test_blocked_quality_publishes_nothing(published):
    toy, _, _ = published
    toy.notebook(
        "02_sums/10_sum",
        'step.block(["12.0 % of the rows of pos were quarantined"])',
        'step.write("sums", step.table("numbers"))',
        reads=["numbers"],
        writes=["sums"],
    )

    done = toy.joren("run", "toy")

    assert done.returncode == 1
    assert "12.0 % of the rows of pos were quarantined" in done.stderr
    _assert_still_served(published)


def test_a_notebook_by_hand_writes_to_a_scratch_run(published):
    toy, _, _ = published
    notebook = toy.home / "notebooks" / "02_sums" / "10_sum.ipynb"

    done = subprocess.run(
        [str(Path(sys.executable).with_name("jupyter-execute")), str(notebook)],
        env=toy.environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    (scratch,) = (toy.root / "scratch").iterdir()
    assert _rows(scratch, "sums") == [(4_999_950_000,)]
    _assert_still_served(published)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run", "toi"], "did you mean toy"),
        (["run", "toy", "--stage", "09_none"], "there is no stage '09_none'"),
        (["run"], "name one client, or give --all"),
        (["run", "/nowhere/x.yaml"], "no such parameter file"),
    ],
)
def test_wrong_words_start_nothing(toy, arguments, message):
    done = toy.joren(*arguments)

    assert done.returncode == 2
    assert message.lower() in done.stderr.lower()
    assert "Traceback" not in done.stderr
    assert not toy.root.exists() or not list(toy.root.glob("2*Z"))


def test_all_clients_run_though_one_is_broken(toy):
    broken = (toy.home / "params" / "toy.yaml").read_text().replace('"toy"', '"broken"')
    (toy.home / "params" / "broken.yaml").write_text(broken.replace("orders.csv", "none.csv"))

    done = toy.joren("run", "--all", "--jobs", "2")

    assert done.returncode == 1
    assert [line.split()[:2] for line in done.stdout.splitlines()] == [
        ["broken", "failed"],
        ["toy", "published"],
    ]


def test_status_says_what_would_rerun_and_why(published):
    toy, run, _ = published
    toy.params(as_of="2026-03-30")

    done = toy.joren("status", "toy")

    assert done.returncode == 0, done.stderr
    assert f"→ {run.name}" in done.stdout
    assert "would run: parameters: as_of" in done.stdout


def test_no_process_outlives_a_killed_run(published_toy):
    _hold_second_step(published_toy)
    run = published_toy.start("run", "toy")
    _wait_until(lambda: _waits(published_toy))
    run.kill()
    run.wait()

    def left() -> list[str]:
        listing = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True)
        return [line for line in listing.stdout.splitlines() if str(published_toy.home) in line]

    _wait_until(lambda: not left(), seconds=15)
    assert os.path.lexists(published_toy.root)
