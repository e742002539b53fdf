"""Ablation: what falls is marked, results are kept, and a folder of another brain is refused."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from study_stubs import catalogue, failing, falling, hashed

from engramlab.brain import Brain
from engramlab.cli import main
from engramlab.errors import OutputError, ParameterError
from engramlab.evidence import Finding, score
from engramlab.report.ablation import text_matrix, write_ablation_report
from engramlab.studies import Ablation, AblationPlan, ablate, mechanisms_named
from engramlab.studies.ablation import names_mechanism
from engramlab.studies.jobs import Job
from engramlab.studies.result import Result

IDS = ("liu2012", "han2007", "kim1992", "ryan2015")
FALLS = {"replay": {"kim1992", "ryan2015"}, "creb": {"han2007"}, "novelty": set[str]()}
FAILS = {"ryan2015"}  # with the full brain
STUB = falling(FALLS, FAILS)


def plan_of(ids: tuple[str, ...] = IDS, seed: int = 1) -> AblationPlan:
    known = catalogue()
    return AblationPlan(tuple(known[id] for id in ids), tuple(FALLS), Brain(), seed)


def stubbed(folder: Path | None = None) -> Ablation:
    return ablate(plan_of(), folder, workers=1, run_one=STUB)


def test_what_falls_is_gained_and_stays() -> None:
    ablation = stubbed()
    assert ablation.holding == ["liu2012", "han2007", "kim1992"]
    assert ablation.those("replay", "falls") == ["kim1992"]
    assert ablation.those("replay", "gained") == ["ryan2015"]
    assert ablation.those("replay", "holds") == ["liu2012", "han2007"]
    assert ablation.those("creb", "falls") == ["han2007"]
    assert ablation.those("creb", "fails") == ["ryan2015"]
    assert ablation.carrying_none == ["novelty"]
    assert ablation.carried_by_none == ["liu2012"]
    kim = catalogue()["kim1992"]
    turned = [(one.margin, two.margin) for one, two in ablation.turned("replay", kim)]
    assert turned == [(5, -5)]
    assert ablation.predicates_lost("replay") == 1  # what is gained is not lost
    assert ablation.predicates_lost("novelty") == 0


def test_a_finding_about_the_mechanism_itself_is_not_scored_without_it() -> None:
    known = catalogue()
    about = {
        finding.id: names
        for finding in known.values()
        if (names := {name for group in finding.plan.groups.values() for name in group.without})
    }
    finding = next(iter(about), None)
    if finding is None:
        pytest.skip("no finding compares groups with and without a mechanism")
    mechanism = sorted(about[finding])[0]
    plan = AblationPlan((known[finding], known["liu2012"]), (mechanism,), Brain())
    seen: list[tuple[str, str]] = []

    def run_one(job: Job) -> list[Result]:
        seen.extend((job.key, one.id) for one in job.findings)
        return STUB(job)

    ablation = ablate(plan, workers=1, run_one=run_one)
    assert names_mechanism(known[finding], mechanism)
    assert ablation.state(mechanism, known[finding]) == "n/a"
    assert (mechanism, finding) not in seen
    assert ("", finding) in seen
    assert ablation.to_dict()["mechanisms"][mechanism]["not_applicable"] == [finding]


def test_contested_findings_are_shown_and_carry_nothing() -> None:
    liu = catalogue()["liu2012"]
    contested = liu.model_copy(update={"tier": "contested"})
    plan = AblationPlan((contested,), ("creb",), Brain())
    ablation = ablate(plan, workers=1, run_one=falling({"creb": {"liu2012"}}, set()))
    assert ablation.those("creb", "falls") == []
    assert ablation.those("creb", "falls", counted=False) == ["liu2012"]
    assert ablation.carrying_none == ["creb"]
    assert "contested" in text_matrix(ablation)


class Counting:
    """Counts findings run; stops the whole at a given one."""

    def __init__(self, stop_at: int = 0) -> None:
        self.stop_at, self.run = stop_at, 0

    def __call__(self, job: Job) -> list[Result]:
        if self.stop_at and self.run >= self.stop_at:
            raise KeyboardInterrupt
        self.run += len(job.findings)
        return STUB(job)


@pytest.mark.parametrize("stop_at", [1, 4, 9])
def test_a_stopped_ablation_goes_on_and_runs_nothing_twice(tmp_path: Path, stop_at: int) -> None:
    first, second, third = Counting(stop_at), Counting(), Counting()
    with pytest.raises(KeyboardInterrupt):
        ablate(plan_of(), tmp_path, workers=1, run_one=first)
    ablation = ablate(plan_of(), tmp_path, workers=1, run_one=second)
    assert first.run + second.run == len(IDS) * (1 + len(FALLS))
    assert ablation.to_dict() == stubbed().to_dict()
    ablate(plan_of(), tmp_path, workers=1, run_one=third)
    assert third.run == 0


def test_a_kept_result_of_a_finding_that_changed_is_void(tmp_path: Path) -> None:
    ablate(plan_of(), tmp_path, workers=1, run_one=STUB)
    path = tmp_path / "results.jsonl"
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    for line in lines:
        if line["finding"] == "liu2012":
            line["digest"] = "0" * 12
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    again = Counting()
    ablate(plan_of(), tmp_path, workers=1, run_one=again)
    assert again.run == 1 + len(FALLS)


def test_a_folder_of_another_ablation_is_refused(tmp_path: Path) -> None:
    ablate(plan_of(), tmp_path, workers=1, run_one=STUB)
    with pytest.raises(OutputError, match="another seed"):
        ablate(plan_of(seed=2), tmp_path, workers=1, run_one=STUB)
    other = AblationPlan(plan_of().findings, ("creb",), Brain().with_parameters(boost_gain=2))
    with pytest.raises(OutputError, match="another brain"):
        ablate(other, tmp_path, workers=1, run_one=STUB)
    (tmp_path / "results.jsonl").write_text("nonsense\n")
    with pytest.raises(OutputError, match=r"results.jsonl, line 1.*damaged"):
        ablate(plan_of(), tmp_path, workers=1, run_one=STUB)


def test_mechanisms_are_named_with_care() -> None:
    assert mechanisms_named(("replay", "replay"), Brain()) == ("replay",)
    assert len(mechanisms_named((), Brain())) == len(Brain().mechanisms)
    assert "replay" not in mechanisms_named((), Brain().without("replay"))
    with pytest.raises(ParameterError, match="did you mean 'replay'"):
        mechanisms_named(("repaly",), Brain())
    with pytest.raises(ParameterError, match="off already"):
        mechanisms_named(("replay",), Brain().without("replay"))


def test_a_matrix_fits_a_screen() -> None:
    many = [
        catalogue()["liu2012"].model_copy(update={"id": f"finding_number_{n}"}) for n in range(60)
    ]
    falls = {"replay": {finding.id for finding in many[:50]}}
    plan = AblationPlan(tuple(many), ("creb", "replay"), Brain())
    text = text_matrix(ablate(plan, workers=1, run_one=falling(falls, set())), 80)
    lines = text.splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[3].split()[:2] == ["replay", "50"]
    assert "carry no finding: creb" in text
    assert "and 4" in text  # the rest of the fifty is on the page
    assert len(lines) <= 3 + 2 * 2 + 4


def test_the_page_holds_every_cell_with_symbol_and_title(tmp_path: Path) -> None:
    ablation = stubbed()
    html = write_ablation_report(ablation, tmp_path).read_text()
    assert not re.search(r"<(script|link|iframe)|src=\"http", html)
    cells = re.findall(r'<td class="(falls|gained|holds|fails|na)" title="([^"]+)">(.)</td>', html)
    assert len(cells) == len(IDS) * len(FALLS)
    by_title = {title.split(":")[0]: (state, symbol) for state, title, symbol in cells}
    assert by_title["kim1992 without replay"] == ("falls", "▼")
    assert by_title["ryan2015 without replay"] == ("gained", "▲")
    assert by_title["han2007 without novelty"][0] == "holds"
    assert "margin +5 → −5" in html
    assert (tmp_path / "figures" / "ablation-matrix.svg").exists()
    assert (tmp_path / "figures" / "ablation-matrix.png").exists()


def test_names_in_the_page_are_escaped(tmp_path: Path) -> None:
    evil = '<script>alert("x")</script>'
    finding: Finding = catalogue()["liu2012"].model_copy(update={"title": evil, "topic": evil})
    plan = AblationPlan((finding,), ("creb",), Brain())
    ablation = ablate(plan, workers=1, run_one=STUB)
    assert "<script" not in write_ablation_report(ablation, tmp_path).read_text()


def command(out: Path, *more: str) -> list[str]:
    names = ["--only", "engram_size,han2007", "--mechanism", "competition,chemogenetics"]
    return ["ablate", *names, "--animals", "4", "--workers", "1", "--out", str(out), *more]


def test_ablate_on_the_command_line_says_what_scoring_says(tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = CliRunner().invoke(main, command(out, "--json"))
    assert done.exit_code == 0, done.stderr
    printed = json.loads(done.stdout)
    findings = [catalogue()["engram_size"], catalogue()["han2007"]]

    def passed(brain: Brain) -> dict[str, bool]:
        outcomes = score(findings, animals=4, seed=1, workers=1, brain=brain)
        return {outcome.finding.id: outcome.passed for outcome in outcomes}

    full = passed(Brain())
    assert {id: one["holds"] for id, one in printed["findings"].items()} == full
    assert printed["mechanisms"]["competition"]["predicates_lost"] > 0
    for name, one in printed["mechanisms"].items():
        without = passed(Brain().without(name))
        assert one["falls"] == [id for id in full if full[id] and not without[id]]
        assert one["gained"] == [id for id in full if without[id] and not full[id]]
    assert Path(printed["report"]).exists()
    assert json.loads((out / "ablation.json").read_text())["status"] == "complete"
    again = CliRunner().invoke(main, command(out))  # kept: nothing is run
    assert again.exit_code == 0, again.stderr
    assert "carry no finding: " in again.stdout
    refused = CliRunner().invoke(main, command(out, "--seed", "2"))
    assert refused.exit_code == 2
    assert "another seed" in refused.stderr


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("--only", "liu2021"), "did you mean 'liu2012'"),
        (("--mechanism", "repaly"), "did you mean 'replay'"),
        (("--parameters", "nowhere.yaml"), "nowhere.yaml"),
        (("--workers", "0"), "workers"),
    ],
)
def test_bad_input_is_an_error_that_teaches(
    arguments: tuple[str, ...], expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(main, ["ablate", "--quiet", "--out", "out", *arguments])
    assert done.exit_code == 2, done.output
    assert expected in done.stderr
    assert not (tmp_path / "out" / "results.jsonl").exists()


def test_a_folder_with_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    done = CliRunner().invoke(main, command(tmp_path))
    assert done.exit_code == 2
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_worker_processes_change_nothing() -> None:
    here, side_by_side = (
        ablate(plan_of(), workers=workers, run_one=hashed).to_dict() for workers in (1, 2)
    )
    assert here == side_by_side
    assert len({str(one) for one in here["mechanisms"].values()}) > 1


def test_an_error_in_a_worker_reaches_the_caller() -> None:
    with pytest.raises(ParameterError, match="a stub that fails"):
        ablate(plan_of(), workers=2, run_one=failing)
