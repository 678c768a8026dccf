"""Every public result says what it is, in a terminal and in a notebook."""

from __future__ import annotations

import functools
import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import puffin as pf
from tests.showing.parsed import parsed

pytestmark = pytest.mark.filterwarnings("ignore")

NAMES = ["<b>&\"'", "<script>alert(1)</script>\n\x1b[31m"]
DAYS = pd.bdate_range("2021-01-01", periods=300)
FEW = {"samples": 400, "random_seed": 1}


def returns(name, seed=1):
    values = 0.0005 + 0.01 * np.random.default_rng(seed).standard_normal(len(DAYS))
    return pd.Series(values, DAYS, name=name)


@functools.cache
def sharpe():
    return pf.bayesian_sharpe(returns(NAMES[0]), **FEW)


@functools.cache
def comparison(pool=False):
    table = pd.concat([returns(NAMES[0]), returns(NAMES[1], 2)], axis=1)
    return pf.strategy_comparison(table, pool=pool, **FEW)


RESULTS = {
    "SharpePosterior": sharpe,
    "StrategyComparison": comparison,
    "StrategyComparison, pooled": lambda: comparison(pool=True),
    "SelectedStrategy": lambda: comparison().selected(),
}
SVG = {"svg", "line", "polygon", "polyline"}
HTML = {"div", "table", "thead", "tbody", "tr", "th", "td", *SVG}

each = pytest.mark.parametrize("kind", RESULTS)


@each
def test_text_is_one_to_three_lines_that_a_person_can_read(kind):
    lines = repr(RESULTS[kind]()).split("\n")
    assert 1 <= len(lines) <= 3
    assert lines[0].startswith(kind.split(",")[0])
    assert len("".join(lines)) < 700
    for line in lines:
        assert line.isprintable()
        assert "nan" not in line.lower()
        assert "array(" not in line


@each
def test_html_is_text_table_and_pictures_without_script(kind):
    html = RESULTS[kind]()._repr_html_()
    assert len(html) < 60_000
    page = parsed(html)
    assert set(page.tags) <= HTML
    assert not [name for name in page.attributes if name.startswith("on")]
    assert "http" not in html.replace("http://www.w3.org/2000/svg", "")
    assert "nan" not in html.lower()


@each
def test_whatever_is_shown_takes_no_time(kind):
    result = RESULTS[kind]()
    began = time.process_time()
    repr(result)
    result._repr_html_()
    assert time.process_time() - began < 2.0


@each
def test_the_sentences_of_the_terminal_are_those_of_the_notebook(kind):
    result = RESULTS[kind]()
    page = " ".join(parsed(result._repr_html_()).texts)
    page = page.replace("−", "-").replace("–", "-").replace("’", "'")
    for line in repr(result).split("\n"):
        for sentence in line.removeprefix("! ").split(". "):
            assert sentence.rstrip(".") in page


@given(st.text(max_size=30))
def test_a_name_is_text(name):
    named = sharpe().copy()
    named.name = name
    assert set(parsed(named._repr_html_()).tags) <= HTML
    assert len(repr(named).split("\n")) == 2


def test_a_sharpe_ratio_says_its_mean_its_interval_and_its_sign():
    said, one = repr(sharpe()), sharpe()
    assert f"Sharpe ratio {one['mean']:.2f}, 94% between {one['hdi_low']:.2f} and" in said
    assert f"{one['hdi_high']:.2f}; " in said
    assert f"({100 * one['prob_positive']:.1f}% above zero)" in said


def test_a_comparison_says_who_is_best_and_how_sure_that_is():
    one = comparison()
    best = one.table.loc[one.table["prob_best"].idxmax()]
    assert f"the best ({100 * best['prob_best']:.1f}%): Sharpe ratio" in repr(one)
    assert f"{best['sharpe_mean']:.2f}, 94% between {best['hdi_low']:.2f} and" in repr(one)


def test_draws_that_are_too_few_are_not_shown_without_that():
    poor = pf.bayesian_sharpe(returns("x"), samples=20, random_seed=1)
    assert "! " in repr(poor)
    assert "effective draws" in poor._repr_html_()
    assert "no Sharpe ratio to rely on yet" in repr(poor)
