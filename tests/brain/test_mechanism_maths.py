"""Equations for the documentation speak of the numbers that the mechanism declares."""

import pytest

from engramlab.brain import Brain, Mechanism
from engramlab.brain.brain import declared_parameters
from engramlab.brain.markdown import mechanisms_markdown
from engramlab.brain.mechanism import CORE_SIGNALS, CORE_VARIABLES

MECHANISMS = Brain().mechanisms
each_mechanism = pytest.mark.parametrize("mechanism", MECHANISMS, ids=lambda one: one.name)


@each_mechanism
def test_symbols_stand_for_declared_names_and_occur_in_the_equations(mechanism: Mechanism) -> None:
    of_all = {name for one in MECHANISMS for name in (*one.variables, *one.signals)}
    known = of_all | set(declared_parameters()) | set(CORE_SIGNALS) | set(CORE_VARIABLES)
    maths = " ".join(mechanism.maths)
    assert mechanism.maths
    assert set(mechanism.symbols) <= known
    assert [symbol for symbol in mechanism.symbols.values() if symbol not in maths] == []


@each_mechanism
def test_no_symbol_means_two_things_in_one_mechanism(mechanism: Mechanism) -> None:
    assert len(set(mechanism.symbols.values())) == len(mechanism.symbols)


@each_mechanism
def test_every_parameter_of_the_plain_equation_is_in_the_maths(mechanism: Mechanism) -> None:
    words = mechanism.equation.replace("(", " ").replace(")", " ").replace(",", " ").split()
    bare = {parameter.name: parameter.name for parameter in mechanism.parameters}
    for parameter in mechanism.parameters:
        for unit in ("_hours", "_days", "_mA"):
            bare[parameter.name.removesuffix(unit)] = parameter.name
    missing = {bare[word] for word in words if word in bare} - set(mechanism.symbols)
    assert missing == set()


def test_the_page_holds_every_parameter_once_with_its_value() -> None:
    page = mechanisms_markdown(Brain().with_parameters(boost_tau_hours=11.0))
    for mechanism in MECHANISMS:
        for parameter in mechanism.parameters:
            assert page.count(f"| `{parameter.name}` |") == 1
    assert "| `boost_tau_hours` | $\\tau_b$ | 11 |" in page
