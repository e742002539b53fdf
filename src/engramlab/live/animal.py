"""One virtual animal that answers at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from pydantic import ValidationError

from engramlab.brain import Brain
from engramlab.engine.animal import Animal, born
from engramlab.engine.animal_record import AnimalRecord
from engramlab.errors import Problem, ProtocolError
from engramlab.live.actions import ACTION, Action, Enter, Stay, Wait
from engramlab.live.films import Film, first_state
from engramlab.live.frame import Frame, at_rest, observe
from engramlab.live.plan import GROUP, PLACES, Plan
from engramlab.protocol import Protocol
from engramlab.protocol.messages import problems_of
from engramlab.record import Experiment


class LiveAnimal:
    """One animal to which one thing after another is done, and every neuron of which can be seen.

    It runs on the same engine as `engramlab.run`: animal 0 of group ``mouse`` of `protocol` with
    the same seed is this animal, bit for bit. The same seed and actions give the same animal.

    Parameters
    ----------
    seed : int
    actions : sequence of mapping or Action
        What to do to it at once; see `do`.
    places : mapping of str to mapping, optional
        Contexts, as in a protocol; default A, B (shares half of A's features), C (a quarter) and
        D (nothing in common).
    without : sequence of str
        Mechanisms that are switched off.

    Examples
    --------
    >>> mouse = LiveAnimal(seed=1)
    >>> _ = mouse.do("open_tag")
    >>> _ = mouse.do("enter", place="A")
    >>> _ = mouse.do("stay", moments=4)
    >>> _ = mouse.do("stay", moments=2, shock_mA=0.75)
    >>> _ = mouse.do("wait", nights=1)
    >>> bool(mouse.do("probe", place="A").freezing > mouse.do("probe", place="D").freezing)
    True
    """

    def __init__(
        self,
        seed: int = 1,
        actions: Sequence[Action | Mapping[str, Any]] = (),
        *,
        places: Mapping[str, Mapping[str, Any]] | None = None,
        without: Sequence[str] = (),
    ) -> None:
        self.seed = seed
        self.actions: tuple[Action, ...] = ()
        self._plan = Plan(places=places or PLACES, without=tuple(without))
        # Never changed once it is here: what happens next happens to a fork.
        self._animal = born(self._plan.protocol(), GROUP, 0, seed)
        self._door = self._animal  # as it was when it entered the place it is in
        self._frames: tuple[Frame, ...] = (first_state(self._animal),)
        for action in actions:
            self.do(action)

    def do(self, action: str | Action | Mapping[str, Any], **fields: Any) -> Frame:
        """Do one thing to the animal.

        Parameters
        ----------
        action : str, Action or mapping
            Its name with its fields, as ``do("stay", moments=4, shock_mA=0.75)``, or all in one
            mapping. The actions are the models in `engramlab.live.actions`: enter, stay, leave,
            probe, wait, open_tag, close_tag, inject, infect, stress, silence, lesion, keep_awake,
            block_replay, house.

        Returns
        -------
        Frame
            The animal afterwards.

        Raises
        ------
        ProtocolError
            For an action that is unknown or not possible now; the animal is as before.
        """
        content = {"do": action, **fields} if isinstance(action, str) else action
        where = f"action {len(self.actions) + 1}"
        try:
            parsed = ACTION.validate_python(content)
        except ValidationError as error:
            raise ProtocolError(problems_of(error, content, where)) from None
        where = f"{where} ({parsed.do})"
        try:
            plan = self._plan.after(parsed)
            animal, added = self._lived(parsed, plan)
        except ProtocolError as error:
            problems = [Problem(where, problem.what, problem.allowed) for problem in error.problems]
            raise ProtocolError(problems) from None
        if isinstance(parsed, Enter):
            self._door = animal
        self._plan, self._animal = plan, animal
        self.actions = (*self.actions, parsed)
        self._frames = (*self._frames, *added)
        return self._frames[-1]

    def _lived(self, action: Action, plan: Plan) -> tuple[Animal, list[Frame]]:
        """The animal after the action, and what there is to see on the way."""
        # Staying on makes the session longer: it is run again from the door.
        animal = (self._door if isinstance(action, Stay) else self._animal).fork()
        animal.follow(plan.protocol())
        added = [observe(animal, happening) for happening in animal.advance(plan.end)]
        if isinstance(action, Wait):
            added.append(at_rest(animal, "wait", plan.now, "in the home cage"))
        return animal, added

    def undo(self, count: int = 1) -> LiveAnimal:
        """Take back the last actions: the animal is run again without them.

        Raises
        ------
        ValueError
            When there are not so many.
        """
        if not 0 <= count <= len(self.actions):
            raise ValueError(f"there are {len(self.actions)} actions to undo, not {count}")
        kept = self.actions[: len(self.actions) - count]
        self.__dict__ = LiveAnimal(
            self.seed, kept, places=self._plan.places, without=self._plan.without
        ).__dict__
        return self

    @property
    def places(self) -> Mapping[str, Mapping[str, Any]]:
        """Places it can be put into."""
        return self._plan.places

    def twin(self) -> LiveAnimal:
        """Make the same animal once more, to do something else to it."""
        twin = LiveAnimal.__new__(LiveAnimal)
        twin.__dict__ = dict(self.__dict__)
        return twin

    @property
    def hours(self) -> float:
        """Hours since 9:00 on day 0."""
        return self._plan.end

    @property
    def place(self) -> str | None:
        """Where the animal is; None in its home cage."""
        return self._plan.place

    @property
    def open_tags(self) -> tuple[str, ...]:
        """Tags whose window is open."""
        return tuple(self._plan.open_tags)

    @property
    def frame(self) -> Frame:
        """The animal now."""
        return self._frames[-1]

    @property
    def frames(self) -> tuple[Frame, ...]:
        """All that there was to see, in order."""
        return self._frames

    @property
    def film(self) -> Film:
        """Every neuron through all that was done."""
        brain = Brain().without(*self._plan.without)
        return Film(self.protocol_so_far, GROUP, 0, self.seed, brain, self._frames)

    @property
    def protocol_so_far(self) -> Protocol:
        """What was done, with or without a session in it."""
        return self._plan.protocol()

    @property
    def protocol(self) -> Protocol:
        """What was done, as a protocol that `engramlab.run` takes; ``.to_yaml()`` writes it.

        Raises
        ------
        ProtocolError
            As long as there was no session.
        """
        if not (self._plan.sessions or self._plan.moments):
            raise ProtocolError(
                Problem("live animal", "has had no session yet", "stay in a place, or probe")
            )
        return self._plan.protocol()

    @property
    def freezing(self) -> pd.Series:
        """Freezing in percent, by session and probe."""
        sessions = self.film.sessions
        return pd.Series(
            {name: frame.freezing for name, frame in sessions.items()}, name="freezing", dtype=float
        )

    def record(self) -> AnimalRecord:
        """Return what was recorded, as `engramlab.engine.run_animal` gives it."""
        return self._animal.fork().record()

    def experiment(self) -> Experiment:
        """What was recorded, as `engramlab.run` gives it.

        Raises
        ------
        ProtocolError
            As long as there was no session.
        """
        return Experiment.from_records([self.record()], self.protocol, Brain(), self.seed)

    def __repr__(self) -> str:
        where = f"in {self.place}" if self.place else "in its home cage"
        return f"LiveAnimal(seed={self.seed}): hour {self.hours:g}, {where}, {self.frame.title}"
