"""The laboratory as a user has it: in a real browser, with real runs."""

from __future__ import annotations

import csv
import io
import shutil
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from laboratories import PROTOCOL, Laboratory
from playwright.sync_api import BrowserContext, FilePayload, Locator, Page, expect

from engramlab.cli import main
from engramlab.protocol import parse_protocol
from engramlab.record import Experiment

expect.set_options(timeout=60_000)


def open_protocol(page: Page, laboratory: Laboratory, text: str = PROTOCOL) -> None:
    page.goto(f"{laboratory.address}#/design")
    page.wait_for_selector(".block")
    file = FilePayload(name="mine.yaml", mimeType="text/yaml", buffer=text.encode())
    page.get_by_label("YAML file").set_input_files(file)
    expect(page.get_by_text("mine.yaml is open.")).to_be_visible()


def yaml_of(page: Page) -> str:
    return page.get_by_label("Protocol as YAML").input_value()


def changed(page: Page, before: str) -> str:
    """Wait until the text is another and the server has read it."""
    expect(page.get_by_label("Protocol as YAML")).not_to_have_value(before)
    return yaml_of(page)


def starts(text: str) -> dict[str, float]:
    """Hour at which each test and drug starts."""
    steps = parse_protocol(text).timeline
    return {getattr(step, "name", step.do): step.start_hours for step in steps}


def drag(page: Page, what: Locator, to: Locator, dx: float) -> None:
    start, end = what.bounding_box(), to.bounding_box()
    assert start
    assert end
    page.mouse.move(start["x"] + 8, start["y"] + 8)
    page.mouse.down()
    page.mouse.move(end["x"] + dx + 8, end["y"] + 12, steps=6)
    page.mouse.up()


def run_it(page: Page, animals: int, seed: int = 1) -> str:
    """Start the protocol of the design page; give the id of the run."""
    page.get_by_role("button", name="Run …").click()
    page.get_by_label("Animals in each group").fill(str(animals))
    page.get_by_label("Seed").fill(str(seed))
    page.get_by_role("dialog").get_by_role("button", name="Run").click()
    page.wait_for_url("**/#/run/*")
    return page.url.rpartition("/")[2]


def status(laboratory: Laboratory, id: str) -> Any:
    return laboratory.get(f"/runs/{id}")["status"]


def test_the_three_views_of_a_protocol_agree(page: Page, laboratory: Laboratory) -> None:
    open_protocol(page, laboratory)
    assert yaml_of(page) == PROTOCOL

    # By drag: a test moves later; the text follows, comments stay.
    lane = page.locator('[data-lane=""] .track')
    drag(page, page.locator(".block", has_text="test-B"), lane, 1100)
    text = changed(page, PROTOCOL)
    assert starts(text)["test-B"] > 24
    assert starts(text)["test-A"] == 24
    assert "# the window covers training only" in text

    # A drug is dragged into one group.
    lane = page.locator('[data-lane="shock"] .track')
    drag(page, page.locator(".palette [data-kind=drug]"), lane, 200)
    text = changed(page, text)
    drug = parse_protocol(text).timeline[-1]
    assert (drug.do, drug.groups) == ("drug", ("shock",))

    # By form.
    page.get_by_label("Lasts, hours").fill("6")
    page.get_by_label("Lasts, hours").press("Enter")
    text = changed(page, text)
    assert parse_protocol(text).timeline[-1].model_dump()["hours"] == 6
    expect(page.locator(".block[aria-label*='for 6 h']")).to_be_visible()

    # By keys: later, then away.
    page.locator(".block", has_text="anisomycin").focus()
    page.keyboard.press("ArrowRight")
    text = changed(page, text)
    assert starts(text)["drug"] > drug.start_hours
    expect(page.locator(".block:focus")).to_contain_text("anisomycin")
    page.keyboard.press("Delete")
    text = changed(page, text)
    assert "drug" not in starts(text)
    expect(page.locator(".block", has_text="anisomycin")).to_have_count(0)

    # By text: a renamed test shows in the form.
    page.get_by_label("Protocol as YAML").fill(text.replace("test-A", "recall"))
    page.locator(".block", has_text="recall").click()
    expect(page.get_by_label("Name", exact=True)).to_have_value("recall")

    # Undo goes back through all of it.
    for _ in range(12):
        if page.get_by_label("Undo").is_disabled() or yaml_of(page) == PROTOCOL:
            break
        text = yaml_of(page)
        page.get_by_label("Undo").click()
        changed(page, text)
    assert yaml_of(page) == PROTOCOL


def test_a_name_is_changed_everywhere(page: Page, laboratory: Laboratory) -> None:
    open_protocol(page, laboratory)
    page.get_by_role("button", name="Places").click()
    name = page.locator('[data-place="contexts.A.:name"]')
    name.fill("box")
    name.press("Enter")
    expect(page.locator('[data-place="contexts.box.:name"]')).to_be_visible()
    protocol = parse_protocol(yaml_of(page))
    assert protocol.contexts["B"].similar_to == "box"
    assert {step.context for step in protocol.timeline if step.do == "session"} == {"box", "B"}


def test_problems_are_told_with_their_line_and_stop_the_run(
    page: Page, laboratory: Laboratory
) -> None:
    wrong = PROTOCOL.replace("at_days: 1, context: B", "at_days: 1, context: Q")
    open_protocol(page, laboratory, wrong)
    line = 1 + next(i for i, text in enumerate(wrong.splitlines()) if "context: Q" in text)
    problem = page.locator("#yaml-problems li")
    expect(problem).to_contain_text(f"line {line}")
    expect(problem).to_contain_text("there is no context 'Q'")
    expect(page.locator(".gutter .wrong")).to_have_text(str(line))
    expect(page.locator(".block.wrong")).to_contain_text("test-B")
    expect(page.get_by_role("button", name="Run …")).to_be_disabled()
    page.get_by_label("Protocol as YAML").fill("engramlab: [1")
    expect(problem).to_contain_text("not valid YAML")
    page.get_by_label("Protocol as YAML").fill(PROTOCOL)
    expect(page.get_by_role("button", name="Run …")).to_be_enabled()


def test_start_from_a_finding_and_export(page: Page, laboratory: Laboratory) -> None:
    page.goto(f"{laboratory.address}#/design")
    page.get_by_role("button", name="Start from …").click()
    page.get_by_label("Search").fill("ryan 2015")
    page.get_by_role("dialog").get_by_role("button").filter(has_text="ryan2015").click()
    expect(page.locator(".block", has_text="anisomycin").first).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="Export").click()
    exported = Path(download.value.path()).read_text()
    assert exported == yaml_of(page)
    parse_protocol(exported)


def test_a_run_from_design_to_pictures(page: Page, laboratory: Laboratory) -> None:
    open_protocol(page, laboratory)
    id = run_it(page, animals=2, seed=7)
    expect(page.get_by_role("heading", name="Results")).to_be_visible(timeout=180_000)
    figure = page.locator("figure", has_text="Freezing").first
    expect(figure.locator("svg")).to_be_visible()

    # What the page saves is what the run measured.
    experiment = Experiment.load(laboratory.results / id)
    assert experiment.provenance["seed"] == 7
    rows = list(csv.DictReader(io.StringIO(saved(page, figure, "CSV").decode())))
    freezing = experiment.table[experiment.table["measure"] == "freezing"]
    assert len(rows) == len(freezing)
    ours = sorted(round(value, 6) for value in freezing["value"])
    np.testing.assert_allclose(sorted(float(row["freezing_percent"]) for row in rows), ours)
    assert ElementTree.fromstring(saved(page, figure, "SVG")).tag.endswith("svg")
    assert saved(page, figure, "PNG").startswith(b"\x89PNG")

    for title in (
        "shock: freezing",
        "Discrimination over days",
        "Reactivation over chance",
        "Overlap of active cells",
    ):
        expect(page.locator("figcaption", has_text=title)).to_be_visible()
    page.get_by_role("combobox", name="Measure").select_option("preference")
    expect(page.locator("figcaption", has_text="Place preference").first).to_be_visible()


def saved(page: Page, figure: Locator, kind: str) -> bytes:
    figure.locator(".save summary").click()
    with page.expect_download() as download:
        figure.get_by_role("button", name=kind, exact=True).click()
    return Path(download.value.path()).read_bytes()


def test_runs_queue_and_can_be_cancelled(page: Page, laboratory: Laboratory) -> None:
    long = PROTOCOL.replace("at_days: 1, context: B", "at_days: 100, context: B")
    open_protocol(page, laboratory, long.replace("name: small", "name: long"))
    first = run_it(page, animals=100)
    page.goto(f"{laboratory.address}#/design")
    second = run_it(page, animals=100)
    expect(page.locator(".detail .chip")).to_have_text("waiting, place 1")
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("No such run")).to_be_visible()  # nothing of it was worth keeping
    assert not (laboratory.results / second).exists()
    page.goto(f"{laboratory.address}#/run/{first}")
    expect(page.locator(".detail .chip")).to_have_text("running")
    expect(page.locator(".dots .on").first).to_be_attached(timeout=180_000)
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("button", name="Go on")).to_be_visible(timeout=120_000)
    assert status(laboratory, first) == "stopped"
    assert list((laboratory.results / first / "animals").glob("*.npz"))
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_text(first)).to_have_count(0)
    assert not (laboratory.results / first).exists()


def test_a_run_that_cannot_be_done_says_why(page: Page, laboratory: Laboratory) -> None:
    empty = """
engramlab: 1
name: empty-light
contexts: {A: {}}
cells: {few: {region: BLA, share: 0.0001}}
groups: {g: {}}
timeline:
  - {do: session, name: s, at_hours: 0, context: A, minutes: 2,
     light: [{cells: few, effect: drive}]}
"""
    open_protocol(page, laboratory, empty)
    run_it(page, animals=1)
    expect(page.locator(".detail .problems")).to_contain_text("holds no cell", timeout=120_000)
    expect(page.locator(".detail .chip").first).to_have_text("✗ failed")


def test_a_run_of_the_command_line_appears(
    page: Page, laboratory: Laboratory, finished_run: Path
) -> None:
    page.goto(f"{laboratory.address}#/run")
    page.locator(".run-card").first.wait_for()
    shutil.copytree(finished_run, laboratory.results / "by-command")
    page.get_by_role("link", name="by-command").click()
    expect(page.locator(".detail .chip").first).to_have_text("✓ complete")
    expect(page.get_by_role("heading", name="Results")).to_be_visible()


def test_two_tabs_see_the_same(context: BrowserContext, laboratory: Laboratory) -> None:
    one, other = context.new_page(), context.new_page()
    other.goto(f"{laboratory.address}#/run")
    open_protocol(one, laboratory)
    open_protocol(other, laboratory, PROTOCOL.replace("name: small", "name: other"))
    assert "name: small" in yaml_of(one)  # each has its own draft
    one.reload()
    one.wait_for_selector(".block")
    assert "name: small" in yaml_of(one)
    other.goto(f"{laboratory.address}#/run")
    id = run_it(one, animals=100, seed=5)  # long enough to be cancelled
    expect(other.locator(".run-card", has_text=id)).to_be_visible()
    one.get_by_role("button", name="Cancel").click(timeout=60_000)
    expect(other.locator(".run-card", has_text=id).get_by_text("running")).to_have_count(0)


def test_a_restart_of_the_server_loses_nothing(
    page: Page, tmp_path: Path, finished_run: Path
) -> None:
    laboratory = Laboratory(tmp_path / "results")
    laboratory.start()
    open_protocol(page, laboratory)
    id = run_it(page, animals=3, seed=1)  # as the finished run
    laboratory.stop()
    expect(page.get_by_text("not connected")).to_be_visible()
    laboratory.start()
    expect(page.get_by_role("heading", name="Results")).to_be_visible(timeout=180_000)
    laboratory.stop()
    digests = [
        Experiment.load(folder).provenance["digest"]
        for folder in (laboratory.results / id, finished_run)
    ]
    assert digests[0] == digests[1]


def test_scores_beside_a_model_run(page: Page, laboratory: Laboratory, finished_run: Path) -> None:
    rows = ["mouse,group,test,hours,score"]
    rows += [f"m{i},control,A,24,{50 + 3 * i}\nm{i},control,B,24,{20 + 2 * i}" for i in range(6)]
    page.goto(f"{laboratory.address}#/analyse")
    page.locator("#data-file").set_input_files(
        {"name": "mine.csv", "mimeType": "text/csv", "buffer": "\n".join(rows).encode()}
    )
    expect(page.get_by_role("alert").last).to_contain_text("there is no column 'animal'")
    for ours, theirs in (("animal *", "mouse"), ("value *", "score"), ("condition", "test")):
        page.get_by_label(f"Column: {ours}", exact=True).select_option(theirs)
    page.get_by_label("Test in the same place").fill("A")
    page.get_by_label("Test in another place").fill("B")
    page.get_by_label("Beside a finished run").select_option(finished_run.name)
    page.get_by_role("button", name="Analyse", exact=True).click()
    expect(page.get_by_text("means of the model lie within")).to_be_visible(timeout=120_000)
    figure = page.locator("figure", has_text="Freezing").first
    figure.locator("summary", has_text="Numbers").click()
    row = figure.get_by_role("row", name="control A")
    expect(row).to_contain_text("57.5")  # mean of 50, 53, ..., 65
    expect(page.locator("figcaption", has_text="Discrimination")).to_be_visible()


def test_a_recording_in_nwb(
    page: Page, laboratory: Laboratory, finished_run: Path, tmp_path: Path
) -> None:
    export = ["export", str(finished_run), "--format", "nwb", "--record", "CA1", "--quiet"]
    main([*export, "--out", str(tmp_path / "nwb")], standalone_mode=False)
    recording = next(tmp_path.glob("nwb/**/*training*.nwb"))
    page.goto(f"{laboratory.address}#/analyse")
    page.locator("#data-file").set_input_files(recording)
    expect(page.get_by_role("alert").last).to_contain_text("'kind' under 'What the file does not")
    page.get_by_label("kind", exact=True).fill("traces")
    page.get_by_role("button", name="Analyse", exact=True).click()
    expect(page.locator("summary", has_text="Cells: 100 rows")).to_be_visible(timeout=120_000)


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("broken.nwb", b"\x89HDF\r\n\x1a\n" + bytes(range(256)) * 8, "broken.nwb"),
        ("scores.csv", b"animal,value\nm1,lots\n", "row 2"),
        ("picture.exe", b"MZ", "no ending of a known format"),
        ("none.csv", b"", "the file is empty"),
    ],
)
def test_a_bad_file_is_refused_kindly(
    page: Page, laboratory: Laboratory, name: str, content: bytes, told: str
) -> None:
    page.goto(f"{laboratory.address}#/analyse")
    file = FilePayload(name=name, mimeType="application/octet-stream", buffer=content)
    page.locator("#data-file").set_input_files(file)
    alert = page.get_by_role("alert").last
    expect(alert).to_contain_text(told, timeout=120_000)
    expect(alert).not_to_contain_text("Traceback")
    expect(alert).not_to_contain_text("/tmp")


def test_a_finding_is_evaluated_and_its_runs_are_found(page: Page, laboratory: Laboratory) -> None:
    page.goto(f"{laboratory.address}#/evidence")
    page.get_by_label("Search findings").fill("liu2012")
    page.locator(".topic a").click()
    page.get_by_label("Animals a group").fill("2")
    page.get_by_role("button", name="Evaluate").click()
    expect(page.locator(".margin").first).to_be_visible(timeout=240_000)
    saved = laboratory.get("/evidence/scorecards")[0]
    outcome = laboratory.get(f"/evidence/scorecards/{saved['id']}")["findings"][0]["outcomes"][0]
    shown = ["✓" if predicate["passed"] else "✗" for predicate in outcome["predicates"]]
    assert page.locator(".predicates .mark").all_inner_texts() == shown
    expect(page.locator("figcaption", has_text="Freezing")).to_be_visible()
    page.get_by_role("button", name="Run", exact=True).click()
    page.wait_for_url("**/#/run/*")
    id = page.url.rpartition("/")[2]
    page.get_by_role("button", name="Cancel").click()
    assert id.startswith("artificial-recall")


def test_the_ablation_matrix_opens_a_cell(page: Page, laboratory: Laboratory) -> None:
    keep_ablation(laboratory.results / "ablation-liu2012")
    page.goto(f"{laboratory.address}#/evidence/ablation/ablation-liu2012")
    cell = page.get_by_role("button", name="liu2012 without replay: falls")
    page.locator(".cell").nth(5).wait_for()
    page.get_by_role("button", name="liu2012 without competition: holds still").focus()
    page.keyboard.press("ArrowRight")
    expect(cell).to_be_focused()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog.locator(".turned-over").first).to_contain_text("-4")
    expect(dialog.get_by_role("button", name="Run without replay")).to_be_visible()


def keep_ablation(folder: Path) -> None:
    """An ablation as `engramlab ablate` keeps it, with verdicts made by hand."""
    from engramlab.brain import Brain
    from engramlab.evidence import chosen
    from engramlab.studies.ablation import FULL, RESULTS, AblationPlan, open_folder
    from engramlab.studies.result import Line, Result, append_results, digest_of

    (finding,) = chosen(("liu2012",))
    open_folder(folder, AblationPlan((finding,), ("competition", "replay"), Brain(), 1, 4))
    results = []
    for key, passed in ((FULL, True), ("competition", True), ("replay", False)):
        margin = 12.0 if passed else -4.0
        lines = [
            Line(p.expr, p.kind, p.control, p.soft, passed, margin, margin - 1, margin + 1)
            for p in finding.predicates
        ]
        results.append(Result(key, finding.id, digest_of(finding), passed, 0.0, tuple(lines)))
    append_results(folder / RESULTS, results)
