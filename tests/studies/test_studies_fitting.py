"""Fits: find what there is to find, stay in range, resume to the same bits, report honestly."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from study_stubs import Bowl, catalogue

from engramlab.brain import Brain
from engramlab.cli import main
from engramlab.errors import OutputError
from engramlab.report.fitting import fit_content, parameters_text, write_fit_report
from engramlab.studies import Fit, FitPlan, fit, make_plan, read_plan
from engramlab.studies.space import axes_named

NAMES = ("boost_gain", "boost_tau_hours", "CA1-PFC.learning_rate")
GOAL = {"boost_gain": 0.6, "boost_tau_hours": 0.35, "CA1-PFC.learning_rate": 0.5}
FITTED, HELD = ("liu2012", "han2007"), ("kim1992",)


def plan_of(folder: Path, **settings: Any) -> FitPlan:
    known = catalogue()
    settings = {"generations": 6, "step": 0.1, "check_seeds": 2, **settings}
    plan = make_plan([known[id] for id in FITTED], [known[id] for id in HELD], NAMES, **settings)
    folder.mkdir(exist_ok=True)
    plan.save(folder)
    return plan


def timeless(found: Fit) -> dict[str, Any]:
    content = fit_content(found)
    for name in ("date", "hours", "command"):
        del content[name]
    for generation in content["history"]:
        del generation["seconds"]
    return content


def test_a_fit_finds_the_optimum(tmp_path: Path) -> None:
    found = fit(plan_of(tmp_path, generations=40), tmp_path, workers=1, run_one=Bowl(GOAL))
    assert found.chosen in ("best", "mean")
    for axis in axes_named(NAMES):
        assert axis.place(found.end.parameters[axis.name]) == pytest.approx(
            GOAL[axis.name], abs=0.05
        )
    fitted, held = found.side(fitted=True), found.side(fitted=False)
    assert [one.finding for one in fitted] == list(FITTED)
    assert [one.finding for one in held] == list(HELD)
    for one in (*fitted, *held):
        assert one.held == (0, 2)
        assert one.loss[1] < one.loss[0]


def test_a_fit_stays_inside_its_ranges(tmp_path: Path) -> None:
    beyond = {"boost_gain": 1.3, "boost_tau_hours": -0.3, "CA1-PFC.learning_rate": 0.5}
    bowl = Bowl(beyond)
    found = fit(plan_of(tmp_path, generations=40), tmp_path, workers=1, run_one=bowl)
    for axis in axes_named(NAMES):
        for job in bowl.jobs:
            assert axis.low <= job.brain.parameters[axis.name] <= axis.high
    ends = {axis.name: axis.place(found.end.parameters[axis.name]) for axis in axes_named(NAMES)}
    assert ends["boost_gain"] > 0.9
    assert ends["boost_tau_hours"] < 0.1


def test_candidates_of_a_generation_meet_the_same_animals_and_generations_others(
    tmp_path: Path,
) -> None:
    bowl = Bowl(GOAL)
    found = fit(plan_of(tmp_path), tmp_path, workers=1, run_one=bowl)
    seeds = [generation.seed for generation in found.generations]
    assert len(set(seeds)) == len(seeds) == 6
    for generation in found.generations:
        jobs = [job for job in bowl.jobs if job.key.startswith(f"{generation.number}:")]
        assert {job.seed for job in jobs} == {generation.seed}
        assert len({job.key for job in jobs}) == len(generation.points) + 1  # and the start
    check = [job.seed for job in bowl.jobs if job.key.split(":")[0] not in "123456"]
    assert len(set(check)) == 2
    assert not set(check) & set(seeds)


def test_what_is_held_out_is_not_run_before_the_search_is_over(tmp_path: Path) -> None:
    bowl = Bowl(GOAL)
    fit(plan_of(tmp_path), tmp_path, workers=1, run_one=bowl)
    held = [n for n, job in enumerate(bowl.jobs) if job.findings[0].id in HELD]
    fitted = [n for n, job in enumerate(bowl.jobs) if job.findings[0].id in FITTED]
    assert len(held) == 2 * 2  # start and end on two cohorts
    assert min(held) > max(fitted)


@pytest.mark.parametrize("interrupt_at", [1, 2, 17, 40, 97, 100, 107])
def test_a_stopped_fit_goes_on_to_the_same_result(tmp_path: Path, interrupt_at: int) -> None:
    whole, first = Bowl(GOAL), Bowl(GOAL, interrupt_at)
    plan_of(tmp_path / "whole")
    undisturbed = fit(read_plan(tmp_path / "whole"), tmp_path / "whole", workers=1, run_one=whole)
    assert len(whole.jobs) >= interrupt_at  # else the case tests nothing
    plan_of(tmp_path / "stopped")
    with pytest.raises(KeyboardInterrupt):
        fit(read_plan(tmp_path / "stopped"), tmp_path / "stopped", workers=1, run_one=first)
    second = Bowl(GOAL)
    resumed = fit(read_plan(tmp_path / "stopped"), tmp_path / "stopped", workers=1, run_one=second)
    assert timeless(resumed) == timeless(undisturbed)
    assert len(first.jobs) + len(second.jobs) == len(whole.jobs)  # nothing is run twice


def test_more_generations_go_on_from_a_finished_fit(tmp_path: Path) -> None:
    long, short = tmp_path / "long", tmp_path / "short"
    whole = fit(plan_of(long, generations=8), long, workers=1, run_one=Bowl(GOAL))
    plan = plan_of(short, generations=3)
    fit(plan, short, workers=1, run_one=Bowl(GOAL))
    more = plan.model_copy(update={"generations": 8})
    found = fit(more, short, workers=1, run_one=Bowl(GOAL))
    assert timeless(found) == timeless(whole)


def test_a_line_torn_by_a_kill_is_run_again(tmp_path: Path) -> None:
    whole = fit(plan_of(tmp_path / "a"), tmp_path / "a", workers=1, run_one=Bowl(GOAL))
    plan = plan_of(tmp_path / "b")
    with pytest.raises(KeyboardInterrupt):
        fit(plan, tmp_path / "b", workers=1, run_one=Bowl(GOAL, 21))
    partial = tmp_path / "b" / "generation.jsonl"
    partial.write_text(partial.read_text()[:-9])
    again = fit(plan, tmp_path / "b", workers=1, run_one=Bowl(GOAL))
    assert timeless(again) == timeless(whole)


def test_where_nothing_is_better_the_start_stays(tmp_path: Path) -> None:
    start = Brain().parameters
    here = {axis.name: axis.place(start[axis.name]) for axis in axes_named(NAMES)}
    found = fit(plan_of(tmp_path, generations=2), tmp_path, workers=1, run_one=Bowl(here))
    assert found.chosen == "start"
    assert found.end == Brain()
    assert "nothing better" in fit_content(found)["conclusion"]


def test_a_gain_on_fitted_findings_alone_is_called_so(tmp_path: Path) -> None:
    bowl = Bowl(GOAL)

    def worse_elsewhere(job: Any) -> list[Any]:
        from dataclasses import replace

        results = bowl(job)
        return [
            replace(one, loss=0.9 - one.loss) if one.finding in HELD else one for one in results
        ]

    found = fit(plan_of(tmp_path, generations=20), tmp_path, workers=1, run_one=worse_elsewhere)
    assert "got worse" in fit_content(found)["conclusion"]


class Clock:
    """Ten minutes pass in each generation."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        self.seconds += 300.0
        return self.seconds


@pytest.mark.parametrize(("hours", "most"), [(0.01, 1), (1.0, 12), (2.0, 24)])
def test_a_budget_ends_the_search_in_time_for_the_comparison(
    tmp_path: Path, hours: float, most: int
) -> None:
    plan = plan_of(tmp_path, generations=None, budget_hours=hours)
    found = fit(plan, tmp_path, workers=1, run_one=Bowl(GOAL), clock=Clock())
    one = found.generations[0].seconds
    assert one == 300
    assert 1 <= len(found.generations) <= most
    if most > 1:
        assert len(found.generations) * one <= hours * 3600 - one * 0.5
        assert (len(found.generations) + 3) * one > hours * 3600  # nor much too early


def test_a_finding_that_changed_ends_a_resumed_fit(tmp_path: Path) -> None:
    plan = plan_of(tmp_path)
    stale = plan.model_copy(update={"fitted": {**plan.fitted, "liu2012": "0" * 12}})
    with pytest.raises(OutputError, match=r"liu2012.*asks something else"):
        fit(stale, tmp_path, workers=1, run_one=Bowl(GOAL))
    gone = plan.model_copy(update={"held_out": {"nobody1999": "0" * 12}})
    with pytest.raises(OutputError, match=r"nobody1999.*not in the catalogue"):
        fit(gone, tmp_path, workers=1, run_one=Bowl(GOAL))


def test_another_engine_cannot_go_on(tmp_path: Path) -> None:
    plan_of(tmp_path).model_copy(update={"engine": "0" * 16}).save(tmp_path)
    with pytest.raises(OutputError, match="another engine"):
        read_plan(tmp_path)


def test_a_report_says_what_was_fitted_and_what_held_out(tmp_path: Path) -> None:
    found = fit(plan_of(tmp_path), tmp_path, workers=1, run_one=Bowl(GOAL))
    html = write_fit_report(found, tmp_path).read_text()
    content = json.loads((tmp_path / "fit.json").read_text())
    assert content["split"] == {"fitted": list(FITTED), "held_out": list(HELD)}
    assert content["conclusion"] in html.replace("&#39;", "'")
    assert not re.search(r"<(script|link|iframe)|src=\"http", html)
    held = html.index("Findings held out</caption>")
    assert html.index(">liu2012<", html.index("Findings the fit saw</caption>")) < held
    assert html.index(">kim1992<", held) > held
    for name in NAMES:
        assert f">{name}<" in html
        assert content["parameters"][name]["low"] <= content["parameters"][name]["end"]
    assert (tmp_path / "figures" / "convergence.svg").exists()
    assert (tmp_path / "figures" / "convergence.png").exists()


def test_the_parameters_file_is_the_brain_at_the_end(tmp_path: Path) -> None:
    from engramlab.cli.run import brain_of

    found = fit(plan_of(tmp_path), tmp_path, workers=1, run_one=Bowl(GOAL))
    path = tmp_path / "parameters.yaml"
    path.write_text(parameters_text(found))
    assert brain_of((), (), path) == found.end
    assert found.end != Brain()
    assert brain_of(("boost_gain=2",), (), path).parameters["boost_gain"] == 2


def refused(*arguments: str) -> str:
    done = CliRunner().invoke(main, ["fit", "--quiet", *arguments])
    assert done.exit_code == 2, done.output
    assert "Traceback" not in done.output
    return done.stderr


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("--findings", "liu2021", "--budget", "1"), "did you mean 'liu2012'"),
        (("--fit-on", "nobody", "--budget", "1"), "none of the findings"),
        (("--parameters", "bost_gain", "--budget", "1"), "did you mean 'boost_gain'"),
        (("--findings", "liu2012", "--budget", "1"), "at least two"),
        (
            ("--findings", "liu2012,kim1992", "--fit-on", "liu2012,kim1992", "--budget", "1"),
            "no finding held out",
        ),
        (("--hold-out", "", "--budget", "1"), "no finding held out"),
        (("--hold-out-share", "0", "--budget", "1"), "hold-out share"),
        (("--budget", "0"), "budget"),
        (("--budget", "-1"), "budget"),
        (("--budget", "nan"), "budget"),
        (("--generations", "0"), "generations"),
        (("--step", "0", "--budget", "1"), "step"),
        (("--population", "2", "--budget", "1"), "population"),
        ((), "has no end"),
        (("--start", "nowhere.yaml", "--budget", "1"), "nowhere.yaml"),
        (("--data", "nowhere.csv", "--budget", "1"), "nowhere.csv"),
        (("--resume", "nowhere"), "holds no fit"),
    ],
)
def test_bad_input_is_an_error_that_teaches(
    arguments: tuple[str, ...], expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert expected in refused(*arguments)
    assert list(tmp_path.iterdir()) == []


def test_a_finding_on_the_data_cannot_be_held_out(tmp_path: Path) -> None:
    scores = tmp_path / "scores.csv"
    rows = [f"m{n},training,{hours},{40 + n}" for hours in (1, 24) for n in range(3)]
    scores.write_text("\n".join(["animal,condition,hours,value", *rows]))
    names = ("--findings", "tome2024_selectivity,liu2012", "--generations", "1")
    out = ("--data", str(scores), "--out", str(tmp_path / "out"))
    message = refused(*names, *out, "--hold-out", "tome2024_selectivity")
    assert "runs the protocol that is fitted to the data" in message


def test_a_resumed_fit_keeps_what_it_was_begun_with(tmp_path: Path) -> None:
    plan_of(tmp_path)
    message = refused("--resume", str(tmp_path), "--seed", "2", "--parameters", "boost_gain")
    assert "--seed" in message
    assert "--parameters" in message
    (tmp_path / "plan.json").write_text("{}")
    assert "is damaged" in refused("--resume", str(tmp_path))


def test_a_small_fit_from_the_command_line(tmp_path: Path) -> None:
    out = tmp_path / "out"
    arguments = (
        "fit --findings engram_size,han2007 --hold-out han2007 --parameters boost_gain,trait_sd "
        f"--generations 1 --population 4 --check-seeds 1 --animals 2 --workers 1 --out {out} --json"
    )
    done = CliRunner().invoke(main, arguments.split())
    assert done.exit_code == 0, done.stderr
    printed = json.loads(done.stdout)
    assert printed["split"] == {"fitted": ["engram_size"], "held_out": ["han2007"]}
    assert printed["generations"] == 1
    assert printed["candidates"] == 4
    assert "--hold-out han2007" in printed["command"]
    assert Path(printed["report"]).exists()
    more = ["fit", "--resume", str(out), "--generations", "2", "--workers", "1", "--json"]
    again = CliRunner().invoke(main, more)
    assert again.exit_code == 0, again.stderr
    assert json.loads(again.stdout)["generations"] == 2
