# SPDX-License-Identifier: Apache-2.0
"""Writes slope-reference.json: series with what SciPy and NumPy say of them. python3 slope-reference.py > slope-reference.json, with SciPy and NumPy."""
import json
import math

import numpy as np
import scipy
from scipy import stats

rng = np.random.default_rng(20261123)
CONFIDENCE = 0.98
BLOCK = 3
RESAMPLES = 20_000


def medians(at, values, count):
    edges = [index * len(at) // count for index in range(count + 1)]
    parts = list(zip(edges, edges[1:]))
    return np.array([np.median(at[a:b]) for a, b in parts]), np.array([np.median(values[a:b]) for a, b in parts])


def interval(at, values):
    """Circular block bootstrap of residuals, as much wider as Student's distribution is."""
    count = min(30, len(at) // 5)
    x, y = medians(at, values, count)
    slope = stats.theilslopes(y, x).slope
    residuals = y - slope * x - np.median(y - slope * x)
    i, j = np.triu_indices(count, 1)
    errors = np.empty(RESAMPLES)
    for resample in range(RESAMPLES):
        starts = rng.integers(0, count, math.ceil(count / BLOCK))
        drawn = residuals[((starts[:, None] + np.arange(BLOCK)) % count).ravel()[:count]]
        errors[resample] = np.median((drawn[j] - drawn[i]) / (x[j] - x[i]))
    outside = (1 - CONFIDENCE) / 2
    wider = stats.t.ppf(1 - outside, count / BLOCK - 2) / stats.norm.ppf(1 - outside) * math.sqrt(count / (count - 2 * BLOCK))
    low, high = np.quantile(errors, [outside, 1 - outside]) * wider
    return {"value": float(slope), "low": float(slope - high), "high": float(slope - low)}


cases = []
for count, slope, correlation in [(60, 0.0, 0.0), (90, 1.0, 0.5), (300, 0.2, 0.9), (600, 1.0, 0.9)]:
    noise = np.empty(count)
    noise[0] = rng.normal()
    for index in range(1, count):
        noise[index] = correlation * noise[index - 1] + math.sqrt(1 - correlation**2) * rng.normal()
    at = np.round(np.arange(count) / 60 + rng.uniform(0, 0.002, count), 6)
    values = np.round(60 + slope * at + 0.3 * noise, 6)
    few = 25
    cases.append(
        {
            "at": at.tolist(),
            "values": values.tolist(),
            "theilSen": float(stats.theilslopes(values[:few], at[:few]).slope),
            **interval(at, values),
        }
    )
print(json.dumps({"scipy": scipy.__version__, "confidence": CONFIDENCE, "few": few, "cases": cases}))
