"""The report: what it works out, what it says, and the page that it makes."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from scipy import integrate, stats

from puffin import bayesian_sharpe
from puffin.backtest.performance import performance
from puffin.report import (
    ReportSettings,
    Source,
    checks,
    find,
    numbers,
    render_page,
    words,
    write_report,
)
from puffin.report.predictive import expected_returns
from puffin.report.saving import reserved
from puffin.report.sections import SECTIONS

DATES = pd.bdate_range("2019-01-01", periods=250)
SETTINGS = ReportSettings(samples=500, seed=1)
NASTY = "<script>alert('id=\"x\"')</script> & $\\alpha$ #1f5a94"


@pytest.fixture(scope="module")
def returns():
    random = np.random.default_rng(11)
    market = 0.0004 + 0.008 * random.standard_t(5, len(DATES))
    flat = np.where(np.arange(len(DATES)) % 5 == 0, 0.004 * random.normal(size=len(DATES)), 0.0)
    frame = pd.DataFrame(
        {
            "steady": 0.001 + 1.5 * market + 0.002 * random.normal(size=len(DATES)),
            NASTY: -0.0005 + 0.5 * market + 0.004 * random.normal(size=len(DATES)),
            "often flat": flat,
            "market": market,
        },
        index=DATES,
    )
    return {name: frame[name] for name in frame}


@pytest.fixture(scope="module")
def findings(returns):
    return find(returns, SETTINGS, Source("some <b>file</b>.csv"), benchmark="market")


@pytest.fixture(scope="module")
def html(findings):
    return render_page(findings)


class Page(HTMLParser):
    """The page as a list of elements, with a check that every one is closed in its place."""

    VOID = frozenset({"meta", "br", "hr", "img", "input", "link"})

    def __init__(self, html):
        super().__init__()
        self.elements, self.open, self.text = [], [], []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes), tuple(self.open)))
        if tag not in self.VOID:
            self.open.append((tag, dict(attributes).get("class")))

    def handle_startendtag(self, tag, attributes):
        self.elements.append((tag, dict(attributes), tuple(self.open)))

    def handle_endtag(self, tag):
        assert self.open, f"</{tag}> closes nothing"
        assert self.open[-1][0] == tag, f"</{tag}> closes <{self.open[-1][0]}>"
        self.open.pop()

    def handle_data(self, data):
        self.text.append(data)

    def all(self, tag):
        return [attributes for name, attributes, _ in self.elements if name == tag]


class TestPage:
    def test_needs_nothing_else(self, html):
        page = Page(html)
        names = {name for name, _, _ in page.elements}
        assert not names & {"script", "link", "img", "iframe", "object", "embed", "base"}
        for _, attributes, _ in page.elements:
            assert not any(name.startswith("on") for name in attributes)
            for name in ("href", "xlink:href", "src"):
                assert attributes.get(name, "#").startswith("#")
        assert "@import" not in html
        assert set(re.findall(r"url\((.)", html)) <= {"#"}
        assert set(re.findall(r"https?://[^\"' ]+", html)) == {
            "http://www.w3.org/2000/svg",
            "http://www.w3.org/1999/xlink",
        }

    def test_ids_are_unique_and_links_lead_somewhere(self, html):
        page = Page(html)
        ids = [a["id"] for _, a, _ in page.elements if "id" in a]
        assert len(ids) == len(set(ids))
        links = re.findall(r'(?:href="|url\()#([^")]+)', html)
        assert links
        assert set(links) <= set(ids)

    def test_user_text_is_escaped(self, html):
        assert "<script" not in html
        assert "<b>file" not in html
        page = Page(html)
        assert NASTY in "".join(page.text)
        headings = html.count("&lt;script&gt;")
        assert headings > 5

    def test_figures_say_what_they_show(self, html, findings):
        page = Page(html)
        pictures = page.all("svg")
        of_one = 5  # four of its Sharpe ratio, one of its volatility
        assert len(pictures) == of_one * len(findings.sharpes) + 4
        for picture in pictures:
            assert picture["role"] == "img"
            assert "width" not in picture
            assert f'<title id="{picture["aria-labelledby"]}">' in html

    def test_wide_tables_scroll_in_their_own_box(self, html):
        page = Page(html)
        tables = [parents for name, _, parents in page.elements if name == "table"]
        summary, comparison, benchmark, volatility, of_each_strategy = 1, 3, 1, 2, 3
        together = summary + comparison + benchmark + volatility
        assert len(tables) == together + 4 * of_each_strategy
        for parents in tables:
            assert {"scroll", "tables"} & {name for _, name in parents}

    def test_header_says_what_and_how(self, html):
        text = " ".join(Page(html).text)
        for fact in ("2019-01-01 to 2019-12-16", "250 daily returns", "252", "0% a year", "Seed"):
            assert fact in text

    def test_numbers_are_the_library_s(self, html, findings, returns):
        sharpe = bayesian_sharpe(returns["steady"], 500, random_seed=1, periods_per_year=252)
        assert findings.sharpes["steady"] == sharpe
        text = " ".join(" ".join(Page(html).text).split())
        mean, low, high = (
            numbers.decimal(sharpe[key]).replace("-", "−")
            for key in ("mean", "hdi_low", "hdi_high")
        )
        assert f"{mean} {low} to {high}" in text

    def test_is_small(self, html):
        assert len(html) < 600_000

    def test_does_not_depend_on_the_user_s_matplotlib_style(self, findings, html):
        with mpl.rc_context({"font.size": 30, "lines.linewidth": 9, "text.usetex": True}):
            assert render_page(findings) == html

    def test_colours_follow_the_page(self, html):
        drawings = "".join(re.findall(r"<svg.*?</svg>", html, flags=re.DOTALL))
        attributes = "".join(re.findall(r"<[^>]+>", drawings))
        assert "var(--blue)" in attributes
        assert not re.search(r"#[0-9a-f]{6}\b", attributes.replace("#1f5a94</title>", ""))

    def test_one_that_fails_leaves_the_others(self, findings, monkeypatch):
        def fail(_):
            raise RuntimeError("no <ink>")

        fail.__module__ = "puffin.report.sections.comparison"
        builders = (SECTIONS[0], fail, *SECTIONS[2:])
        monkeypatch.setattr("puffin.report.page.SECTIONS", builders)
        with pytest.warns(UserWarning, match="section on comparison could not be made"):
            html = render_page(findings)
        assert "RuntimeError: no &lt;ink&gt;" in html
        assert 'id="strategy-4"' in html


class TestOtherData:
    def test_one_strategy(self, returns):
        html = render_page(find({"steady": returns["steady"]}, SETTINGS, Source("x")))
        page = Page(html)
        assert "Sharpe ratio of steady" in html
        assert 'id="comparison"' not in html
        assert len(page.all("svg")) == 5

    @pytest.mark.parametrize("autocorrelation", ["ignore", "ar1"])
    def test_ten_undated_rows(self, returns, autocorrelation):
        short = {
            name: pd.Series(returns[name].to_numpy()[:10], pd.Index(np.arange(10)))
            for name in ("steady", "market")
        }
        settings = ReportSettings(samples=500, seed=1, autocorrelation=autocorrelation)
        html = render_page(find(short, settings, Source("x"), benchmark="market"))
        assert len(Page(html).all("svg")) == 14
        assert "fewer than 60 observations" in html
        assert "none given" in html

    def test_total_loss(self, returns):
        lost = returns["steady"].copy()
        lost.iloc[-1] = -1.0
        html = render_page(find({"lost": lost}, SETTINGS, Source("x")))
        assert len(Page(html).all("svg")) == 3
        assert "nan" not in " ".join(Page(html).text).lower().split()

    def test_no_shared_dates(self, returns):
        early, late = returns["steady"].iloc[:100], returns["market"].iloc[150:]
        with pytest.warns(UserWarning, match="share") as caught:
            findings = find({"early": early, "late": late}, SETTINGS, Source("x"), benchmark="late")
        assert any("no regression" in str(one.message) for one in caught)
        html = render_page(findings)
        assert "independent of the others" in html
        assert findings.benchmark.regressions == {}
        assert set(findings.benchmark.differences) == {"early"}
        Page(html)

    def test_bad_strategy_is_named_and_left_out(self, returns):
        findings = find(
            {"good": returns["steady"], "bad": returns["market"] * np.nan}, SETTINGS, Source("x")
        )
        assert list(findings.sharpes) == ["good"]
        assert "column 'bad'" in findings.rejected["bad"]
        assert "Left out: column &#39;bad&#39;" in render_page(findings)

    def test_nothing_valid(self, returns):
        with pytest.raises(ValueError, match="column 'bad'"):
            find({"bad": returns["market"] * np.nan}, SETTINGS, Source("x"))
        both = {"good": returns["steady"], "bad": returns["market"] * 0.0}
        with pytest.raises(ValueError, match="benchmark cannot be used"):
            find(both, SETTINGS, Source("x"), benchmark="bad")

    def test_failed_comparison_leaves_the_rest(self, returns, monkeypatch):
        def fail(*_, **__):
            raise ValueError("no luck")

        monkeypatch.setattr("puffin.report.findings.strategy_comparison", fail)
        with pytest.warns(UserWarning, match="could not be compared: no luck"):
            findings = find(returns, SETTINGS, Source("x"), benchmark="market")
        assert len(findings.sharpes) == 4
        assert findings.benchmark.regressions
        html = render_page(findings)
        assert "could not be compared: no luck" in html
        assert 'id="strategy-4"' in html
        Page(html)

    def test_many_strategies(self):
        noise = np.random.default_rng(2).normal(0, 0.01, (60, 16))
        many = {f"s{i}": pd.Series(noise[:, i], DATES[:60]) for i in range(16)}
        html = render_page(find(many, ReportSettings(samples=500, seed=1), Source("x")))
        assert len(Page(html).all("svg")) == 5 * 16 + 2
        assert "The best of 16 looks better than it is" in html


class TestBenchmark:
    def test_recovers_alpha_and_beta(self):
        random = np.random.default_rng(4)
        dates = pd.bdate_range("2000-01-01", periods=4000)
        market = 0.0003 + 0.01 * random.normal(size=dates.size)
        rate = 1.05 ** (1 / 252) - 1
        strategy = rate + 0.0004 + 1.3 * (market - rate) + 0.005 * random.normal(size=dates.size)
        findings = find(
            {"a": pd.Series(strategy, dates), "b": pd.Series(market, dates)},
            ReportSettings(samples=500, seed=1, risk_free_rate=0.05),
            Source("x"),
            benchmark="b",
        )
        regression = findings.benchmark.regressions["a"]
        for draws, truth in ((regression.alpha, 0.0004 * 252), (regression.beta, 1.3)):
            assert abs(draws.mean() - truth) < 3 * draws.std()
        assert regression.alpha.std() == pytest.approx(0.005 * 252 / np.sqrt(4000), rel=0.1)
        assert regression.explained == pytest.approx(0.013**2 / (0.013**2 + 0.005**2), abs=0.02)

    def test_differences_are_those_of_the_joint_draws(self, findings):
        comparison, benchmark = findings.comparison, findings.benchmark
        assert set(benchmark.differences) == set(comparison.strategies) - {"market"}
        for name, draws in benchmark.differences.items():
            assert np.mean(draws > 0) == comparison.prob_better.loc[name, "market"]


class TestPredictive:
    def test_density_is_one_and_follows_the_data(self, findings):
        expected = expected_returns(findings.sharpes["market"], 1)
        mass, _ = integrate.quad(lambda x: expected.density(np.array([x]))[0], -0.3, 0.3, limit=200)
        assert mass == pytest.approx(1.0, abs=0.01)
        fitted = stats.t(*stats.t.fit(expected.observed))
        middle = fitted.ppf(np.linspace(0.1, 0.9, 9))
        assert expected.density(middle) == pytest.approx(fitted.pdf(middle), rel=0.15)

    def test_risk_free_rate_is_given_back(self, returns):
        plain, excess = (
            expected_returns(bayesian_sharpe(returns["market"], 500, rate, random_seed=1), 1)
            for rate in (0.0, 0.5)
        )
        assert excess.observed == pytest.approx(returns["market"].to_numpy())
        assert excess.centre.mean() == pytest.approx(plain.centre.mean(), abs=1e-4)

    def test_active_periods_only(self, findings, returns):
        expected = expected_returns(findings.sharpes["often flat"], 1)
        active = returns["often flat"][returns["often flat"] != 0.0]
        assert expected.observed == pytest.approx(active.to_numpy())
        assert expected.share_active == 0.2

    def test_active_periods_only_where_few_are_flat(self):
        """Flat on a tenth of days: zero is not the median, and is left out all the same."""
        values = 0.004 + 0.01 * np.random.default_rng(7).standard_t(5, 500)
        values[::10] = 0.0
        for rate in (0.0, 0.03):
            sharpe = bayesian_sharpe(values, 250, rate, random_seed=1)
            expected = expected_returns(sharpe, 1)
            np.testing.assert_allclose(expected.observed, values[values != 0.0], atol=1e-15)
            assert expected.share_active == 0.9

    def test_autocorrelation_widens_it(self):
        random, series = np.random.default_rng(6), np.zeros(2000)
        for i in range(1, series.size):
            series[i] = 0.7 * series[i - 1] + 0.01 * random.normal()
        sharpe = bayesian_sharpe(series, 500, autocorrelation="ar1", random_seed=1)
        expected = expected_returns(sharpe, 1)
        variance = np.var(expected.centre) + np.mean(
            expected.scale**2 * expected.tail / (expected.tail - 2)
        )
        assert np.sqrt(variance) == pytest.approx(series.std(), rel=0.1)

    def test_counts_hold_as_often_as_they_say(self):
        random = np.random.default_rng(8)
        inside = []
        for seed in range(20):
            data = 0.01 * random.standard_t(4, 300)
            expected = expected_returns(bayesian_sharpe(data, 250, random_seed=seed), seed)
            edges = np.quantile(data, [0.0, 0.02, 0.1, 0.3, 0.5, 0.7, 0.9, 0.98, 1.0])
            edges = np.linspace(-0.03, 0.03, 9)
            low, high = expected.counts(edges, 0.9, seed)
            counts, _ = np.histogram(data, edges)
            inside.append((counts >= low) & (counts <= high))
        # The data were seen by the fit, so that it is more often than not in the interval.
        assert 0.87 < np.mean(inside) <= 1.0


class TestSaving:
    def test_what_was_there_stays_until_the_end(self, tmp_path):
        path = tmp_path / "page.html"
        path.write_text("old")
        path.chmod(0o640)
        with reserved(path) as write:
            assert path.read_text() == "old"
            write("new – and whole")
            assert path.read_text(encoding="utf-8") == "new – and whole"
        assert path.stat().st_mode & 0o777 == 0o640
        assert list(tmp_path.iterdir()) == [path]

    def test_a_failure_leaves_no_trace(self, tmp_path, returns, monkeypatch):
        path = tmp_path / "page.html"
        path.write_text("old")

        def fail(*_):
            raise RuntimeError("no ink")

        monkeypatch.setattr("puffin.report.writing.render_page", fail)
        with pytest.raises(RuntimeError, match="no ink"):
            write_report({"steady": returns["steady"]}, path, SETTINGS)
        assert path.read_text() == "old"
        assert list(tmp_path.iterdir()) == [path]

    def test_follows_a_link(self, tmp_path):
        target, link = tmp_path / "target.html", tmp_path / "link.html"
        target.write_text("old")
        link.symlink_to(target)
        with reserved(link) as write:
            write("new")
        assert link.is_symlink()
        assert target.read_text() == "new"

    def test_a_device_is_not_replaced(self):
        from pathlib import Path

        null = Path("/dev/null")
        if not null.exists():
            pytest.skip("no /dev/null")
        with reserved(null) as write:
            write("gone")
        assert not null.is_file()

    @pytest.mark.parametrize("place", ["none/page.html", "."])
    def test_refused_at_once(self, tmp_path, place):
        with pytest.raises(OSError, match="directory"), reserved(tmp_path / place):
            pytest.fail("it let us in")

    def test_write_report_takes_a_frame_with_gaps_at_its_ends(self, tmp_path, returns):
        frame = pd.DataFrame({name: returns[name] for name in ("steady", "market")})
        frame.iloc[:50, 0] = np.nan
        findings = write_report(frame, tmp_path / "page.html", SETTINGS)
        assert findings.sharpes["steady"]["n_observations"] == 200
        Page((tmp_path / "page.html").read_text(encoding="utf-8"))


class TestWords:
    @pytest.mark.parametrize(
        ("probability", "verdict"),
        [
            (0.999, "almost certainly positive"),
            (0.96, "very probably positive"),
            (0.85, "more likely positive than not"),
            (0.5, "of unknown sign"),
            (0.15, "more likely negative than not"),
            (0.04, "very probably negative"),
            (0.001, "almost certainly negative"),
        ],
    )
    def test_verdicts(self, probability, verdict):
        assert words.sign_verdict(probability) == verdict

    def test_headline_names_the_favourite_and_its_chance(self, findings):
        table = findings.comparison.table.set_index("strategy")
        first, *_ = words.headline(findings)
        assert table["prob_best"].idxmax() == "steady"
        assert first.startswith("steady has the ")
        assert numbers.probability(table["prob_best"].max()) in first

    def test_no_winner_among_equals(self):
        noise = np.random.default_rng(3).normal(0, 0.01, (250, 2))
        noise -= noise.mean(axis=0)
        equals = {name: pd.Series(noise[:, i], DATES) for i, name in enumerate("ab")}
        first, second = words.headline(find(equals, SETTINGS, Source("x")))
        assert "do not single out a winner" in first
        assert "of the two" in first
        assert "None has a Sharpe ratio above zero" in second

    def test_point_estimate_at_odds_is_pointed_out(self):
        random = np.random.default_rng(9)
        values = 0.003 + 0.004 * random.normal(size=250)
        values[::10] = -0.03 + 0.001 * random.normal(size=25)
        crashes = {"crashes": pd.Series(values, DATES)}
        findings = find(crashes, SETTINGS, Source("x"))
        sharpe = findings.sharpes["crashes"]
        assert checks.gap_in_deviations(sharpe) < -1.0
        [doubt] = words.caveats(findings)
        assert "below the posterior mean" in doubt
        assert "go by the lower number" in doubt

    @pytest.mark.parametrize(
        ("names", "said"),
        [
            ("a", "a"),
            ("ab", "a and b"),
            ("abc", "a, b and c"),
            ("abcdefgh", "a, b, c, d, e, f and 2 more"),
        ],
    )
    def test_listing(self, names, said):
        assert words.listing(list(names)) == said


class TestNumbers:
    @pytest.mark.parametrize(
        ("value", "fine", "coarse"),
        [
            (1.0, ">99.9%", ">99%"),
            (0.9994, "99.9%", ">99%"),
            (0.994, "99.4%", "99%"),
            (0.5, "50.0%", "50%"),
            (0.004, "0.4%", "<1%"),
            (0.0, "<0.1%", "<1%"),
            (float("nan"), "–", "–"),
        ],
    )
    def test_probabilities(self, value, fine, coarse):
        assert numbers.probability(value) == fine
        assert numbers.coarse_probability(value) == coarse

    def test_no_negative_zero(self):
        assert numbers.decimal(-0.001) == "0.00"
        assert numbers.percent(-0.0001) == "0.0%"


def test_performance_by_hand():
    found = performance(pd.Series([0.5, -0.5, 0.2, 0.1]), periods_per_year=2)
    assert found.largest_drawdown == pytest.approx(-0.5)
    assert found.annual_growth == pytest.approx(np.sqrt(1.5 * 0.5 * 1.2 * 1.1) - 1)
    assert (found.worst, found.best, found.share_positive) == (-0.5, 0.5, 0.75)
    assert found.annual_volatility == pytest.approx(np.std([0.5, -0.5, 0.2, 0.1], ddof=1) * 2**0.5)


def test_a_loss_from_the_start_is_a_drawdown():
    assert performance(pd.Series([-0.1, 0.05]), 252).largest_drawdown == pytest.approx(-0.1)
