"""Live animals in memory: an animal is its seed and its actions, so any of them can be remade."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from threading import Lock
from typing import Any

from engramlab.engine.compiling import tasks_left
from engramlab.errors import ParameterError, Problem
from engramlab.live import LiveAnimal
from engramlab.live.actions import Action, Wait
from engramlab.web.limits import MAX_DAYS

KEPT = 24  # animals, of about 9 MB each
KEPT_FRAMES = 4000  # of all of them, of about 80 kB each
Key = tuple[str, ...]


class Animals:
    """The live animals last asked for; one with more actions goes on from one of them."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Key, LiveAnimal] = OrderedDict()
        self._lock = Lock()

    @property
    def compiled(self) -> bool:
        """Whether the engine answers at once, or has to be compiled first (half a minute)."""
        return not tasks_left()

    def get(
        self,
        seed: int,
        places: Mapping[str, Mapping[str, Any]] | None,
        without: Sequence[str],
        actions: Sequence[Action],
    ) -> LiveAnimal:
        """The animal of this seed to which these actions were done.

        Raises
        ------
        ProtocolError, ParameterError
            For an action that is not possible, an unknown mechanism.
        """
        base: Key = (str(seed), repr(places), repr(sorted(without)))
        keys = [base]
        for action in actions:
            keys.append((*keys[-1], action.model_dump_json()))
        with self._lock:
            for count in range(len(actions), -1, -1):
                if keys[count] in self._kept:
                    mouse = self._kept[keys[count]].twin()
                    break
            else:
                count, mouse = 0, LiveAnimal(seed, places=places, without=without)
            for number in range(count, len(actions)):
                _check_time(mouse, actions[number])
                mouse.do(actions[number])
            self._kept[keys[-1]] = mouse.twin()
            self._kept.move_to_end(keys[-1])
            while len(self._kept) > 1 and self._too_many():
                self._kept.popitem(last=False)
            return mouse

    def _too_many(self) -> bool:
        frames = sum(len(mouse.frames) for mouse in self._kept.values())
        return len(self._kept) > KEPT or frames > KEPT_FRAMES


def _check_time(mouse: LiveAnimal, action: Action) -> None:
    """Refuse to wait for longer than a page may; nights take time to run."""
    hours = (action.hours or 24.0 * (action.nights or 0)) if isinstance(action, Wait) else 0.0
    if mouse.hours + hours > 24 * MAX_DAYS:
        raise ParameterError(
            Problem(
                f"action {len(mouse.actions) + 1} ({action.do})",
                f"comes to day {(mouse.hours + hours) / 24:.0f}",
                f"at most {MAX_DAYS} days in the browser; engramlab.LiveAnimal takes longer ones",
            )
        )
