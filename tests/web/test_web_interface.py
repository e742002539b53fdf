"""The interface against its own schema, whatever is sent."""

from __future__ import annotations

from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest
import schemathesis
from fastapi.routing import APIRoute
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from starlette.testclient import TestClient

from engramlab.web.app import ROUTERS, create_app
from engramlab.web.laboratory import Laboratory


class Idle(Laboratory):
    """Queues and never works, so that what is sent starts no simulation."""

    def start(self) -> None:
        """Do nothing."""


APP = create_app(Idle(Path(mkdtemp(prefix="engramlab-fuzz-")) / "results"))
SCHEMA: Any = schemathesis.openapi.from_asgi("/api/openapi.json", APP)
OPERATIONS = {found.ok().label: found.ok() for found in SCHEMA.get_all_operations()}
CHECKS = {check.__name__: check for check in schemathesis.checks.CHECKS.get_all()}
NOT_OURS = {
    "positive_data_acceptance",  # what is accepted is the protocol language's matter
    "allow_header_conformance",  # Starlette names one route's methods where several share a path
    "unsupported_method",
}


@pytest.mark.parametrize("label", OPERATIONS)
def test_every_answer_is_one_that_the_schema_promises(label: str) -> None:
    """No 5xx, no status, type or body beside the schema; refusals say what is wrong."""
    for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):

        @settings(max_examples=8, suppress_health_check=list(HealthCheck), database=None)
        @given(case=OPERATIONS[label].as_strategy(generation_mode=mode))
        def answers(case: Any) -> None:
            response = case.call()
            left_out = [check for name, check in CHECKS.items() if name in NOT_OURS]
            case.validate_response(response, excluded_checks=left_out)
            if response.status_code >= 400:
                assert response.json()["problems"]

        with suppress(Unsatisfiable):  # nothing can be wrong with a request without parts
            answers()


def test_a_text_that_unfolds_without_end_is_refused() -> None:
    """Each line holds the one before nine times over: 9 to the power of 8 entries."""
    lines = ["engramlab: 1", "a: &a [x, x, x, x, x, x, x, x, x]"]
    lines += [f"{n}: &{n} [{', '.join([f'*{b}'] * 9)}]" for b, n in pairwise("abcdefgh")]
    asked = {"yaml": "\n".join(lines), "edits": []}
    for path in ("check", "edit"):
        with TestClient(APP) as client:
            answer = client.post(f"/api/protocols/{path}", json=asked)
        assert "unfolds" in answer.json()["problems"][0]["what"]


def test_no_two_routes_answer_the_same_request() -> None:
    """Of two, the second would never be asked."""
    routes = [
        (method, route.path)
        for router in ROUTERS
        for route in router.routes
        if isinstance(route, APIRoute)
        for method in route.methods or ()
    ]
    assert len(routes) > 20
    assert sorted(routes) == sorted(set(routes))
