"""Ranges of parameters: they hold the defaults, and the published sizes of engrams."""

from __future__ import annotations

import math

import pytest

from engramlab.brain import Brain
from engramlab.brain.anatomy import REGIONS, Region
from engramlab.brain.brain import CELLS_OVER_ACTIVE, declared_parameters
from engramlab.errors import ParameterError

DECLARED = {name: parameter for name, (_, parameter) in declared_parameters().items()}


@pytest.mark.parametrize("name", DECLARED)
def test_a_range_holds_its_default_and_is_one(name: str) -> None:
    parameter = DECLARED[name]
    assert parameter.name == name
    assert math.isfinite(parameter.low)
    assert math.isfinite(parameter.high)
    assert parameter.low < parameter.high
    assert parameter.low <= parameter.value <= parameter.high
    assert Brain().parameters[name] == parameter.value
    assert parameter.source
    assert parameter.unit


@pytest.mark.parametrize("name", DECLARED)
def test_both_ends_of_a_range_are_accepted_and_what_lies_beyond_is_refused(name: str) -> None:
    parameter = DECLARED[name]
    for end, beyond in ((parameter.low, -math.inf), (parameter.high, math.inf)):
        assert Brain().with_parameters({name: end}).parameters[name] == end
        for wrong in (math.nextafter(end, beyond), beyond, math.nan):
            with pytest.raises(ParameterError, match="outside its range"):
                Brain().with_parameters({name: wrong})


@pytest.mark.parametrize("region", [one for one in REGIONS if one.engram_percent])
def test_active_is_bounded_by_published_shares_of_engram_cells(region: Region) -> None:
    assert region.engram_percent is not None
    parameter = DECLARED[f"{region.name}.active"]
    for end, percent in zip((parameter.low, parameter.high), region.engram_percent, strict=True):
        assert 100 * CELLS_OVER_ACTIVE * end / region.cells == pytest.approx(percent)


def test_every_region_with_an_engram_has_a_published_share() -> None:
    assert {one.name for one in REGIONS if one.engram_percent} == {
        "DG",
        "CA3",
        "CA1",
        "PFC",
        "BLA",
    }


def test_amygdala_may_learn_more_than_others_as_it_has_no_other_input() -> None:
    highest = {
        name: parameter.high
        for name, parameter in DECLARED.items()
        if name.endswith(".learned_drive")
    }
    for name, high in highest.items():
        assert high == (16 if name.startswith(("EC-BLA", "CA1-BLA", "PFC-BLA")) else 4)
