"""Proof that a computation is blind to the future: run it again with the future gone or different, and compare."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from titan_core.errors import InvalidInput, TitanError

__all__ = ["LookAhead", "LookAheadFound", "assert_causal", "find_look_ahead"]

Arrays: TypeAlias = tuple[npt.NDArray[Any], ...]
# perturb(future, rng): for the part of every input after the cut, other values of the same shape and kind.
Perturb: TypeAlias = Callable[[Arrays, np.random.Generator], Arrays]


@dataclass(frozen=True, slots=True)
class LookAhead:
    """One proof that an output knew what was still to come.

    Attributes
    ----------
    bar : int
        The first bar whose output changed; only inputs after bar ``cut - 1`` had been touched.
    cut : int
        Number of bars that were left as they are, so bar < cut.
    kind : "truncated" or "perturbed"
        What had become of the bars from ``cut`` on.
    output : int
        Which of the returned arrays.
    known, again : object
        Its value at ``bar`` with the true future, and with the other one.
    """

    bar: int
    cut: int
    kind: str
    output: int
    known: object
    again: object

    def __str__(self) -> str:
        return (
            f"bar {self.bar} of output {self.output} is {self.known} with the whole history and {self.again} when "
            f"the bars from {self.cut} on are {self.kind}: it looks ahead"
        )


class LookAheadFound(TitanError, AssertionError):
    """A computation that must be causal is not; ``proof`` says where."""

    code = "look_ahead"

    def __init__(self, proof: LookAhead) -> None:
        super().__init__(str(proof))
        self.proof = proof


def find_look_ahead(
    function: Callable[..., Any],
    *inputs: npt.ArrayLike,
    rng: np.random.Generator,
    cuts: Sequence[int] | None = None,
    n_cuts: int = 12,
    min_bars: int = 1,
    perturb: Perturb | Sequence[Perturb] | None = None,
    rtol: float = 0.0,
) -> LookAhead | None:
    """The first bar at which an output depends on later inputs, or None where no trial shows any.

    ``function(*inputs)`` runs once on everything. Then, for every cut, it runs on the first ``cut`` bars alone and
    on whole inputs whose bars from ``cut`` on are different. The first ``cut`` bars of every output must be what
    they were: to the last bit, unless ``rtol`` allows more.

    Parameters
    ----------
    function : callable
        Takes the inputs, returns an array or a tuple of arrays, each with one row a bar. It must not change its
        inputs (they are read-only) and must give the same answer twice.
    inputs : array-likes of shape (n_bars, ...)
        Every one is cut and perturbed; what has no bars belongs into the function (a lambda, functools.partial).
    rng : numpy Generator
        For the cuts and perturbations.
    cuts : sequence of int, optional
        Where to cut, min_bars <= cut < n_bars. By default ``n_cuts`` at random, the first and last possible among
        them.
    min_bars : int
        Fewest bars the function accepts.
    perturb : callable or sequence of callables (future, rng) -> future, optional
        By default three: noise of the size of the values, the future in another order, and a leap up (numbers
        a thousand times as large). All keep positive numbers positive, and leave what is not floating alone but
        for its order; times are never touched.
    rtol : float
        Largest relative difference that counts as none.

    Raises
    ------
    InvalidInput
        Inputs or outputs have not one row a bar, or no cut is possible.
    """
    arrays = _read_only(inputs)
    n_bars = arrays[0].shape[0]
    whole = _outputs(function, arrays, n_bars)
    changes = (
        _DEFAULT_PERTURBATIONS if perturb is None else (perturb,) if callable(perturb) else tuple(perturb)
    )
    for cut in _choose_cuts(n_bars, min_bars, cuts, n_cuts, rng):
        trials = [("truncated", tuple(a[:cut] for a in arrays))]
        trials += [("perturbed", _with_other_future(arrays, cut, change, rng)) for change in changes]
        for kind, trial in trials:
            again = _outputs(function, _read_only(trial), trial[0].shape[0])
            found = _first_difference(whole, again, cut, kind, rtol)
            if found is not None:
                return found
    return None


def assert_causal(
    function: Callable[..., Any], *inputs: npt.ArrayLike, rng: np.random.Generator, **options: Any
) -> None:
    """`find_look_ahead` as a statement.

    Raises
    ------
    LookAheadFound
        An output changed; it carries the `LookAhead`.
    """
    found = find_look_ahead(function, *inputs, rng=rng, **options)
    if found is not None:
        raise LookAheadFound(found)


def _noise(future: Arrays, rng: np.random.Generator) -> Arrays:
    """Each value times a factor of its own, around one; zero stays zero."""
    return tuple(a * np.exp(rng.normal(0.0, 0.5, a.shape)) if a.dtype.kind == "f" else a for a in future)


def _reorder(future: Arrays, rng: np.random.Generator) -> Arrays:
    """The same bars, shuffled; each stays one bar across the inputs."""
    order = rng.permutation(future[0].shape[0])
    return tuple(a[order] for a in future)


def _leap(future: Arrays, rng: np.random.Generator) -> Arrays:
    """A level the past has never seen: gives away whatever is normalised by the whole sample."""
    return tuple(a * rng.uniform(900.0, 1100.0) if a.dtype.kind == "f" else a for a in future)


_DEFAULT_PERTURBATIONS: tuple[Perturb, ...] = (_noise, _reorder, _leap)


def _read_only(inputs: Sequence[npt.ArrayLike]) -> Arrays:
    """Arrays that a careless function can't change under the comparison."""
    arrays = tuple(np.array(values) for values in inputs)
    if not arrays or any(a.ndim == 0 or a.shape[0] != arrays[0].shape[0] for a in arrays):
        shapes = ", ".join(str(a.shape) for a in arrays) or "none"
        raise InvalidInput(f"inputs need one row a bar, equally many in each; got shapes {shapes}")
    for array in arrays:
        array.flags.writeable = False
    return arrays


def _outputs(function: Callable[..., Any], arrays: Arrays, n_bars: int) -> Arrays:
    """What the function returns, as arrays of one row a bar."""
    returned = function(*arrays)
    outputs = tuple(np.asarray(part) for part in (returned if isinstance(returned, tuple) else (returned,)))
    for i, output in enumerate(outputs):
        if output.ndim == 0 or output.shape[0] != n_bars:
            raise InvalidInput(
                f"output {i} has shape {output.shape} for {n_bars} bars: it needs one row a bar"
            )
    return outputs


def _choose_cuts(
    n_bars: int, min_bars: int, cuts: Sequence[int] | None, n_cuts: int, rng: np.random.Generator
) -> list[int]:
    """Cuts to try, first bars first."""
    if not 1 <= min_bars < n_bars:
        raise InvalidInput(
            f"{n_bars} bars can't be cut so that {min_bars} stay and one goes: pass a longer history"
        )
    if cuts is None:
        drawn = rng.integers(min_bars, n_bars, max(0, n_cuts - 2)).tolist()
        return sorted({min_bars, n_bars - 1, *drawn})
    for cut in cuts:
        if not min_bars <= cut < n_bars:
            raise InvalidInput(
                f"cut {cut} is outside {min_bars}..{n_bars - 1}: some bars must stay and one must go"
            )
    return sorted(set(cuts))


def _with_other_future(arrays: Arrays, cut: int, change: Perturb, rng: np.random.Generator) -> Arrays:
    """The past as it was, the future as ``change`` makes it; a time axis stays as it is."""
    futures = change(tuple(a[cut:] for a in arrays), rng)
    return tuple(
        a if a.dtype.kind in "mM" else np.concatenate([a[:cut], np.asarray(future).astype(a.dtype)])
        for a, future in zip(arrays, futures, strict=True)
    )


def _first_difference(whole: Arrays, again: Arrays, cut: int, kind: str, rtol: float) -> LookAhead | None:
    """The earliest bar before the cut at which any output differs."""
    if len(whole) != len(again):
        raise InvalidInput(
            f"the function returned {len(whole)} arrays, then {len(again)}: always return as many"
        )
    found: LookAhead | None = None
    for i, (known, now) in enumerate(zip(whole, again, strict=True)):
        differs = _differs(known[:cut], now[:cut], rtol)
        if differs.any() and (found is None or int(np.argmax(differs)) < found.bar):
            bar = int(np.argmax(differs))
            found = LookAhead(bar, cut, kind, i, known[bar], now[bar])
    return found


def _differs(known: npt.NDArray[Any], now: npt.NDArray[Any], rtol: float) -> npt.NDArray[np.bool_]:
    """Bars that differ in any element; NaN equals NaN."""
    if known.shape != now.shape:
        raise InvalidInput(f"rows of shape {known.shape[1:]} became {now.shape[1:]}: keep the output's width")
    if known.dtype.kind in "fc" and now.dtype.kind in "fc":
        same = (known == now) | (np.isnan(known) & np.isnan(now))
        if rtol > 0.0:
            same |= np.isclose(known, now, rtol=rtol, atol=0.0)
    else:
        same = known == now
    return np.asarray(~same.reshape(known.shape[0], -1).all(axis=1), np.bool_)
