"""What one request may ask for, so that a page cannot bring the machine down."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from engramlab.errors import ParameterError, Problem
from engramlab.protocol import Protocol

MAX_ANIMALS = 100  # in each group
MAX_ALL_ANIMALS = 600  # of all groups of a run
MAX_DAYS = 120
MAX_PROTOCOL_CHARACTERS = 200_000
MAX_QUEUE = 50  # runs that wait
MAX_BODY_BYTES = 1_000_000  # of a request that is no upload
MAX_UPLOAD_BYTES = 100_000_000

Seed = Annotated[int, Field(strict=True, ge=0, le=2**53 - 1)]  # what JavaScript holds exactly
Animals = Annotated[int, Field(strict=True, ge=1, le=MAX_ANIMALS)]
Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
ProtocolText = Annotated[str, Field(max_length=MAX_PROTOCOL_CHARACTERS)]


def check_limits(protocol: Protocol, animals: int) -> None:
    """Refuse a run that would keep the machine busy for hours.

    Raises
    ------
    ParameterError
    """
    problems = []
    days = max(step.start_hours for step in protocol.timeline) / 24
    if days > MAX_DAYS:
        problems.append(
            Problem(
                protocol.name,
                f"lasts {days:.0f} days",
                f"at most {MAX_DAYS} days in the browser; the command line takes longer ones",
            )
        )
    total = animals * len(protocol.groups)
    if total > MAX_ALL_ANIMALS:
        problems.append(
            Problem(
                "animals",
                f"{animals} animals in each of {len(protocol.groups)} groups are {total}",
                f"at most {MAX_ALL_ANIMALS} in all; the command line takes more",
            )
        )
    if problems:
        raise ParameterError(problems)
