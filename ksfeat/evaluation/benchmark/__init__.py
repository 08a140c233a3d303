"""Benchmarks: every contender on the same folds of the same images."""

from ksfeat.evaluation.benchmark.contenders import Contender, parse_contenders
from ksfeat.evaluation.benchmark.results import Benchmark
from ksfeat.evaluation.benchmark.run import Settings, run_benchmark

__all__ = ["Benchmark", "Contender", "Settings", "parse_contenders", "run_benchmark"]
