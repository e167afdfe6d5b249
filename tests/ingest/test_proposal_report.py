from __future__ import annotations

from pathlib import Path

from joren.ingest.proposal import Proposal, Row
from joren.ingest.proposal_report import proposal_report
from joren.text import note


def test_files_are_listed_with_what_they_were_taken_for():
    rows = (
        Row("../data/注文.csv", "web", "orders", "futureshop", 1.0),
        Row("../data/memo.csv", "", "", "", None),
    )
    asked = (note("proposal.amounts"),)
    text = proposal_report(Proposal("", rows, asked), Path("params/acme.yaml"), "acme")
    assert text.splitlines() == [
        "files             source  table   format      confidence",
        "../data/注文.csv  web     orders  futureshop  1.00",
        "../data/memo.csv  -       ?       -",
        "",
        "1 question for the client: the lines that begin with `# ?` at the end of the file, "
        "in Japanese and English",
        "",
        "wrote params/acme.yaml; read it through, then run `joren check acme`",
    ]


def test_a_scaffold_names_the_next_command_alone():
    text = proposal_report(Proposal(""), Path("params/acme.yaml"), "acme")
    assert text == "wrote params/acme.yaml; read it through, then run `joren check acme`"
