"""The report's section on volatility: what it works out, what it says, and what it draws."""

from __future__ import annotations

import dataclasses
import re
import warnings

import numpy as np
import pandas as pd
import pytest

from puffin import FallbackWarning, StochasticVolatilityModel
from puffin.inference.failure import SamplingError
from puffin.models.stochastic_vol import simulate
from puffin.report import ReportSettings, Source, find, numbers, render_page
from puffin.report import volatility_words as words
from puffin.report.figures import growth_curve, to_svg, volatility_path
from puffin.report.progress import Silence
from puffin.report.volatility import (
    Quantity,
    SkewedQuantity,
    Volatility,
    estimate_volatility,
    log_returns,
    volatilities,
)
from tests.report.test_report import Page

DATES = pd.bdate_range("2020-01-01", periods=300)
SETTINGS = ReportSettings(samples=500, seed=1, periods_per_year=252)
NASTY = "<script>alert('id=\"x\"')</script> & #1f5a94"


@pytest.fixture(scope="module")
def returns():
    random = np.random.default_rng(5)
    storm = 0.006 * random.normal(size=DATES.size)
    storm[-40:] *= 6.0
    usual = simulate(DATES.size, nu=8.0, random_seed=3)["returns"].to_numpy()
    active = np.arange(DATES.size) % 3 == 0
    frame = pd.DataFrame(
        {NASTY: storm, "usual": usual, "often flat": np.where(active, usual, 0.0)}, index=DATES
    )
    return {name: frame[name] for name in frame} | {"short": frame["usual"].iloc[:4].rename("s")}


@pytest.fixture(scope="module")
def findings(returns):
    return find(returns, SETTINGS, Source("x.csv"))


@pytest.fixture(scope="module")
def section(findings):
    """The section's HTML."""
    html = render_page(findings)
    Page(html)
    [section] = re.findall(r'<section id="volatility">.*?</section>', html, flags=re.DOTALL)
    return section


def made_up(n_times=5000, index=None, **changes):
    """Return a volatility that no model has made, with a path as long as it may be."""
    random = np.random.default_rng(1)
    index = pd.bdate_range("2000-01-01", periods=n_times) if index is None else index
    shown = index[np.unique(np.linspace(0, n_times - 1, 240).astype(int))]
    mean = 0.01 * np.exp(0.5 * random.normal(size=len(shown)))
    path = pd.DataFrame({"mean": mean, "hdi_low": 0.7 * mean, "hdi_high": 1.4 * mean}, shown)
    known = Quantity(0.0123, 0.0081, 0.0171)
    volatility = Volatility(
        returns=pd.Series(0.01 * random.normal(size=n_times), index),
        path=path,
        now=known,
        next_period=known,
        forecast=None,
        parameters={},
        typical=SkewedQuantity(0.01, 0.008, 0.012),
        half_life=SkewedQuantity(20.0, 10.0, 45.0),
        regime="normal",
        regime_probability=0.95,
        share_flat=0.0,
        model="normal errors",
        method="independence Metropolis",
        is_fallback=False,
        ess=1000.0,
        r_hat=1.001,
        acceptance=0.7,
        pareto_k_hat=0.3,
        n_draws=4000,
    )
    return dataclasses.replace(volatility, **changes)


class TestEstimate:
    def test_is_of_log_returns_and_the_library_s(self, findings, returns):
        one = findings.volatilities["usual"]
        model = StochasticVolatilityModel("student")
        model.fit(np.log1p(returns["usual"]), 1500, random_seed=1)
        table = model.volatility().loc[one.path.index, ["mean", "hdi_low", "hdi_high"]]
        pd.testing.assert_frame_equal(one.path[["mean", "hdi_low", "hdi_high"]], table)
        assert one.next_period.mean == pytest.approx(model.volatility_forecast)

    def test_path_is_thinned_but_keeps_its_extremes_and_its_end(self, findings, returns):
        one = findings.volatilities["usual"]
        model = StochasticVolatilityModel("student")
        whole = model.fit(np.log1p(returns["usual"]), 1500, random_seed=1).volatility_path
        assert len(one.path) <= 240 < whole.size
        assert one.path["mean"].max() == whole.max()
        assert one.path["mean"].min() == whole.min()
        assert one.path.index[-1] == DATES[-1]
        assert one.path.index.is_monotonic_increasing
        assert one.path.index.is_unique

    def test_a_storm_is_seen(self, findings):
        storm = findings.volatilities[NASTY]
        assert storm.regime == "high"
        assert storm.regime_probability > 0.8
        assert storm.now.mean > 3 * storm.path["mean"].iloc[0]

    def test_forecast_is_as_wide_as_asked(self, returns):
        wide, narrow = (
            estimate_volatility(returns["usual"], dataclasses.replace(SETTINGS, hdi_prob=prob))
            for prob in (0.94, 0.5)
        )
        assert list(wide.forecast.returns.columns) == [0.03, 0.25, 0.5, 0.75, 0.97]
        assert list(narrow.forecast.returns.columns) == [0.25, 0.5, 0.75]
        assert narrow.now.low > wide.now.low

    def test_flat_periods_are_not_seen(self, findings):
        flat = findings.volatilities["often flat"]
        assert flat.n_observations == 100
        assert flat.share_flat == pytest.approx(2 / 3)
        # Zeros taken for returns would have it near nothing.
        assert flat.typical.median > 0.5 * findings.volatilities["usual"].typical.median

    def test_total_loss_has_no_logarithm(self, returns):
        with pytest.raises(ValueError, match="-100% or less has no logarithm"):
            log_returns(pd.Series([0.1, -1.0]))
        lost = returns["usual"].copy()
        lost.iloc[-1] = -1.0
        findings = find({"lost": lost}, SETTINGS, Source("x"))
        assert "column 'lost'" in findings.without_volatility["lost"]
        html = render_page(findings)
        assert "No volatility: column &#39;lost&#39;: a return of -100% or less" in html
        assert 'id="volatility-1"' not in html

    def test_one_that_fails_leaves_the_others(self, returns):
        series = {name: returns[name] for name in ("short", "usual")}
        found, rejected = volatilities(series, SETTINGS, Silence())
        assert list(found) == ["usual"]
        assert "at least 5 observations; found 4" in rejected["short"]

    def test_a_fallback_says_whose_it_is(self, returns, monkeypatch):
        def fail(*_, **__):
            raise SamplingError("no luck")

        place = "puffin.models.volatility.engines.sample_stochastic_volatility"
        monkeypatch.setattr(place, fail)
        with pytest.warns(FallbackWarning, match="Volatility of usual: Sampling failed"):
            findings = find({"usual": returns["usual"]}, SETTINGS, Source("x"))
        one = findings.volatilities["usual"]
        assert one.is_fallback
        assert not one.is_fine
        html = render_page(findings)
        assert "usual: sampling failed, so that its volatility is a plain EWMA" in html
        assert "nan" not in " ".join(Page(html).text).lower().split()


class TestSection:
    def test_a_figure_and_a_row_for_each(self, section, findings):
        assert list(findings.volatilities) != []
        assert section.count("<figure id=") == len(findings.volatilities) == 3
        for place in range(1, 4):
            assert f'<figure id="volatility-{place}">' in section
            assert f'href="#volatility-{place}"' in section

    def test_says_why_there_is_none(self, section):
        assert "No volatility: column &#39;short&#39;" in section
        assert "at least 5 observations; found 4" in section

    def test_numbers_are_those_found(self, section, findings):
        one = findings.volatilities["usual"]
        assert f"<strong>{numbers.small_percent(one.now.mean)}</strong>" in section
        assert f"<td>{numbers.percent(252**0.5 * one.now.mean)}</td>" in section
        interval = numbers.percent_interval(one.next_period.low, one.next_period.high)
        assert f"<td>{interval}</td>" in section
        assert f"{one.parameters['phi'].mean:.3f}<small>" in section

    def test_headline_and_doubts(self, section):
        assert "probably in a time of high volatility" in section
        assert "often flat is flat on 67% of periods" in section

    def test_user_text_is_escaped(self, section):
        assert "<script" not in section
        assert "&lt;script&gt;" in section

    def test_method_names_the_priors(self, findings):
        assert "(phi + 1) / 2 ~ Beta(20, 1.5)" in render_page(findings)


class TestFigure:
    def test_of_twenty_years_is_small(self):
        assert len(to_svg(volatility_path(made_up()), "x", "title")) < 25_000

    def test_bars_are_the_largest_returns_of_their_stretch(self):
        volatility = made_up(1000)
        [bars] = [p for p in volatility_path(volatility).axes[0].patches if hasattr(p, "get_data")]
        heights, edges, _ = bars.get_data()
        assert len(heights) == 150
        size = volatility.returns.abs().to_numpy()
        assert heights.max() == pytest.approx(100 * size.max())
        days = (volatility.returns.index - pd.Timestamp("1970-01-01")).days.to_numpy()
        place = np.searchsorted(edges, days) - 1
        largest = [size[place == one].max() for one in range(150)]
        assert heights == pytest.approx(100 * np.array(largest))

    def test_missing_returns_leave_gaps(self):
        returns = pd.Series([0.01, np.nan, np.nan, 0.02, -0.03, 0.01], DATES[:6])
        path = made_up(6, DATES[:6]).path
        volatility = made_up(6, returns=returns, path=path)
        [bars] = [p for p in volatility_path(volatility).axes[0].patches if hasattr(p, "get_data")]
        assert bars.get_data().values == pytest.approx([1.0, 0.0, 0.0, 2.0, 3.0, 1.0])

    def test_a_crash_leaves_the_path_its_room(self):
        volatility = made_up(1000)
        volatility.returns.iloc[500] = -0.9
        top = volatility_path(volatility).axes[0].get_ylim()[1]
        assert top < 2 * max(100 * volatility.path["hdi_high"].max(), 3.5)

    @pytest.mark.parametrize(
        "index",
        [
            pd.RangeIndex(300),
            DATES.tz_localize("America/New_York"),
            pd.date_range("2024-01-01", periods=300, freq="5min"),
            pd.date_range("1990-01", periods=300, freq="MS"),
        ],
    )
    def test_any_index(self, index):
        svg = to_svg(volatility_path(made_up(300, pd.Index(index))), "x", "title")
        assert "var(--blue)" in svg
        assert ("observation" in svg) == isinstance(index, pd.RangeIndex)

    @pytest.mark.parametrize("n_times", [2, 4, 6, 30, 45, 70, 300, 650, 800, 1000, 1500, 8000])
    def test_dates_of_any_span_can_be_labelled(self, n_times):
        dates = pd.bdate_range("2000-01-01", periods=n_times)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            to_svg(growth_curve(pd.Series(np.linspace(1, 2, n_times), dates)), "x", "title")


class TestWords:
    def story(self, settings=SETTINGS, **changes):
        return " ".join(words.volatility_story("it", made_up(10, **changes), settings))

    @pytest.mark.parametrize(
        ("regime", "chance", "said"),
        [
            ("high", 0.95, "That is more than usual (high volatility: 95.0%; typical is 1.00%)"),
            ("low", 0.7, "That is probably less than usual"),
            ("normal", 0.45, "That may be within the usual range"),
        ],
    )
    def test_regime(self, regime, chance, said):
        assert said in self.story(regime=regime, regime_probability=chance)

    def test_numbers_and_periods(self):
        story = self.story()
        assert "it now moves by 1.23% a day (with 94% probability 0.81 to 1.71%)." in story
        assert "half is gone after about 20 days (10 to 45)" in story
        monthly = dataclasses.replace(SETTINGS, periods_per_year=12)
        assert "For the next month" in self.story(monthly)
        assert "1.23% an active day" in self.story(share_flat=0.6)

    def test_half_life(self):
        assert "after about 1 day (1 to 3)" in self.story(half_life=SkewedQuantity(0.8, 0.0, 3.4))
        assert "gone within a day" in self.story(half_life=SkewedQuantity(0.2, 0.0, 0.6))

    def test_headline(self):
        found = {
            "a": made_up(10, regime="high", regime_probability=0.8),
            "b": made_up(10, next_period=Quantity(0.05, 0.04, 0.06)),
            "c": made_up(10),
        }
        assert words.volatility_headline(found) == [
            "a (80.0%) is probably in a time of high volatility.",
            "b and c move within the usual range.",
            "The largest moves are to be expected of b: 5.00% in its next period.",
        ]
        found["c"] = made_up(10, regime="low", regime_probability=0.5)
        assert words.volatility_headline(found)[1] == "c may be in a time of low volatility."
        found["c"] = made_up(10)
        calm = {name: found[name] for name in "bc"}
        assert words.volatility_headline(calm)[0] == "All move within their usual range."
        assert words.volatility_headline({"a": found["a"]}) == []

    def test_doubts(self):
        assert words.volatility_doubts("it", made_up(100)) == []
        [few] = words.volatility_doubts("it", made_up(20))
        assert "20 returns say little" in few
        [stuck] = words.volatility_doubts("it", made_up(100, r_hat=1.2))
        assert "R-hat 1.200" in stuck


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0.0, "0.00%"),
        (0.01234, "1.23%"),
        (-0.01234, "-1.23%"),
        (0.1234, "12.3%"),
        (1.234, "123%"),
        (0.00005, "0.0050%"),
        (1e-9, "1e-7%"),
        (float("nan"), "–"),
    ],
)
def test_small_percent(value, said):
    assert numbers.small_percent(value) == said


def test_bounds_are_as_fine_as_each_other():
    assert numbers.percent_interval(0.0012, 0.1234) == "0.1 to 12.3%"
    assert numbers.percent_interval(-0.02, 0.0123) == "-2.00 to 1.23%"
    assert numbers.percent_interval(float("nan"), 0.1) == "–"
