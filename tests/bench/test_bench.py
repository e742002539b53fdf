"""The benchmark: engines that agree, one that does not, what is written, what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from engramlab.bench import SCALES, benchmark
from engramlab.bench.bench import OURS, BenchmarkError
from engramlab.bench.machine import fastest
from engramlab.bench.others import DenseNumPy, SparseRows, compete
from engramlab.bench.ours import Ours
from engramlab.bench.task import PATTERNS, Scale
from engramlab.cli._main import main
from engramlab.errors import ParameterError

SMALL = Scale(300, 90)


def test_all_engines_give_the_same_rates_and_learn() -> None:
    engines = [kind(SMALL) for kind in (Ours, SparseRows, DenseNumPy)]
    of_first_pattern = []
    for moment in range(5 * PATTERNS):
        rates = [engine.moment(SMALL.patterns[moment % PATTERNS]).copy() for engine in engines]
        for other in rates[1:]:
            np.testing.assert_allclose(other, rates[0], atol=2e-3)
        assert rates[0].sum() == pytest.approx(SMALL.active, rel=1e-3)
        if moment % PATTERNS == 0:
            of_first_pattern.append(rates[0])
    # Without learning the same pattern would give the same rates again.
    assert np.abs(of_first_pattern[-1] - of_first_pattern[0]).max() > 0.1


def test_hashed_wiring_computes_what_stored_wiring_does(monkeypatch: pytest.MonkeyPatch) -> None:
    stored = Ours(SMALL)
    monkeypatch.setattr("engramlab.bench.ours.STORED_SYNAPSES", 0)
    hashed = Ours(SMALL)
    for moment in range(2 * PATTERNS):
        pattern = SMALL.patterns[moment % PATTERNS]
        np.testing.assert_array_equal(stored.moment(pattern), hashed.moment(pattern))
    assert hashed.held_bytes() < stored.held_bytes()


def test_inhibition_of_the_references_keeps_the_sum() -> None:
    h = np.linspace(0, 3, 50, dtype=np.float32)
    assert compete(h, 5.0).sum() == pytest.approx(5, rel=1e-5)
    np.testing.assert_allclose(compete(h, 50.0), np.clip((h - 0.7) / 0.4, 0, 1), atol=1e-6)


def test_an_engine_that_computes_something_else_stops_the_benchmark(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(SCALES, "small", SMALL)
    right = DenseNumPy.moment
    monkeypatch.setattr(DenseNumPy, "moment", lambda self, p: right(self, p) * np.float32(0.9))
    with pytest.raises(BenchmarkError, match="NumPy dense and engramlab differ"):
        benchmark(["small"], seconds=0.01)


def test_a_coarse_clock_does_not_make_short_work_free(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock of CPU time moves by 10 ms on some machines; the work takes a microsecond."""
    done = 0

    def work() -> None:
        nonlocal done
        done += 1

    reads = iter(range(10**9))
    # Each reading takes 1 ms, each call of the work 1 us.
    monkeypatch.setattr(
        "engramlab.bench.machine.time.process_time",
        lambda: (done * 1e-6 + next(reads) * 1e-3) // 0.01 * 0.01,
    )
    assert fastest(work, seconds=0.01) == pytest.approx(1e-6, rel=0.1)


def test_an_unknown_size_is_refused() -> None:
    with pytest.raises(ParameterError, match="no size '5k'"):
        benchmark(["5k"])


def test_the_command_writes_numbers_and_a_figure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(SCALES, "small", SMALL)
    arguments = ["bench", "--sizes", "small", "--seconds", "0.01", "--quiet"]
    result = CliRunner().invoke(main, [*arguments, "--out", str(tmp_path)])
    assert result.exit_code == 0, result.output
    assert "x faster than the best of the others" in result.output
    content = json.loads((tmp_path / "bench.json").read_text())
    ours = next(row for row in content["rows"] if row["engine"] == OURS)
    assert ours["ms"] > 0
    assert ours["largest_difference"] == 0
    assert content["machine"]["scatter_adds_per_second"]["small"] > 0
    assert content["advantage"]["small"]["over"] in {"NumPy/SciPy sparse", "NumPy dense"}
    for row in content["rows"]:
        assert ("ms" in row) != ("skipped" in row)
    assert (tmp_path / "bench.svg").read_text().lstrip().startswith("<?xml")
