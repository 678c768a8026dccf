from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from puffin.models.regimes import BayesianRegimeSwitching
from puffin.models.regimes.plots import regimes_figure
from tests.inference.regimes import plain_filter
from tests.models.regimes.fitting import fitted, returns


def test_the_three_kinds_of_probabilities_are_averages_over_draws():
    """Of a plain filter's, with the draws that are averaged."""
    model = fitted()
    parameters = model.fitted.some_draws(400)
    y, law = model.fitted.observed, model.fitted.draws.law
    sums = [0.0, 0.0, 0.0]
    for draw in range(len(parameters.mean)):
        density = plain_filter.densities(y, parameters.mean[draw], parameters.sd[draw], law, {})
        run = plain_filter.run(density, parameters.transition[draw], parameters.initial[draw])
        sums = [total + part[:-1] for total, part in zip(sums, run[:3], strict=True)]
    for kind, total in zip(("predicted", "filtered", "smoothed"), sums, strict=True):
        found = model.regime_probabilities(kind)
        np.testing.assert_allclose(found, total / len(parameters.mean), rtol=1e-6, atol=1e-9)
        assert found.index.equals(returns()[:400].index)
        assert list(found.columns) == [1, 2]
    pd.testing.assert_frame_equal(
        model.regime_probabilities(), model.regime_probabilities("filtered")
    )


def test_a_kind_that_there_is_not():
    with pytest.raises(ValueError, match="kind must be one of"):
        fitted().regime_probabilities("realtime")


def test_durations_are_of_the_probability_of_staying():
    model = fitted()
    table = model.expected_durations()
    staying = model.posterior.variables["transition"][:, :, 0, 0]
    assert table.loc[1, "median"] == pytest.approx(np.median(1.0 / (1.0 - staying)))
    assert (table["hdi_low"] < table["median"]).all()
    assert (table["median"] < table["hdi_high"]).all()


def test_what_is_shown_of_a_regime_that_is_never_left_is_a_median():
    """The mean of its duration is that of a few draws, if there is one at all."""
    values = 0.01 * np.concatenate([
        np.random.default_rng(1).standard_normal(100),
        4.0 * np.random.default_rng(2).standard_normal(100),
    ])  # fmt: skip
    model = BayesianRegimeSwitching(2, "normal").fit(values, 500, chains=2, cores=1, random_seed=1)
    table = model.summary()
    staying = model.posterior.variables["transition"][..., 1, 1]
    median = table.loc["expected_duration[2]", "median"]
    assert median == pytest.approx(np.median(1.0 / (1.0 - staying)))
    assert table.loc["expected_duration[2]", "mean"] > 1.5 * median
    shown = model._card().table
    [row] = [one for one in shown.rows if one[0] == "expected_duration[2]"]
    assert shown.headings[1] == "median"
    assert float(row[1]) == pytest.approx(median, rel=0.06)


def test_drawn_paths_have_the_smoothed_probabilities():
    """200 paths: 5.5 standard errors at each of 400 periods, false alarm below 1e-4."""
    model = fitted()
    paths = model.draw_regimes(200)
    assert paths.shape == (200, 400)
    assert set(np.unique(paths)) == {1, 2}
    truth = model.regime_probabilities("smoothed")[2].to_numpy()
    error = np.sqrt(np.maximum(truth * (1 - truth), 0.02) / 200)
    assert (np.abs((paths == 2).mean(axis=0) - truth) < 5.5 * error).all()
    np.testing.assert_array_equal(paths, model.draw_regimes(200))


def test_the_next_regime_is_the_last_one_and_a_switch():
    model = fitted()
    assert model.next_regime.sum() == pytest.approx(1.0)
    last = model.fitted.averaged_paths.predicted[-1]
    np.testing.assert_allclose(model.next_regime, last, atol=0.02)


def test_simulated_histories_look_like_the_returns():
    regimes, simulated = fitted().simulate(400, 300, random_seed=1)
    assert regimes.shape == simulated.shape == (300, 400)
    assert simulated.std() == pytest.approx(returns()[:400].std(), rel=0.2)
    assert (np.diff(regimes, axis=1) != 0).mean() < 0.15


def test_diagnostics_and_idata():
    model = fitted()
    facts = model.diagnostics
    assert facts["method"] == "independence Metropolis"
    assert facts["pareto_k_hat"] < 0.7
    assert facts["ess_bulk"] > 200
    posterior = model.idata["posterior"]
    assert posterior["mean"].dims == ("chain", "draw", "regime")
    assert posterior["transition"].dims == ("chain", "draw", "regime", "regime_to")


@pytest.mark.parametrize("zone", [None, "America/New_York"])
def test_every_period_is_shaded_up_to_the_next(zone):
    """A regime of a single period and the last period are shaded too, without a gap."""
    pytest.importorskip("matplotlib")
    from matplotlib.dates import date2num

    index = pd.bdate_range("2020-01-01", periods=12, tz=zone)
    inside = np.array([0, 0, 1, 0, 1, 1, 0, 0, 0, 0, 0, 1])
    probabilities = pd.DataFrame({1: 1.0 - inside, 2: inside}, index)
    figure = regimes_figure(pd.Series(0.01, index), probabilities, "return", "title", None)
    ends = date2num(index.append(index[-1:] + pd.Timedelta(days=1)))
    for number, shade in enumerate(figure.axes[0].collections):
        covered = [(p.vertices[:, 0].min(), p.vertices[:, 0].max()) for p in shade.get_paths()]
        begins = np.flatnonzero(np.diff(inside == number, prepend=False) & (inside == number))
        stops = [row + int(np.argmin([*(inside[row:] == number), False])) for row in begins]
        assert covered == [tuple(ends[[a, b]]) for a, b in zip(begins, stops, strict=True)]


def test_bands_of_a_forecast_have_colours_of_their_own():
    pytest.importorskip("matplotlib")
    above, below = fitted().forecast(5).plot().axes
    assert above.get_xlim() == below.get_xlim()
    shades = [tuple(one.get_facecolor()) for one in below.get_legend().get_patches()]
    assert len(set(shades)) == 2


def test_pictures_are_drawn_where_one_wants_them():
    pytest.importorskip("matplotlib")
    from matplotlib.figure import Figure

    model, prices = fitted(), (1 + returns()).cumprod()
    ax = Figure().subplots()
    assert model.plot(ax=ax) is ax
    assert ax.get_title(loc="left") == "Most probable regime of fund, given all returns"
    assert ax.get_legend().get_frame().get_alpha() == 1.0
    assert [one.get_text() for one in ax.get_legend().get_texts()] == [
        "regime 1 (calmest)",
        "regime 2 (wildest)",
    ]
    assert model.plot_regimes("filtered", prices=prices).axes[0].get_ylabel() == "price"
    stacked = model.plot_probabilities(ax=Figure().subplots())
    assert stacked.get_ylim() == (0.0, 1.0)
    assert stacked.get_ylabel() == "probability"
    assert model.plot_posterior("sd[1]") is not None
    assert model.forecast(5).plot() is not None
