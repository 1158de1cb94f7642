# SPDX-License-Identifier: Apache-2.0
"""Writes reference.json: samples with what SciPy says of them. python3 reference.py > reference.json, with SciPy 1.17 and NumPy."""
import itertools
import json

import numpy as np
import scipy
from scipy import stats

rng = np.random.default_rng(20261123)


def interval(values, confidence):
    """The interval of shifts that SciPy's exact test does not reject, by trying a point between each two Walsh averages."""
    walsh = sorted((a + b) / 2 for a, b in itertools.combinations_with_replacement(values, 2))
    edges = [walsh[0] - 1, *walsh, walsh[-1] + 1]
    kept = []
    for low, high in zip(edges, edges[1:]):
        shifted = [value - (low + high) / 2 for value in values]
        if stats.wilcoxon(shifted, method="exact").pvalue > 1 - confidence:
            kept.append((low, high))
    return [min(low for low, _ in kept), max(high for _, high in kept)]


cases = []
for count, shift, spread in [(5, 0.0, 1), (8, 0.4, 1), (12, 0.0, 0.02), (12, 0.05, 0.02), (24, 0.0, 0.03), (24, 0.05, 0.03), (48, 0.01, 0.04)]:
    values = [round(float(value), 6) for value in rng.standard_t(3, count) * spread + shift]
    walsh = [(a + b) / 2 for a, b in itertools.combinations_with_replacement(values, 2)]
    cases.append(
        {
            "values": values,
            "greater": float(stats.wilcoxon(values, alternative="greater", method="exact").pvalue),
            "twoSided": float(stats.wilcoxon(values, method="exact").pvalue),
            "hodgesLehmann": float(np.median(walsh)),
            "interval95": interval(values, 0.95) if count >= 8 else None,
            "interval99": interval(values, 0.99) if count >= 12 else None,
        }
    )
print(json.dumps({"scipy": scipy.__version__, "cases": cases}, indent=1))
