"""From a client's raw exports to canonical tables, with an account of every row.

`raw_files` and `check_headers` need neither the engine nor pandas: names are looked up when they
are first used, so that a run with nothing to do stays quick.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from joren.ingest.as_of import resolve_as_of
    from joren.ingest.check import check_headers
    from joren.ingest.coverage import check_quality
    from joren.ingest.inputs import raw_files
    from joren.ingest.proposal import propose
    from joren.ingest.proposal_report import proposal_report
    from joren.ingest.reader import Ingested, read_sources
    from joren.ingest.report import coverage_report

_HOME = {
    "Ingested": "reader",
    "check_headers": "check",
    "check_quality": "coverage",
    "coverage_report": "report",
    "proposal_report": "proposal_report",
    "propose": "proposal",
    "raw_files": "inputs",
    "read_sources": "reader",
    "resolve_as_of": "as_of",
}

__all__ = [
    "Ingested",
    "check_headers",
    "check_quality",
    "coverage_report",
    "proposal_report",
    "propose",
    "raw_files",
    "read_sources",
    "resolve_as_of",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOME[name]}"), name)
