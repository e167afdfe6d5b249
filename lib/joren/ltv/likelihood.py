"""A compiled log-likelihood, with its gradient, as one node of PyMC's graph.

The order models' likelihoods are loops over sufficient statistics with derivatives known in closed
form. One node holds such a loop: PyMC has no graph of it to differentiate and compile, and both
nutpie and laplace run the machine code without the interpreter.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytensor.tensor as pt
from pytensor.gradient import disconnected_type
from pytensor.graph.basic import Apply
from pytensor.graph.op import Op
from pytensor.link.numba.dispatch.basic import numba_njit, register_funcify_default_op_cache_key

from joren.ltv import special


class LogLikelihood(Op):
    """A numba function (parameters (n_parameters, n_groups), *data) → (value, gradient) as an Op.

    `source` keeps a compiled copy of an older formula from being taken for the present one.

    Source
    ------
    Fader, Hardie & Lee (2005), eq. 6, and its like, summed over unique customers (methods.md, 04).
    """

    __props__ = ("name", "source")

    def __init__(self, kernel: Callable) -> None:
        self.kernel = kernel
        self.name = f"{kernel.py_func.__module__}.{kernel.py_func.__name__}"
        files = (__file__, special.__file__, kernel.py_func.__code__.co_filename)
        self.source = hashlib.sha256(b"".join(map(Path.read_bytes, map(Path, files)))).hexdigest()

    def make_node(self, *inputs) -> Apply:
        return Apply(self, [pt.as_tensor_variable(i) for i in inputs], [pt.dscalar(), pt.dmatrix()])

    def perform(self, node, inputs, outputs) -> None:
        value, gradient = self.kernel(*inputs)
        outputs[0][0], outputs[1][0] = np.asarray(value), gradient

    def infer_shape(self, node, shapes):
        return [(), shapes[0]]

    def connection_pattern(self, node):
        return [[True, True]] + [[False, False]] * (len(node.inputs) - 1)

    def pullback(self, inputs, outputs, cotangents):
        return [cotangents[0] * outputs[1]] + [disconnected_type() for _ in inputs[1:]]


@register_funcify_default_op_cache_key(LogLikelihood)
def _compiled(op, node=None, **_others):
    kernel = op.kernel

    @numba_njit
    def evaluate(parameters, *data):
        value, gradient = kernel(parameters, *data)
        return np.asarray(value), gradient

    return evaluate
