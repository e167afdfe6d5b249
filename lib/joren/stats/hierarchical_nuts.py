"""The segments' posterior by NUTS: compiled once for so many segments and arms, then refitted."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from joren.stats.hierarchical_model import DATA, Kind, Part, build_model
from joren.stats.inference import nuts_draws
from joren.stats.posterior import Posterior

if TYPE_CHECKING:
    from nutpie.compile_pymc import CompiledPyMCModel


def sample_part(part: Part, draws: int, chains: int, seed: int) -> Posterior:
    """Sample `eta[i]` (segments × arms, row by row) and `tau` of a part.

    Parameters
    ----------
    draws, chains : draws per chain, and chains
    seed : the same seed gives the same draws
    """
    data = {name: getattr(part, name) for name in DATA[part.kind]}
    compiled = _compiled(part.kind, *part.n.shape)
    return nuts_draws(compiled.with_data(**data), ["eta", "tau"], draws, chains, seed, 0.98)


@lru_cache(maxsize=16)
def _compiled(kind: Kind, segments: int, arms: int) -> CompiledPyMCModel:
    import nutpie

    empty = np.ones((segments, arms))
    return nutpie.compile_pymc_model(build_model(Part(kind, empty, empty, empty)))
