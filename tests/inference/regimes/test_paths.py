from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from puffin.inference.regimes import paths
from puffin.inference.regimes.paths import draw_paths, run_filter, smooth
from puffin.laws import LAWS
from tests.inference.regimes import plain_filter
from tests.inference.regimes.problems import any_parameters, of_draw


@pytest.mark.parametrize("at_once", [1, 2**19])
@pytest.mark.parametrize("law", ["normal", "asymmetric"])
def test_the_kernels_match_their_twins(law, at_once, monkeypatch):
    monkeypatch.setattr(paths, "_AT_ONCE", at_once)
    stream, law = np.random.default_rng(1), LAWS[law]
    y = stream.standard_t(3, 30)
    y[[4, 29]] = np.nan
    parameters = any_parameters(stream, 5, 3, law)
    seen = 0
    for found in run_filter(y, parameters, law):
        smoothed = smooth(found, parameters.transition)
        for place, draw in enumerate(range(found.draws.start, found.draws.stop)):
            mean, sd, transition, shape = of_draw(parameters, draw)
            density = plain_filter.densities(y, mean, sd, law, shape)
            twin = plain_filter.run(density, transition, parameters.initial[draw])
            ours = (found.predicted, found.filtered, smoothed, found.log_predictive)
            for mine, theirs in zip(ours, twin, strict=True):
                np.testing.assert_allclose(mine[place], theirs, rtol=1e-9, atol=1e-13)
            seen += 1
    assert seen == 5


def test_a_filter_goes_on_from_where_it_was():
    stream, law = np.random.default_rng(2), LAWS["normal"]
    y, parameters = stream.standard_normal(20), any_parameters(stream, 3, 2, law)
    [whole] = run_filter(y, parameters, law)
    [first] = run_filter(y[:12], parameters, law)
    [rest] = run_filter(y[12:], parameters, law, first.predicted[:, -1])
    np.testing.assert_allclose(rest.filtered, whole.filtered[:, 12:], rtol=1e-12)


def test_paths_have_the_probabilities_of_all_of_them():
    """Chi-square over the 16 paths of four periods: false alarm 1e-5."""
    stream, law = np.random.default_rng(3), LAWS["normal"]
    y, parameters = stream.standard_normal(4), any_parameters(stream, 1, 2, law)
    many = parameters.take(np.zeros(20_000, np.int64))
    mean, sd, transition, shape = of_draw(parameters, 0)
    density = plain_filter.densities(y, mean, sd, law, shape)
    truth = plain_filter.path_probabilities(density, transition, parameters.initial[0])
    drawn = np.concatenate(
        [draw_paths(found, many.transition, stream)[:, :-1] for found in run_filter(y, many, law)]
    )
    codes = drawn @ (2 ** np.arange(3, -1, -1))
    counts = np.bincount(codes, minlength=16)
    expected = np.array(list(truth.values())) / sum(truth.values()) * len(drawn)
    assert stats.chisquare(counts, expected).pvalue > 1e-5
