"""Changes to a protocol's text: what was asked for changes, everything else stays."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engramlab.errors import ProtocolError
from engramlab.evidence import all_findings
from engramlab.evidence.catalogue import protocol_text
from engramlab.protocol import paradigm_names, paradigm_text, parse_protocol
from engramlab.protocol.editing import Edit, Put, Remove, Rename, edit_protocol
from engramlab.protocol.reading import read_yaml

TEXT = """\
engramlab: 1
name: mine
contexts:
  A: {}   # the box
  B: {similar_to: A, similarity: 0.5}
tags: {engram: {}}
cells:
  some: {tagged: engram, region: DG}
  others: {region: DG, as_many_as: some, outside: some}
groups: {g: {}, h: {}}
timeline:
  # labels training
  - {do: tag, name: engram, at_hours: 0, hours: 1}
  - {do: session, name: s, at_hours: 0, context: A, minutes: 2}
  - {do: session, name: t, at_days: 1, context: B, minutes: 2, probe: true, groups: [g],
     light: [{cells: some, effect: drive}]}
"""


def plain(text: str) -> dict[str, Any]:
    return dict(read_yaml(text))


def test_no_edit_changes_no_meaning_and_no_comment() -> None:
    for text in [TEXT, *(paradigm_text(name) for name in paradigm_names())]:
        edited = edit_protocol(text, [])
        assert parse_protocol(edited) == parse_protocol(text)
        comments = [line.strip() for line in text.splitlines() if line.strip().startswith("#")]
        assert [line for line in comments if line not in edited] == []
        assert edit_protocol(edited, []) == edited


def test_the_text_of_a_finding_is_its_protocol() -> None:
    for id, finding in all_findings().items():
        assert parse_protocol(protocol_text(id)) == finding.plan
    with pytest.raises(ProtocolError, match="did you mean 'liu2012'"):
        protocol_text("liu2021")


@pytest.mark.parametrize(
    ("edit", "path", "value"),
    [
        (Put(("timeline", 1, "minutes"), 3.0), ("timeline", 1, "minutes"), 3),
        (
            Put(("timeline", 1, "shocks", "shock_mA"), 0.5),
            ("timeline", 1, "shocks"),
            {"shock_mA": 0.5},
        ),
        (Put(("cues", "tone"), {}), ("cues",), {"tone": {}}),
        (
            Put(("timeline", 2, "light", 1), {"cells": "others"}),
            ("timeline", 2, "light", 1),
            {"cells": "others"},
        ),
        (
            Put(("timeline", 3), {"do": "stress", "hours": 2}),
            ("timeline", 3),
            {"do": "stress", "hours": 2},
        ),
        (Put(("title",), "yes: it is"), ("title",), "yes: it is"),
    ],
)
def test_a_value_is_put_where_it_belongs(edit: Put, path: tuple[Any, ...], value: object) -> None:
    content: Any = plain(edit_protocol(TEXT, [edit]))
    for part in path:
        content = content[part]
    assert content == value
    assert "# the box" in edit_protocol(TEXT, [edit])


def test_what_is_taken_away_is_gone_and_nothing_else() -> None:
    edited = plain(
        edit_protocol(TEXT, [Remove(("timeline", 2, "light")), Remove(("cells", "others"))])
    )
    expected = plain(TEXT)
    del expected["timeline"][2]["light"]
    del expected["cells"]["others"]
    assert edited == expected
    assert edit_protocol(TEXT, [Remove(("cues", "tone", "x"))]) == edit_protocol(TEXT, [])


@pytest.mark.parametrize("value", [False, 3, "xyz", ["x"], None])
def test_nothing_is_taken_from_what_has_no_fields(value: object) -> None:
    held = edit_protocol(TEXT, [Put(("contexts",), value)])
    assert edit_protocol(held, [Remove(("contexts", "x"))]) == held


def test_a_field_without_a_value_can_be_taken_away() -> None:
    assert edit_protocol("name: a\ntitle:\n", [Remove(("title",))]) == "name: a\n"


@pytest.mark.parametrize(
    ("part", "old"), [("contexts", "A"), ("tags", "engram"), ("cells", "some"), ("groups", "g")]
)
def test_a_new_name_reaches_all_that_refer_to_it(part: str, old: str) -> None:
    renamed = parse_protocol(edit_protocol(TEXT, [Rename(part, old, "new-name")]))
    again = edit_protocol(renamed.to_yaml(), [Rename(part, "new-name", old)])
    assert parse_protocol(again) == parse_protocol(TEXT)
    assert list(getattr(renamed, part)) == [
        "new-name" if name == old else name for name in getattr(parse_protocol(TEXT), part)
    ]


def test_what_does_not_fit_is_refused() -> None:
    misfits: list[Edit] = [
        Put((), 1),
        Put(("timeline", 9, "minutes"), 1),
        Put(("timeline", "minutes"), 1),
        Put(("name", "x"), 1),
        Rename("contexts", "none", "new"),
        Rename("contexts", "A", "B"),
        Rename("timeline", "A", "B"),
    ]
    for edit in misfits:
        with pytest.raises(ProtocolError):
            edit_protocol(TEXT, [edit])
    with pytest.raises(ProtocolError, match="not valid YAML"):
        edit_protocol("a: [", [])


TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=12)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-1000, 1000) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
PATHS = st.lists(
    st.sampled_from(["timeline", "contexts", "A", "cells", "light", "x"]) | st.integers(0, 4),
    min_size=1,
    max_size=5,
)
EDITS = st.one_of(
    st.builds(Put, PATHS.map(tuple), VALUES),
    st.builds(Remove, PATHS.map(tuple)),
    st.builds(Rename, st.sampled_from(["contexts", "cells", "groups"]), st.just("A"), TEXTS),
)


@given(st.lists(EDITS, max_size=4))
def test_any_edits_give_yaml_or_say_why_not(edits: list[Edit]) -> None:
    """Never another error, and a text that can be read and edited on."""
    try:
        edited = edit_protocol(TEXT, edits)
    except ProtocolError:
        return
    assert plain(edit_protocol(edited, [])) == plain(edited)
