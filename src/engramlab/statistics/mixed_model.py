"""Linear mixed models: several rows an animal, and still the animal is the unit."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import scipy
from numpy.typing import NDArray

from engramlab.errors import DataError, Problem
from engramlab.statistics.effect_size import LEVEL
from engramlab.statistics.units import require_columns


@dataclass(frozen=True)
class MixedModel:
    """A fitted linear mixed model.

    Parameters
    ----------
    coefficients : pandas.DataFrame
        One row a fixed effect: term, estimate, se, low, high (95 %), df, t, p.
    tests : pandas.DataFrame
        One row a term of the formula: term, df, df_error, F, p.
    animal_sd : float
        Spread of the animals' own levels.
    residual_sd : float
        Spread of rows within an animal.
    shared : float
        Intraclass correlation ``animal_sd^2 / (animal_sd^2 + residual_sd^2)``: how alike rows of
        one animal are. At 0 rows would be as good as animals; at 1 they add nothing.
    animals, rows : int
    formula : str
    warnings : tuple of str
        What the fit had to say: no convergence, a variance at 0.
    """

    coefficients: pd.DataFrame
    tests: pd.DataFrame
    animal_sd: float
    residual_sd: float
    shared: float
    animals: int
    rows: int
    formula: str
    warnings: tuple[str, ...]

    def __str__(self) -> str:
        lines = [
            f"{self.formula}, random level of each animal: {self.rows} rows of {self.animals} "
            f"animals; SD between animals {self.animal_sd:.4g}, within {self.residual_sd:.4g} "
            f"(intraclass correlation {self.shared:.2f})",
            self.tests.to_string(index=False, float_format="{:.4g}".format),
            self.coefficients.to_string(index=False, float_format="{:.4g}".format),
        ]
        return "\n".join([*lines, *(f"warning: {text}" for text in self.warnings)])


def mixed_model(table: pd.DataFrame, formula: str, *, animal: str = "animal") -> MixedModel:
    """Fit a linear model with a random level for each animal, by restricted maximum likelihood.

    ``y_ai = x_ai beta + u_a + e_ai`` with ``u_a ~ N(0, s_a^2)`` (Laird & Ware 1982, Biometrics
    38:963), fitted by statsmodels. Rows are cells, images, sessions or moments; where they are few
    or many, or an animal lacks some, it is weighted as it should be. Wald tests take their degrees
    of freedom from animals for what differs between animals, and from rows for what differs within
    (Schluchter & Elashoff 1990, J Stat Comput Simul 37:69), so that with equally many rows an
    animal they are those of the t test and the analysis of variance over animals.

    Parameters
    ----------
    table : pandas.DataFrame
        Tidy, one row a measurement. Rows with NaN in a column of the formula are left out.
    formula : str
        As in R: ``"dF ~ group * session"``; ``C(day)`` takes numbers as categories.
    animal : str
        Column that names the animal; here the same name is the same animal everywhere, so where
        groups number their animals alike join both columns first.

    Returns
    -------
    MixedModel
        Chance level: p uniform; with fewer than about five animals a group only roughly.

    Raises
    ------
    DataError
        When a column is missing, the formula cannot be read, there are too few animals, or effects
        cannot be told apart.

    Examples
    --------
    Two cells in each of six animals; the test of the groups has four degrees of freedom, not ten:

    >>> cells = pd.DataFrame({
    ...     "animal": list("aabbccddeeff"), "group": ["x"] * 6 + ["y"] * 6,
    ...     "dF": [1.0, 1.2, 2.0, 2.2, 3.1, 3.3, 3.0, 3.1, 4.0, 4.3, 5.0, 5.2]})
    >>> found = mixed_model(cells, "dF ~ group")
    >>> int(found.tests["df_error"].iloc[0]), round(found.shared, 2)
    (4, 0.98)
    """
    from statsmodels.regression.mixed_linear_model import MixedLM

    require_columns(table, [animal])
    fitted: Any = None
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        known = table.dropna(subset=[animal])
        try:
            model = MixedLM.from_formula(formula, known, groups=known[animal], missing="drop")
            x = np.asarray(model.exog, np.float64)
            groups = np.asarray(model.groups)
            _check(x, groups, formula, animal)
            fitted = model.fit(reml=True)
        except DataError:
            raise
        except Exception as error:  # patsy and numpy raise many kinds for a formula or a design
            first = str(error).strip().split("\n", maxsplit=1)[0]
            raise DataError(
                Problem(
                    f"formula '{formula}'",
                    f"cannot be fitted: {first or type(error).__name__}",
                    "VALUE ~ TERMS with columns " + ", ".join(str(name) for name in table.columns),
                )
            ) from None
    names = list(model.exog_names)
    terms = {
        str(getattr(term, "name", lambda term=term: term)()): place
        for term, place in model.data.model_spec.term_slices.items()
    }
    beta, covariance = _fixed(fitted, len(names))
    freedom = _degrees_of_freedom(x, groups)
    animal_variance = float(np.asarray(fitted.cov_re)[0, 0])
    residual = float(fitted.scale)
    notes = list(dict.fromkeys(str(one.message).split("\n")[0] for one in said))
    if not fitted.converged:
        notes.append("the fit did not converge; do not trust it")
    return MixedModel(
        coefficients=_coefficients(names, beta, covariance, freedom),
        tests=pd.DataFrame(
            _tests(terms, beta, covariance, freedom),
            columns=["term", "df", "df_error", "F", "p"],
        ),
        animal_sd=animal_variance**0.5,
        residual_sd=residual**0.5,
        shared=animal_variance / (animal_variance + residual),
        animals=len(np.unique(groups)),
        rows=len(x),
        formula=formula,
        warnings=tuple(notes),
    )


def _check(x: NDArray[np.float64], groups: NDArray[Any], formula: str, animal: str) -> None:
    animals = len(np.unique(groups))
    if animals < 2:
        raise DataError(Problem(f"column '{animal}'", f"has {animals} animals", "two or more"))
    if np.linalg.matrix_rank(x) < x.shape[1]:
        raise DataError(
            Problem(
                f"formula '{formula}'",
                "has effects that cannot be told apart",
                "rows in every combination of the factors, or fewer terms",
            )
        )
    if animals == len(x):
        raise DataError(
            Problem(f"column '{animal}'", "names another animal in each row", "anova, a t test")
        )


def _fixed(fitted: Any, number: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    beta = np.asarray(fitted.fe_params, np.float64)
    covariance = np.asarray(fitted.cov_params(), np.float64)[:number, :number]
    return beta, covariance


def _degrees_of_freedom(x: NDArray[np.float64], groups: NDArray[Any]) -> NDArray[np.float64]:
    """Of each column: from animals where it is constant within them, else from rows."""
    order = np.argsort(groups, kind="stable")
    sizes = np.unique(groups, return_counts=True)[1]
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    sorted_x = x[order]
    first = np.repeat(sorted_x[starts], sizes, axis=0)
    constant = np.isclose(sorted_x, first).all(axis=0)
    animals = sizes.size
    between = animals - np.linalg.matrix_rank(x[:, constant])
    within = len(x) - animals - int((~constant).sum())
    return np.where(constant, between, within).astype(np.float64)


def _coefficients(
    names: list[str],
    beta: NDArray[np.float64],
    covariance: NDArray[np.float64],
    freedom: NDArray[np.float64],
) -> pd.DataFrame:
    se = np.sqrt(np.diag(covariance))
    t = beta / se
    reach = scipy.stats.t.ppf(0.5 + LEVEL / 2.0, freedom) * se
    return pd.DataFrame(
        {
            "term": names,
            "estimate": beta,
            "se": se,
            "low": beta - reach,
            "high": beta + reach,
            "df": freedom,
            "t": t,
            "p": 2.0 * scipy.stats.t.sf(np.abs(t), freedom),
        }
    )


def _tests(
    terms: dict[str, slice],
    beta: NDArray[np.float64],
    covariance: NDArray[np.float64],
    freedom: NDArray[np.float64],
) -> Iterator[tuple[object, ...]]:
    for term, place in terms.items():
        if term in ("Intercept", "1"):
            continue
        part = beta[place]
        size, error = part.size, float(freedom[place].min())
        f = float(part @ np.linalg.solve(covariance[place, place], part)) / size
        yield term, size, error, f, float(scipy.stats.f.sf(f, size, error))
