"""Every error a user can cause, each with a message that says what, where and what is allowed.

The command line turns an `EngramlabError` into its message on standard error and exit code 2;
in Python it is an ordinary exception.
"""

from __future__ import annotations

from dataclasses import dataclass


class EngramlabError(Exception):
    """Base of all errors that a user's input or machine can cause."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in an input.

    Parameters
    ----------
    where : str
        Place a person can go to: ``"protocol.yaml, line 12, timeline[2].minutes"`` or
        ``"data.csv, row 14, column 'score'"``.
    what : str
        What is wrong, with the value found.
    allowed : str
        What would be right; may be empty when `what` says it.
    """

    where: str
    what: str
    allowed: str = ""

    def __str__(self) -> str:
        text = f"{self.where}: {self.what}" if self.where else self.what
        return f"{text}\n    allowed: {self.allowed}" if self.allowed else text


class InputError(EngramlabError):
    """One or more problems in something the user gave; base of the protocol and data errors.

    Parameters
    ----------
    problems : list of Problem or Problem
        All problems found, so that a user mends them in one go.
    """

    def __init__(self, problems: list[Problem] | Problem) -> None:
        self.problems = [problems] if isinstance(problems, Problem) else list(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))

    def __reduce__(self) -> tuple[type[InputError], tuple[list[Problem]]]:
        """Pickle by problems: an error of a worker process keeps them."""
        return type(self), (self.problems,)


class ProtocolError(InputError):
    """A protocol that cannot be run: unknown field, wrong unit, overlapping sessions, ..."""


class DataError(InputError):
    """A data file that cannot be analysed: missing column, non-numeric score, empty file, ..."""


class ParameterError(InputError):
    """An unknown mechanism or parameter, or a value outside its range."""


class OutputError(InputError):
    """A results folder that cannot be written or read: exists already, disk full, not ours."""
