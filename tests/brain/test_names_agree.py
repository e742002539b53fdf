"""Words of the protocol and of the brain: drugs, regions, populations, projections."""

from __future__ import annotations

import inspect
from importlib import import_module
from typing import get_args

import pytest

from engramlab.brain import Brain, drugs, mechanisms
from engramlab.brain.brain import all_mechanisms
from engramlab.brain.drugs import DRUG_SIGNALS, DRUGS
from engramlab.brain.mechanism import CORE_SIGNALS, CORE_VARIABLES, FACTORS, PHASES
from engramlab.engine.assembly import in_order
from engramlab.protocol.quantities import (
    POPULATIONS,
    DrugName,
    Population,
    ProjectionName,
    RegionName,
)
from engramlab.protocol.schema import VirusStep


def test_every_drug_of_the_protocol_is_in_the_table_and_the_other_way_round() -> None:
    names = get_args(DrugName)
    assert len(names) == len(set(names))
    assert set(names) == set(DRUGS)
    assert len(drugs._ALL) == len(DRUGS)  # no name twice, of which one would be lost


@pytest.mark.parametrize("name", DRUGS)
def test_a_drug_acts_on_known_signals_once_each(name: str) -> None:
    drug = DRUGS[name]
    signals = [signal for signal, _ in drug.actions]
    assert signals
    assert len(signals) == len(set(signals))
    assert set(signals) <= set(DRUG_SIGNALS)
    assert all(0 < amount <= 1 for _, amount in drug.actions)
    assert drug.what
    assert drug.source


def test_no_signal_is_without_a_drug_and_none_twice() -> None:
    used = {signal for drug in DRUGS.values() for signal, _ in drug.actions}
    assert used == set(DRUG_SIGNALS)
    assert set(DRUG_SIGNALS) <= set(CORE_VARIABLES)


def test_variables_signals_and_parameters_have_names_of_their_own() -> None:
    own = [*CORE_VARIABLES, *CORE_SIGNALS]
    for mechanism in all_mechanisms():
        own += [*mechanism.variables, *mechanism.signals]
        own += [parameter.name for parameter in mechanism.parameters]
    own += {name for names in PHASES.values() for name in names}
    assert sorted(own) == sorted(set(own))


def test_regions_and_populations_are_those_of_the_brain() -> None:
    regions = {region.name: tuple(region.populations) for region in Brain().regions}
    assert set(get_args(RegionName)) == set(regions)
    assert {name: parts for name, parts in regions.items() if parts} == dict(POPULATIONS)
    assert set(get_args(Population)) == {part for parts in POPULATIONS.values() for part in parts}


def test_projections_that_can_be_silenced_are_those_used_awake_and_the_reuniens_path() -> None:
    awake = {p.name for p in Brain().projections if not p.sleep_only}
    assert set(get_args(ProjectionName)) == awake | {"PFC-CA1"}


def test_every_virus_acts_on_a_signal_of_the_brain() -> None:
    from engramlab.engine.animal import VIRUSES

    what = get_args(VirusStep.model_fields["what"].annotation)
    assert set(VIRUSES) < set(what)
    assert {*VIRUSES.values(), "virus_chemogenetic"} <= set(CORE_VARIABLES)


def test_what_is_innate_or_a_factor_is_declared() -> None:
    for mechanism in all_mechanisms():
        assert set(mechanism.innate) <= set(mechanism.variables)
    assert set(FACTORS) <= set(CORE_SIGNALS)


def test_mechanisms_run_after_those_they_name() -> None:
    order = [mechanism.name for mechanism in in_order()]
    assert sorted(order) == sorted(mechanism.name for mechanism in all_mechanisms())
    for mechanism in all_mechanisms():
        for earlier in mechanism.after:
            assert order.index(earlier) < order.index(mechanism.name)


# (phase, what is read, mechanism that writes it, mechanism that reads it): the order that counts.
ORDER = [
    ("end_session", "restorage_strength", "lability", "protein_capture"),
    ("end_session", "restorage_strength", "lability", "chromatin"),
    ("end_session", "consolidation_strength", "protein_capture", "chromatin"),
    ("end_session", "consolidation_strength", "protein_capture", "feedforward_inhibition"),
    ("end_session", "capture_tag", "protein_capture", "prefrontal_control"),
    ("modulate", "error_negative", "valence_learning", "novelty"),
]


@pytest.mark.parametrize(("phase", "name", "writer", "reader"), ORDER)
def test_what_is_read_has_been_written(phase: str, name: str, writer: str, reader: str) -> None:
    order = [mechanism.name for mechanism in in_order()]
    for mechanism in (writer, reader):
        kernel = getattr(import_module(f"{mechanisms.__name__}.{mechanism}"), phase)
        assert name in inspect.signature(kernel).parameters
    assert order.index(writer) < order.index(reader)
