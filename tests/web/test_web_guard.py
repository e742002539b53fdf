"""Who is let in, what is let through, and that no request reaches a file of its choice."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from engramlab.web import limits
from engramlab.web.app import create_app
from engramlab.web.guard import COOKIE, LOOPBACK, Guard
from engramlab.web.laboratory import Laboratory

TOKEN = "a-token-of-some-length"
BASE = "http://127.0.0.1:8765"


def client_of(folder: Path, **settings: object) -> TestClient:
    guard = Guard(create_app(Laboratory(folder)), **settings)  # type: ignore[arg-type]
    return TestClient(guard, base_url=BASE, follow_redirects=False)


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    with client_of(tmp_path / "results") as client:
        yield client


@pytest.mark.parametrize("host", ["127.0.0.1:8765", "localhost:8765", "LOCALHOST", "[::1]:8765"])
def test_own_names_are_known(client: TestClient, host: str) -> None:
    assert client.get("/api/runs", headers={"host": host}).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example:8765", "10.0.0.7", ""])
def test_a_foreign_name_that_points_here_is_refused(client: TestClient, host: str) -> None:
    assert client.get("/api/runs", headers={"host": host}).status_code == 403


def test_any_number_is_a_name_when_listening_on_all_addresses(tmp_path: Path) -> None:
    with client_of(tmp_path, hosts=LOOPBACK | {"0.0.0.0"}, any_address=True) as client:
        assert client.get("/", headers={"host": "10.0.0.7:8765"}).status_code == 200
        assert client.get("/", headers={"host": "[fe80::1]:8765"}).status_code == 200
        assert client.get("/", headers={"host": "evil.example:8765"}).status_code == 403


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:9999"])
def test_a_page_of_another_origin_can_do_nothing(client: TestClient, origin: str) -> None:
    asked = {"yaml": "engramlab: 1"}
    headers = {"origin": origin}
    assert client.post("/api/protocols/check", json=asked, headers=headers).status_code == 403
    assert client.get("/api/runs", headers=headers).status_code == 403
    own = {"origin": BASE}
    assert client.post("/api/protocols/check", json=asked, headers=own).status_code == 200


def test_a_request_that_another_site_caused_is_refused(client: TestClient) -> None:
    for site in ("cross-site", "same-site"):
        headers = {"sec-fetch-site": site}
        assert client.get("/api/runs", headers=headers).status_code == 403
        assert client.post("/api/runs", headers=headers).status_code == 403
    assert client.get("/", headers={"sec-fetch-site": "cross-site"}).status_code == 200  # a link


def test_without_the_token_nothing_is_given(tmp_path: Path) -> None:
    with client_of(tmp_path, token=TOKEN) as client:
        page = client.get("/")
        assert page.status_code == 401
        assert "Token" in page.text
        assert TOKEN not in page.text
        for path in ("/api/runs", "/static/app.js", "/api/openapi.json"):
            assert client.get(path).status_code == 401
        assert client.get("/?token=wrong").status_code == 401
        assert client.get("/api/runs", cookies={COOKIE: "wrong"}).status_code == 401
        with (
            pytest.raises(WebSocketDisconnect) as refused,
            client.websocket_connect("/api/live/none"),
        ):
            pass
        assert refused.value.code == 1008


def test_the_token_opens_and_stays_in_a_cookie_that_scripts_cannot_read(tmp_path: Path) -> None:
    with client_of(tmp_path, token=TOKEN) as client:
        entry = client.get(f"/?token={TOKEN}")
        assert (entry.status_code, entry.headers["location"]) == (303, "/")
        cookie = entry.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=strict" in cookie
        assert client.get("/api/runs").status_code == 200
        client.cookies.clear()
        bearer = {"authorization": f"Bearer {TOKEN}"}
        assert client.get("/api/runs", headers=bearer).status_code == 200


def test_large_bodies_are_refused_with_and_without_their_length(client: TestClient) -> None:
    large = b"a" * (limits.MAX_BODY_BYTES + 1)
    assert client.post("/api/protocols/check", content=large).status_code == 413

    def parts() -> Iterator[bytes]:
        for _ in range(12):
            yield b"a" * 100_000

    json = {"content-type": "application/json"}
    response = client.post("/api/protocols/check", content=parts(), headers=json)
    assert response.status_code == 413


PATHS = [
    *("../../etc/passwd", "..", ".", "%2e%2e%2fsecret", "..\\secret", "/etc/passwd", "~", "\0"),
    *("small-seed1/../../secret", "....//secret", "CON", "a" * 120, "secret"),
]


@pytest.mark.parametrize("name", PATHS)
def test_no_name_of_a_request_reaches_another_file(tmp_path: Path, name: str) -> None:
    (tmp_path / "secret").mkdir()
    for file in ("protocol.yaml", "provenance.json", "scorecard.json", "report.html"):
        (tmp_path / "secret" / file).write_text("{} TOP-SECRET")
    (tmp_path / "results").mkdir()
    with client_of(tmp_path / "results") as client:
        for text in (name, quote(name, safe="")):
            for path in (
                f"/static/{text}",
                f"/api/runs/{text}",
                f"/api/runs/{text}/files/report",
                f"/api/runs/{text}/protocol",
                f"/api/protocols/{text}",
                f"/api/evidence/scorecards/{text}",
                f"/api/evidence/ablations/{text}",
            ):
                try:
                    response = client.get(path)
                except httpx.InvalidURL:  # no request can be made of it
                    continue
                assert "TOP-SECRET" not in response.text
                assert "root:" not in response.text
                assert response.status_code < 500


def test_a_link_out_of_the_results_folder_is_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    content: dict[str, object] = {"findings": [], "overall": {"held": 0, "of": 0}, "seeds": [1]}
    content["brain"] = {"switched_off": [], "changed": {}}
    (outside / "scorecard.json").write_text(json.dumps(content))
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "link").symlink_to(outside)
    with client_of(tmp_path / "results") as client:
        assert client.get("/api/evidence/scorecards").json() == []
        assert client.get("/api/evidence/scorecards/link").status_code == 404


def test_every_answer_forbids_scripts_from_elsewhere(client: TestClient) -> None:
    for path in ("/", "/static/app.js", "/api/runs", "/api/none"):
        headers = client.get(path).headers
        policy = headers["content-security-policy"]
        rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
        assert rules["default-src"] == "'none'"
        assert rules["script-src"] == "'self'"
        assert rules["frame-ancestors"] == "'none'"
        assert headers["x-content-type-options"] == "nosniff"
        assert "server" not in headers


def test_the_page_names_no_other_host(client: TestClient) -> None:
    """All that it loads is its own; links to papers are the user's to follow."""
    page = client.get("/").text
    assert "http://" not in page
    assert "https://" not in page
    for name in ("app.js", "style.css", "lib/api.js", "lib/chart.js"):
        text = client.get(f"/static/{name}").text
        assert "http://" not in text.replace("http://www.w3.org/", "")
        assert "https://" not in text
