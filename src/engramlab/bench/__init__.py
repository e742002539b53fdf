"""Benchmarks: the engine beside other ways to compute the same equations, on the user's machine."""

from engramlab.bench.bench import Benchmark, benchmark
from engramlab.bench.task import SCALES, Scale

__all__ = ["SCALES", "Benchmark", "Scale", "benchmark"]
