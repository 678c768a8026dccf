"""The page: what it is made of, whatever the data."""

from __future__ import annotations

import json
import re

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest

from puffin import bayesian_sharpe
from puffin.findings.findings import find
from puffin.findings.settings import AnalysisSettings
from puffin.page import Source, render_page
from puffin.page.sections import SECTIONS
from puffin.page.sections.strategy import _PARTS as PARTS
from puffin.showing import numbers
from tests.findings.examples import DATES, NASTY, SETTINGS
from tests.page.parsed_page import ParsedPage

SOURCE = Source("some <b>file</b>.csv")


@pytest.fixture(scope="module")
def html(findings):
    return render_page(findings, SOURCE)


class TestPage:
    def test_needs_nothing_else(self, html):
        page = ParsedPage(html)
        names = {name for name, _, _ in page.elements}
        assert not names & {"link", "img", "iframe", "object", "embed", "base"}
        [script] = page.all("script")
        assert script == {}
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

    def test_the_script_asks_nobody(self, html):
        [script] = re.findall(r"<script>(.*?)</script>", html, flags=re.DOTALL)
        for word in ("fetch", "XMLHttpRequest", "import", "eval", "innerHTML", "WebSocket", "src"):
            assert word not in script

    def test_lines_that_are_told_are_in_the_drawing(self, html, findings):
        page = ParsedPage(html)
        ids = {a["id"] for _, a, _ in page.elements if "id" in a}
        told = [one for one in page.all("svg") if "data-axes" in one]
        assert len(told) >= 4 * len(findings.sharpes)
        for one in told:
            axes = json.loads(one["data-axes"])
            assert axes["names"]
            for i in range(len(axes["names"])):
                assert f"{one['data-prefix']}-line-{i}" in ids
            assert axes["x"][0] < axes["x"][1]
            assert axes["y"][0] > axes["y"][1]

    def test_ids_are_unique_and_links_lead_somewhere(self, html):
        page = ParsedPage(html)
        ids = [a["id"] for _, a, _ in page.elements if "id" in a]
        assert len(ids) == len(set(ids))
        links = re.findall(r'(?:href="|url\()#([^")]+)', html)
        assert links
        assert set(links) <= set(ids)

    def test_user_text_is_escaped(self, html):
        assert html.count("<script") == 1
        assert "<b>file" not in html
        page = ParsedPage(html)
        assert NASTY in "".join(page.text)
        headings = html.count("&lt;script&gt;")
        assert headings > 5

    def test_figures_say_what_they_show(self, html, findings):
        page = ParsedPage(html)
        pictures = page.all("svg")
        history, months, sharpe, outlook, fit, volatility, of_all = 2, 1, 1, 3, 2, 1, 4
        of_one = history + months + sharpe + outlook + fit + volatility
        matched = len(findings.sharpes) - 1
        assert len(pictures) == of_one * len(findings.sharpes) + matched + of_all
        for picture in pictures:
            assert picture["role"] == "img"
            assert "width" not in picture
            assert f'<title id="{picture["aria-labelledby"]}">' in html

    def test_wide_tables_scroll_in_their_own_box(self, html):
        page = ParsedPage(html)
        tables = [parents for name, _, parents in page.elements if name == "table"]
        summary, comparison, benchmark, volatility, of_each_strategy = 1, 3, 1, 2, 8
        together = summary + comparison + benchmark + volatility
        assert len(tables) == together + 4 * of_each_strategy
        for parents in tables:
            classes = {one for _, names in parents for one in (names or "").split()}
            assert {"scroll", "tables"} & classes

    def test_cells_of_tables_that_a_phone_stacks_say_what_they_are(self, html):
        page = ParsedPage(html)
        stacked = [
            cell
            for name, cell, parents in page.elements
            if name == "td" and ("table", "numbers stacked") in parents
        ]
        assert len(stacked) > 50
        missing = [one for one in stacked if not one.get("data-label") and one != {"class": "none"}]
        assert missing == []

    def test_header_says_what_and_how(self, html):
        text = " ".join(ParsedPage(html).text)
        for fact in ("2019-01-01 to 2019-12-16", "250 daily returns", "252", "0% a year", "Seed"):
            assert fact in text

    def test_numbers_are_the_library_s(self, html, findings, returns):
        sharpe = bayesian_sharpe(returns["steady"], 500, random_seed=1, periods_per_year=252)
        assert findings.sharpes["steady"] == sharpe
        text = " ".join(" ".join(ParsedPage(html).text).split())
        mean, low, high = (
            numbers.decimal(sharpe[key]).replace("-", "−")
            for key in ("mean", "hdi_low", "hdi_high")
        )
        assert f"{mean} {low} to {high}" in text

    def test_is_small(self, html):
        """As few bytes for each figure, with the tables around it, as ever."""
        assert len(html) < 25_000 * len(ParsedPage(html).all("svg"))

    @pytest.mark.slow
    def test_does_not_depend_on_the_user_s_matplotlib_style(self, findings, html):
        with mpl.rc_context({"font.size": 30, "lines.linewidth": 9, "text.usetex": True}):
            assert render_page(findings, SOURCE) == html

    def test_colours_follow_the_page(self, html):
        drawings = "".join(re.findall(r"<svg.*?</svg>", html, flags=re.DOTALL))
        attributes = "".join(re.findall(r"<[^>]+>", drawings))
        assert "var(--blue)" in attributes
        assert not re.search(r"#[0-9a-f]{6}\b", attributes.replace("#1f5a94</title>", ""))

    @pytest.mark.slow
    def test_one_that_fails_leaves_the_others(self, findings, monkeypatch):
        def fail(_):
            raise RuntimeError("no <ink>")

        fail.__module__ = "puffin.page.sections.comparison"
        builders = (SECTIONS[0], fail, *SECTIONS[2:])
        monkeypatch.setattr("puffin.page.rendering.SECTIONS", builders)
        with pytest.warns(UserWarning, match="section on comparison could not be made"):
            html = render_page(findings)
        assert "RuntimeError: no &lt;ink&gt;" in html
        assert 'id="strategy-4"' in html

    @pytest.mark.slow
    def test_a_part_that_fails_leaves_the_others(self, findings, monkeypatch):
        def fail(*_):
            raise RuntimeError("no paper")

        fail.__module__ = "puffin.page.sections.history"
        monkeypatch.setattr("puffin.page.sections.strategy._PARTS", (fail, *PARTS[1:]))
        with pytest.warns(UserWarning, match="section on history could not be made"):
            html = render_page(findings)
        assert html.count("RuntimeError: no paper") == len(findings.sharpes)
        assert html.count("Can the model be relied on?") == len(findings.sharpes)

    def test_one_sharpe_ratio_a_strategy(self, html, findings):
        """Other tools' quotient stands once, with the sampler's details, and nowhere else."""
        assert html.count("what other tools print") == len(findings.sharpes)
        assert "oint estimate" not in html


class TestOtherData:
    def test_one_strategy(self, returns):
        html = render_page(find({"steady": returns["steady"]}, SETTINGS))
        page = ParsedPage(html)
        assert "Sharpe ratio of steady" in html
        assert 'id="comparison"' not in html
        assert len(page.all("svg")) == 10

    @pytest.mark.parametrize("autocorrelation", ["ignore", "ar1"])
    @pytest.mark.slow
    def test_ten_undated_rows(self, returns, autocorrelation):
        short = {
            name: pd.Series(returns[name].to_numpy()[:10], pd.Index(np.arange(10)))
            for name in ("steady", "market")
        }
        settings = AnalysisSettings(samples=500, seed=1, autocorrelation=autocorrelation)
        html = render_page(find(short, settings, benchmark="market"))
        assert len(ParsedPage(html).all("svg")) == 21
        assert "fewer than 60 observations" in html
        assert "none given" in html

    def test_total_loss(self, returns):
        lost = returns["steady"].copy()
        lost.iloc[-1] = -1.0
        html = render_page(find({"lost": lost}, SETTINGS))
        assert len(ParsedPage(html).all("svg")) == 5
        assert "nan" not in " ".join(ParsedPage(html).text).lower().split()

    @pytest.mark.slow
    def test_no_shared_dates(self, returns):
        early, late = returns["steady"].iloc[:100], returns["market"].iloc[150:]
        with pytest.warns(UserWarning, match="share") as caught:
            findings = find({"early": early, "late": late}, SETTINGS, benchmark="late")
        assert any("no regression" in str(one.message) for one in caught)
        html = render_page(findings)
        assert "0 that all have" in html
        assert findings.benchmark.regressions == {}
        assert set(findings.benchmark.differences) == {"early"}
        ParsedPage(html)

    @pytest.mark.slow
    def test_bad_strategy_is_named_and_left_out(self, returns):
        findings = find({"good": returns["steady"], "bad": returns["market"] * np.nan}, SETTINGS)
        assert list(findings.sharpes) == ["good"]
        assert "column 'bad'" in findings.rejected["bad"]
        assert "Left out: column &#39;bad&#39;" in render_page(findings)

    @pytest.mark.slow
    def test_failed_comparison_leaves_the_rest(self, returns, monkeypatch):
        def fail(*_, **__):
            raise ValueError("no luck")

        monkeypatch.setattr("puffin.findings.sharpe.strategy_comparison", fail)
        with pytest.warns(UserWarning, match="could not be compared: no luck"):
            findings = find(returns, SETTINGS, benchmark="market")
        assert len(findings.sharpes) == 4
        assert findings.benchmark.regressions
        html = render_page(findings)
        assert "could not be compared: no luck" in html
        assert 'id="strategy-4"' in html
        ParsedPage(html)

    @pytest.mark.slow
    def test_many_strategies(self):
        noise = np.random.default_rng(2).normal(0, 0.01, (60, 16))
        many = {f"s{i}": pd.Series(noise[:, i], DATES[:60]) for i in range(16)}
        html = render_page(find(many, AnalysisSettings(samples=500, seed=1)))
        assert len(ParsedPage(html).all("svg")) == 8 * 10 + 2
        assert "10 of 16 are shown one by one" in html
        assert html.count('<th scope="row"><a href=') >= 10
        assert "The best of 16 looks better than it is" in html
