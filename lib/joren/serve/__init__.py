"""Dashboards: one hardened Voilà process per client, and what it may show.

The kernel behind a page imports `joren.serve.page`, so nothing else is imported until it is asked
for.
"""

from __future__ import annotations

from typing import Any

__all__ = ["Dashboard", "Settings", "serve_client", "start"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(name)
    from joren.serve import launch

    return getattr(launch, name)
