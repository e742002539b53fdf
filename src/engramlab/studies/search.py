"""CMA-ES that can be stopped and gone on with to the same bits.

The optimiser (Hansen & Ostermeier 2001, Evol Comput 9:159; library `cmaes`) is deterministic: its
seed and the losses that it was told decide all that it asks. So what is kept is the points and
losses of each generation, and replaying them brings it back exactly.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Protocol

import numpy as np
from cmaes import CMA, SepCMA  # type: ignore[import-untyped]
from numpy.typing import NDArray

from engramlab.randomness import derive_key

FULL_UP_TO = 20  # parameters; beyond, learning a full covariance takes more than a budget allows
SEEDS = 2**31 - 1


class Optimiser(Protocol):
    """What `cmaes.CMA` and `cmaes.SepCMA` have in common."""

    @property
    def mean(self) -> NDArray[np.float64]:
        """Where the search stands."""
        ...

    @property
    def population_size(self) -> int:
        """Candidates a generation."""
        ...

    def ask(self) -> NDArray[np.float64]:
        """Draw a candidate."""
        ...

    def tell(self, solutions: list[tuple[NDArray[np.float64], float]]) -> None:
        """Learn the losses of a generation."""
        ...

    def should_stop(self) -> bool:
        """Whether it has converged."""
        ...


@dataclass(frozen=True)
class Generation:
    """What one generation asked and was told.

    Parameters
    ----------
    number : int
        From 1.
    seed : int
        Of all cohorts of this generation: candidates meet the same animals.
    points : tuple of tuple of float
        Candidates, as places in [0, 1].
    losses : tuple of float
        One a candidate.
    start_loss : float
        Of the parameters that the fit began with, under the same seed.
    seconds : float
    errors : int
        Runs that ended without a verdict.
    """

    number: int
    seed: int
    points: tuple[tuple[float, ...], ...]
    losses: tuple[float, ...]
    start_loss: float
    seconds: float
    errors: int = 0

    @property
    def best(self) -> int:
        """Index of the candidate with the lowest loss."""
        return int(np.argmin(self.losses))

    @property
    def gain(self) -> float:
        """By how much its best candidate is better than the start under the same seed."""
        return self.start_loss - self.losses[self.best]

    @property
    def spread(self) -> float:
        """Mean standard deviation of the candidates' places: how widely it still searches."""
        return float(np.std(self.points, axis=0).mean())

    def to_dict(self) -> dict[str, Any]:
        """JSON-safe content, from which `from_dict` makes an equal generation."""
        return asdict(self)

    @classmethod
    def from_dict(cls, content: dict[str, Any]) -> Generation:
        """Take back what `to_dict` gave."""
        points = tuple(tuple(point) for point in content["points"])
        return cls(**{**content, "points": points, "losses": tuple(content["losses"])})


def generation_seed(seed: int, number: int) -> int:
    """Seed of the cohorts of a generation: the same for all its candidates, new for each."""
    return derive_key(seed, "generation", number) % SEEDS


def optimiser(
    start: NDArray[np.float64], step: float, population: int | None, seed: int
) -> Optimiser:
    """Make the optimiser: full covariance up to `FULL_UP_TO` parameters, else a diagonal one.

    Parameters
    ----------
    start : ndarray, shape (parameter,)
        Places in [0, 1].
    step : float
        Standard deviation of the first candidates.
    population : int, optional
        Candidates a generation; default ``4 + 3 log(parameters)``.
    seed : int
    """
    kind = CMA if start.size <= FULL_UP_TO else SepCMA
    bounds = np.tile([0.0, 1.0], (start.size, 1))
    made: Optimiser = kind(
        mean=start.astype(np.float64, copy=True),
        sigma=step,
        bounds=bounds,
        seed=derive_key(seed, "optimiser") % SEEDS,
        population_size=population,
    )
    return made


def search(
    optimiser: Optimiser,
    history: Sequence[Generation],
    evaluate: Callable[[int, list[NDArray[np.float64]]], Generation],
    go_on: Callable[[Sequence[Generation]], bool],
) -> Iterator[Generation]:
    """Ask and tell, generation by generation.

    Parameters
    ----------
    optimiser : Optimiser
        Fresh; afterwards its `mean` is where the search stands.
    history : sequence of Generation
        What an earlier, stopped search did: it is replayed, not evaluated.
    evaluate : callable
        Given a generation's number and points, scores them.
    go_on : callable
        Given the generations so far, says whether to begin another.

    Yields
    ------
    Generation
        Each new one.
    """
    done = list(history)
    for generation in done:
        _ask(optimiser)  # draws the same random numbers as then
        _tell(optimiser, generation)
    while go_on(done) and not optimiser.should_stop():
        generation = evaluate(len(done) + 1, _ask(optimiser))
        done.append(generation)
        _tell(optimiser, generation)
        yield generation


def _ask(optimiser: Optimiser) -> list[NDArray[np.float64]]:
    return [np.asarray(optimiser.ask()) for _ in range(optimiser.population_size)]


def _tell(optimiser: Optimiser, generation: Generation) -> None:
    pairs = zip(generation.points, generation.losses, strict=True)
    optimiser.tell([(np.array(point), loss) for point, loss in pairs])
