"""How much faster GaussianProcess learns its hyperparameters than scikit-learn's.

Both maximize the same marginal likelihood (no prior) from one start, on 100 points in 6 dimensions,
with one thread: Matern-5/2, one length scale a dimension, signal and noise variance. They run
in turn on the same data, so that a busy machine slows both; the ratio is taken run by run.
The log likelihoods that they reach are printed, too: a fit that stops early is fast as well.

Run it with: python benchmarks/gaussian_process.py
"""

import os

os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1")

import sys
import time
import warnings
from pathlib import Path

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import ConstantKernel, Matern, WhiteKernel

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from hpo_helpers import GaussianProcess  # noqa: E402

N_POINTS, N_DIMENSIONS, N_RUNS = 100, 6, 15


def ours(X, y, **options):
    gp = GaussianProcess("matern52", noise_variance=None, mean=0.0, **options).fit(X, y)
    return gp.log_marginal_likelihood_value_


def sklearns(X, y):
    kernel = ConstantKernel(1.0) * Matern(np.full(N_DIMENSIONS, 0.5), nu=2.5) + WhiteKernel(0.01)
    return GaussianProcessRegressor(kernel).fit(X, y).log_marginal_likelihood_value_


def timed(fit, X, y, **options):
    start = time.perf_counter()
    value = fit(X, y, **options)
    return time.perf_counter() - start, value


def main():
    warnings.simplefilter("ignore", ConvergenceWarning)
    rows = []
    for seed in range(-1, N_RUNS):
        rng = np.random.default_rng(abs(seed))
        X = rng.random((N_POINTS, N_DIMENSIONS))
        y = np.sin(X @ [3, 2, 1, 0.5, 0, 0]) + 0.1 * rng.standard_normal(N_POINTS)
        y = (y - y.mean()) / y.std()
        fits = (sklearns, {}), (ours, {"prior": False}), (ours, {})
        rows.append([timed(fit, X, y, **options) for fit, options in fits])
    seconds, values = np.moveaxis(np.array(rows[1:]), -1, 0)  # The first run warms up.
    print(f"{N_POINTS} points, {N_DIMENSIONS} dimensions, {N_RUNS} data sets, one thread")
    for name, i in (("scikit-learn", 0), ("ours, likelihood", 1), ("ours, with prior", 2)):
        low, middle, high = np.percentile(seconds[:, 0] / seconds[:, i], [25, 50, 75])
        print(
            f"{name:17s}{1e3 * np.median(seconds[:, i]):8.1f} ms   "
            f"{middle:5.1f} times faster (quartiles {low:.1f} to {high:.1f})   "
            f"median log likelihood {np.median(values[:, i]):.3f}"
        )


if __name__ == "__main__":
    main()
