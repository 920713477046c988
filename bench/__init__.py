"""Benchmarks: each row has its target; a missed target ends with exit code 1. Run one with `python -m bench.NAME`."""
