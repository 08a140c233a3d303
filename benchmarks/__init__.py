"""One module a claim: ``python -m benchmarks.NAME --json``. Results are committed as CSV."""
