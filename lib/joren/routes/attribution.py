"""Exact Markov attribution: what would be lost if a touchpoint led nowhere.

Journeys are an absorbing chain over memories of the last k touchpoints. The removal effect of a
touchpoint is the share of conversions (or of value) whose journeys pass it. The convention: a
journey that reaches a removed touchpoint, whatever came before, ends without conversion (Anderl et
al. 2016); it is not rerouted. Conversions and value are then split in proportion to the effects.

Nothing is simulated: with N = (I − Q)⁻¹, r the chance of conversion at each memory and R the
memories that end in touchpoint c, the conversions through c are N[0,R] · (N[R,R])⁻¹ · (N r)[R].
Above 300 memories the same numbers come from iterating x ← mask (Q x + r) for all touchpoints at
once until nothing moves.

Journeys still open tell what follows what, but not how they end: they are in the transition counts
and in no end.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp

from joren.errors import JorenError
from joren.routes.chain import Counts
from joren.stats.arrays import Array

LARGEST_DENSE = 300
_TOLERANCE, _MOST_ROUNDS = 1e-13, 100_000


@dataclass(frozen=True)
class Chain:
    """Where each count of a chain stands in its matrix.

    Parameters
    ----------
    states : (s,) memories, 0 (before the first touchpoint) first
    last : (s,) code of the latest touchpoint of each, 0 for none
    source, target : (m,) positions of each gram's two memories
    end : (e,) position of each end's memory
    """

    states: Array
    last: Array
    source: Array
    target: Array
    end: Array


@dataclass(frozen=True)
class Credit:
    """Removal effects and what they amount to.

    Parameters
    ----------
    rate : probability that a journey converts
    effect, effect_value : (C,) share of conversions, of value, that would be lost
    share, share_value : (C,) the same, so that they add up to 1
    """

    rate: float
    effect: Array
    effect_value: Array
    share: Array
    share_value: Array


def chain_of(counts: Counts) -> Chain:
    """The matrix structure of these counts; weights may change without it."""
    before, after = counts.grams // counts.base, counts.grams % counts.base**counts.order
    states = np.unique(np.concatenate([[0], before, after, counts.ends]))

    def place(memory: Array) -> Array:
        return np.searchsorted(states, memory)

    return Chain(states, states % counts.base, place(before), place(after), place(counts.ends))


def attribute(
    counts: Counts, chain: Chain | None = None, largest_dense: int = LARGEST_DENSE
) -> Credit:
    """Removal effects of every touchpoint, exactly.

    Parameters
    ----------
    counts : from `chain.count`, weighted or not
    chain : from `chain_of`, where it is known already
    largest_dense : memories up to which the inverse is taken, else the numbers are iterated

    Raises
    ------
    JorenError if the iteration does not settle
    """
    chain = chain or chain_of(counts)
    size = len(chain.states)
    q, scale = _moves(counts, chain)
    gains = np.stack(
        [
            np.bincount(chain.end, weights=gain, minlength=size) * scale
            for gain in (counts.converted, counts.value)
        ],
        axis=1,
    )
    solve = _dense if size <= largest_dense else _iterated
    whole, lost = solve(q, gains, chain.last, counts.touchpoints)
    effect = np.divide(lost, whole, out=np.zeros_like(lost), where=whole > 0)
    sums = effect.sum(0)
    share = np.divide(effect, sums, out=np.zeros_like(effect), where=sums > 0)
    return Credit(float(whole[0]), effect[:, 0], effect[:, 1], share[:, 0], share[:, 1])


def expected_steps(counts: Counts) -> Array:
    """How many touchpoints a journey still meets, by state of the chain, the first being the start.

    Returns
    -------
    (s,) in the order of `chain_of(counts).states`; the one a journey stands at is not counted again
    """
    chain = chain_of(counts)
    q, _scale = _moves(counts, chain)
    met = np.linalg.solve(np.eye(len(chain.states)) - q.toarray(), np.ones(len(chain.states)))
    return met - 1


def _moves(counts: Counts, chain: Chain) -> tuple[sp.csr_matrix, Array]:
    """Probabilities to go on from state to state, and one over the weight that leaves each."""
    size = len(chain.states)
    ended = np.bincount(chain.end, weights=counts.converted + counts.null, minlength=size)
    leaving = np.bincount(chain.source, weights=counts.weight, minlength=size) + ended
    scale = np.divide(1.0, leaving, out=np.zeros(size), where=leaving > 0)
    flow = counts.weight * scale[chain.source]
    return sp.csr_matrix((flow, (chain.source, chain.target)), shape=(size, size)), scale


def with_weights(counts: Counts, weight: Array, converted: Array, null: Array, value: Array):
    """The same chain under other weights; see `bootstrap`."""
    return replace(counts, weight=weight, converted=converted, null=null, value=value)


def _dense(q: sp.csr_matrix, gains: Array, last: Array, touchpoints: int) -> tuple[Array, Array]:
    n = np.linalg.inv(np.eye(len(last)) - q.toarray())
    reached = n @ gains
    lost = np.zeros((touchpoints, gains.shape[1]))
    for code in range(1, touchpoints + 1):
        at = np.flatnonzero(last == code)
        if len(at):
            lost[code - 1] = n[0, at] @ np.linalg.solve(n[np.ix_(at, at)], reached[at])
    return reached[0], lost


def _iterated(q: sp.csr_matrix, gains: Array, last: Array, touchpoints: int):
    # one block of columns for conversions, one for value; the last column removes nothing
    mask = np.ones((len(last), touchpoints + 1))
    passed = last > 0
    mask[np.flatnonzero(passed), last[passed] - 1] = 0
    mask = np.tile(mask, gains.shape[1])
    base = mask * np.repeat(gains, touchpoints + 1, axis=1)
    scale = np.maximum(base.max(0), 1e-300)
    x = base
    for _round in range(_MOST_ROUNDS):
        following = mask * (q @ x) + base
        moved = (np.abs(following - x) / scale).max()
        x = following
        if moved < _TOLERANCE:
            break
    else:
        raise JorenError(
            "the chain did not settle", "attribution", "lower `routes.max_order`: loops are endless"
        )
    reached = x[0].reshape(gains.shape[1], touchpoints + 1)
    return reached[:, -1], (reached[:, -1:] - reached[:, :-1]).T
