"""Figures that are ratios within one run. `make bench` prints them; docs/benchmarks.md says what they mean."""
