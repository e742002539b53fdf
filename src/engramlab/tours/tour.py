"""A guided tour: text, what is done to live animals, what to look at, a question, a small run.

Adding a tour is adding one YAML file to this folder. A text says what was published; whether the
model shows it is never written down but measured, in a step with a `claim`, on the animals that the
reader has just seen and more of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Annotated, Any, Literal, Self

from pydantic import Field, ValidationError, model_validator
from ruamel.yaml import YAML

from engramlab.errors import Problem, ProtocolError
from engramlab.evidence import Finding, all_findings
from engramlab.live import Comparison, LiveAnimal, compare
from engramlab.live.actions import Action
from engramlab.live.comparison import Measure
from engramlab.protocol.messages import problems_of
from engramlab.protocol.quantities import Checked, Name, Number, RegionName
from engramlab.protocol.schema import Context

Colour = Literal[
    "activity", "peak", "engram", "tag", "excitability", "protein", "chromatin", "input_strength"
]


class Look(Checked):
    """What the picture of the brain shows."""

    animal: Name = "mouse"
    colour: Colour = "activity"
    engram: str | None = None  # session whose cells are followed
    tag: str | None = None
    regions: tuple[RegionName, ...] = ()  # drawn forward, the others faint
    chart: Literal["freezing", "strength", "overlap"] | None = None


class Deed(Checked):
    """Actions on one animal; `twin_of` makes it first, as the animal of this name is now."""

    animal: Name = "mouse"
    twin_of: Name | None = None
    do: tuple[Action, ...] = ()


class Question(Checked):
    """A question with one right answer."""

    ask: str
    choices: tuple[str, ...] = Field(min_length=2, max_length=4)
    answer: int = Field(ge=0)
    why: str

    @model_validator(mode="after")
    def _answer_is_a_choice(self) -> Self:
        if self.answer >= len(self.choices):
            raise ValueError(f"'answer' is {self.answer}, of {len(self.choices)} choices from 0")
        return self


class Claim(Checked):
    """What the paper found, to be held against the same treatments of many model animals.

    Parameters
    ----------
    higher, lower : str
        Animals of the tour; a claim ``equal`` says that they do not differ by `by` or more.
    by : float
        Least difference of the means, in percent of time freezing or in overlap over chance.
    """

    text: str
    higher: Name
    lower: Name
    equal: bool = False
    by: Number = Field(0.0, ge=0)
    measure: Measure = "freezing"
    session: str | None = None
    earlier: str | None = None
    region: RegionName = "CA1"
    animals: int = Field(8, ge=2, le=12)

    def measured(self, animals: dict[str, LiveAnimal]) -> Comparison:
        """Do to many animals what was done to the two."""
        return compare(
            {name: animals[name] for name in (self.higher, self.lower)},
            self.animals,
            measure=self.measure,
            session=self.session,
            earlier=self.earlier,
            region=self.region,
        )

    def holds(self, found: Comparison) -> bool:
        """Whether the model shows it: the whole interval on the right side, and the size."""
        gap = found.difference(self.higher, self.lower)
        if self.equal:
            return abs(gap.value) < self.by
        return gap.low > 0 and gap.value >= self.by

    def words(self, found: Comparison) -> str:
        """What came out, in a sentence or two."""
        unit = " % freezing" if self.measure == "freezing" else " × chance"
        first, second = (found.mean(name).value for name in (self.higher, self.lower))
        gap = found.difference(self.higher, self.lower)
        asked = f"less than {self.by:g} apart" if self.equal else f"{self.by:g} or more"
        if not self.by:
            asked = "a difference whose interval leaves out 0"
        return (
            f"In {self.animals} model animals: {first:.1f}{unit} ({self.higher}) and {second:.1f} "
            f"({self.lower}), a difference of {gap.value:.1f} (95 % interval {gap.low:.1f} to "
            f"{gap.high:.1f}) where {asked} is asked for."
        )


class Step(Checked):
    """One page of a tour."""

    title: str
    text: str
    deeds: tuple[Deed, ...] = ()
    look: Look = Look()
    question: Question | None = None
    claim: Claim | None = None


class Tour(Checked):
    """A tour; one file in this folder, named after its id."""

    id: str = Field(pattern=r"^[a-z0-9-]+$")
    order: int
    title: str
    question: str
    minutes: int = Field(ge=1, le=10)
    findings: tuple[str, ...] = Field(min_length=1)
    places: dict[Name, Context] = Field(min_length=1)
    seed: int = 1
    without: tuple[str, ...] = ()
    steps: Annotated[tuple[Step, ...], Field(min_length=3, max_length=12)]
    limits: str  # what of it the model does not or cannot show

    @property
    def sources(self) -> tuple[Finding, ...]:
        """The findings of the catalogue that it is about."""
        return tuple(all_findings()[name] for name in self.findings)

    @property
    def contexts(self) -> dict[str, dict[str, Any]]:
        """Places as a live animal takes them."""
        return {
            name: place.model_dump(exclude_defaults=True) for name, place in self.places.items()
        }

    def actions(self, step: int) -> dict[str, tuple[Action, ...]]:
        """What has been done to each animal when a step (from 0) is over.

        Raises
        ------
        ProtocolError
            When a step names an animal that there is not yet.
        """
        done: dict[str, tuple[Action, ...]] = {"mouse": ()}
        for number, one in enumerate(self.steps[: step + 1], 1):
            for deed in one.deeds:
                before = self._known(done, deed.twin_of or deed.animal, number)
                done[deed.animal] = (*before, *deed.do)
            claimed = (one.claim.higher, one.claim.lower) if one.claim else ()
            for name in (one.look.animal, *claimed):
                self._known(done, name, number)
        return done

    def play(self) -> Iterator[tuple[Step, dict[str, LiveAnimal]]]:
        """Go through the tour.

        Yields
        ------
        Step
        dict of str to LiveAnimal
            All animals after the step.

        Raises
        ------
        ProtocolError
            When a step asks for what is not possible.
        """
        animals = [LiveAnimal(self.seed, places=self.contexts, without=self.without)]
        for number, step in enumerate(self.steps):
            now = {}
            for name, actions in self.actions(number).items():
                same = (one for one in animals if one.actions == actions[: len(one.actions)])
                now[name] = max(same, key=lambda one: len(one.actions)).twin()
                for action in actions[len(now[name].actions) :]:
                    now[name].do(action)
                animals.append(now[name])
            yield step, now

    def _known(
        self, done: dict[str, tuple[Action, ...]], name: str, number: int
    ) -> tuple[Action, ...]:
        if name not in done:
            raise ProtocolError(
                Problem(
                    f"tour '{self.id}', step {number}",
                    f"there is no animal '{name}' yet",
                    "one of " + ", ".join(done),
                )
            )
        return done[name]


@cache
def all_tours() -> dict[str, Tour]:
    """All tours by id, in their order.

    Raises
    ------
    ProtocolError
        For a file that is no tour, with every problem in it.
    """
    tours = []
    for entry in files("engramlab.tours").iterdir():
        if entry.name.endswith(".yaml"):
            tours.append(_read(entry.name, entry.read_text(encoding="utf-8")))
    tours.sort(key=lambda tour: tour.order)
    return {tour.id: tour for tour in tours}


def _read(name: str, text: str) -> Tour:
    content = YAML(typ="safe", pure=True).load(text)
    try:
        tour = Tour.model_validate(content)
    except ValidationError as error:
        raise ProtocolError(problems_of(error, content, name)) from None
    problems = [
        Problem(f"{name}, findings", f"there is no finding '{finding}'", "an id of the catalogue")
        for finding in tour.findings
        if finding not in all_findings()
    ]
    if tour.id != name.removesuffix(".yaml"):
        problems.append(Problem(name, f"holds the tour '{tour.id}'", "a file named as its tour"))
    if problems:
        raise ProtocolError(problems)
    return tour
