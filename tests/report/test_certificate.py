"""The certificate: inputs as one hash, and how sound the fits of the run were."""

from __future__ import annotations

from joren.report.certificate import certificate
from joren.workspace import read_json


def test_inputs_are_counted_and_hashed_and_chosen_models_show_their_diagnostics(demo_run):
    report, record = read_json(demo_run / "report.json"), read_json(demo_run / "run.json")
    rows = certificate(demo_run, report, record, "en")
    named = dict(rows)
    assert named["Input file"].startswith(f"{len(record['inputs'])} files · ")
    fits = [value for name, value in rows if name.startswith("ltv_model")]
    assert fits
    assert all(value.startswith("ESS ") for value in fits)


def test_another_input_gives_another_hash(demo_run):
    report, record = read_json(demo_run / "report.json"), read_json(demo_run / "run.json")
    other = record | {"inputs": record["inputs"] | {"x.csv": "0" * 64}}
    one, two = (
        dict(certificate(demo_run, report, rec, "en"))["Input file"] for rec in (record, other)
    )
    assert one != two
