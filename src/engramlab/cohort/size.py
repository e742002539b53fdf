"""The size of a cohort, checked before anything runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engramlab.errors import ParameterError, Problem

if TYPE_CHECKING:
    from engramlab.protocol import Protocol

MOST_MOMENTS = 20_000_000  # some hours on a laptop's cores
MOST_SESSION_RECORDS = 200_000  # about 4 GB of per-neuron activity


def check_size(protocol: Protocol, animals: int) -> None:
    """Refuse a cohort that no machine would finish or hold.

    Parameters
    ----------
    protocol : Protocol
    animals : int
        Animals in each group.

    Raises
    ------
    ParameterError
        When `animals` is below 1, or when animals x sessions or animals x 30 s moments are beyond
        what is recorded in memory.
    """
    from engramlab.protocol import schedule

    if animals < 1:
        raise ParameterError(Problem("animals", f"{animals} animals a group", "1 or more"))
    all_sessions = [s for group in protocol.groups for s in schedule(protocol, group).sessions]
    sessions, moments = len(all_sessions), sum(session.moments for session in all_sessions)
    fit = min(MOST_MOMENTS // max(moments, 1), MOST_SESSION_RECORDS // max(sessions, 1))
    if animals > fit:
        raise ParameterError(
            Problem(
                "animals",
                f"{animals} animals in each of {len(protocol.groups)} groups with {sessions} "
                f"sessions ({moments} moments of 30 s) are too many for one run",
                f"up to {fit} animals a group for this protocol; for more, run it "
                "in parts with different seeds"
                if fit
                else "fewer or shorter sessions",
            )
        )
