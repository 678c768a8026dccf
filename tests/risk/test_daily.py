"""Risk day by day: what is kept, what is added, and what a killed run leaves."""

from __future__ import annotations

import json
import os

import numpy as np
import pandas as pd
import pytest

from puffin.models.stochastic_vol import (
    AveragedVolatilityModel,
    RealizedVolatilityBayes,
    StochasticVolatilityModel,
    simulate,
)
from puffin.risk import PositionRule, RiskStore, StoreError, daily_risk, tail_risk
from puffin.risk.history import history_bytes
from tests.killed import killed_at_random

DATES = pd.bdate_range("2020-01-01", periods=400)
RETURNS = pd.Series(simulate(400, mu=-9.0, random_seed=3)["returns"].to_numpy(), DATES, name="a")
MODEL = StochasticVolatilityModel()
OPTIONS = {"model": MODEL, "random_seed": 1, "samples": 1000}
FIRST, LAST = 380, 392


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """The history of a store that was brought up to date in one go, and the returns it had."""
    store = tmp_path_factory.mktemp("undisturbed")
    daily_risk(RETURNS[:FIRST], store, **OPTIONS)
    return daily_risk(RETURNS[:LAST], store, **OPTIONS).history


def test_first_run_is_a_fit(tmp_path):
    found = daily_risk(RETURNS[:FIRST], tmp_path, **OPTIONS)
    model = StochasticVolatilityModel().fit(RETURNS[:FIRST], 1000, random_seed=1)
    assert found.fitted
    assert found.added == 1
    assert list(found.history.index) == [f"{DATES[FIRST - 1]:%Y-%m-%d}"]
    risk = tail_risk(model).table
    assert found.now["return"] == RETURNS.iloc[FIRST - 1]
    assert found.now["volatility"] == pytest.approx(model.volatility_forecast)
    for level in (0.01, 0.05):
        for kind in ("value_at_risk", "expected_shortfall"):
            assert found.now[f"{kind}_{level:g}"] == pytest.approx(risk.loc[level, kind])


def test_run_twice_changes_nothing(tmp_path):
    daily_risk(RETURNS[:FIRST], tmp_path, **OPTIONS)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    again = daily_risk(RETURNS[:FIRST], tmp_path, **OPTIONS)
    assert again.added == 0
    assert not again.fitted
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_row_a_day_is_the_same_as_all_at_once(tmp_path, undisturbed):
    for day in range(FIRST, LAST + 1):
        found = daily_risk(RETURNS[:day], tmp_path, **OPTIONS)
        assert found.added == 1
    pd.testing.assert_frame_equal(found.history, undisturbed, check_exact=True)
    assert len(found.history) == LAST - FIRST + 1


def test_history_on_disk_is_what_is_returned(tmp_path):
    found = daily_risk(RETURNS[:FIRST], tmp_path, **OPTIONS)
    stored = RiskStore(tmp_path).history((0.01, 0.05), RETURNS.index)
    pd.testing.assert_frame_equal(stored, found.history, check_exact=True)


@pytest.mark.parametrize("moment", ["before the history", "before the model", "half a model"])
def test_a_killed_run_loses_nothing(tmp_path, monkeypatch, undisturbed, moment):
    """Stop at each place where files are written; the next run ends where it would have."""
    daily_risk(RETURNS[:FIRST], tmp_path, **OPTIONS)
    write = RiskStore.write

    def stop(store, history, model):
        if moment != "before the history":
            write(store, history, RiskStore(tmp_path).model(StochasticVolatilityModel))
        if moment == "half a model":
            (store.path / ".model.npz.0123abcd").write_bytes(b"half")
        raise KeyboardInterrupt

    monkeypatch.setattr(RiskStore, "write", stop)
    with pytest.raises(KeyboardInterrupt):
        daily_risk(RETURNS[: FIRST + 5], tmp_path, **OPTIONS)
    monkeypatch.undo()
    found = daily_risk(RETURNS[:LAST], tmp_path, **OPTIONS)
    pd.testing.assert_frame_equal(found.history, undisturbed, check_exact=True)
    assert not list(tmp_path.glob(".*"))


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")
def test_killed_forty_times(tmp_path, undisturbed):
    """Within each of the writes, and between them: files are old or new, rows are never lost."""
    store = tmp_path / "store"
    daily_risk(RETURNS[:FIRST], store, **OPTIONS)

    def work():
        for day in range(FIRST, LAST + 1):
            daily_risk(RETURNS[:day], store, **OPTIONS)

    rows, complete = 1, history_bytes(undisturbed)
    for _ in killed_at_random(work, 40, np.random.default_rng(4), 0.4):
        content = (store / "history.csv").read_bytes()
        assert complete.startswith(content)
        assert content.endswith(b"\n")
        assert content.count(b"\n") - 1 >= rows
        rows = content.count(b"\n") - 1
        known = StochasticVolatilityModel.load(store / "model.npz").fitted.series.values.size
        assert rows - 1 <= known - FIRST + 1 <= rows
    assert rows > 1
    found = daily_risk(RETURNS[:LAST], store, **OPTIONS)
    pd.testing.assert_frame_equal(found.history, undisturbed, check_exact=True)
    assert {one.name for one in store.iterdir()} == {
        "history.csv", "lock", "model.npz", "terms.json",
    }  # fmt: skip


def test_changes_of_the_past_are_named(tmp_path):
    daily_risk(RETURNS[:FIRST], tmp_path, **OPTIONS)
    changed = RETURNS[: FIRST + 1].copy()
    changed.iloc[7] += 0.05
    changed = changed.drop(DATES[11])
    changed.loc[DATES[20] + pd.Timedelta(hours=5)] = 0.001
    found = daily_risk(changed.sort_index(), tmp_path, **OPTIONS)
    assert found.added == 1
    moved, gone, new = found.revised
    assert moved.startswith(
        f"1 return has changed since they were fitted, first {DATES[7]:%Y-%m-%d}"
    )
    assert gone == f"1 row is no longer there, first {DATES[11]:%Y-%m-%d}."
    assert new.startswith("1 row is new among those fitted before, first ")


def test_refit_takes_up_what_changed(tmp_path):
    daily_risk(RETURNS[:FIRST], tmp_path, **OPTIONS)
    changed = RETURNS[: FIRST + 1].copy()
    changed.iloc[7] += 0.05
    found = daily_risk(changed, tmp_path, refit=True, **OPTIONS)
    assert found.fitted
    assert found.revised == ()
    assert len(found.history) == 2
    assert daily_risk(changed, tmp_path, **OPTIONS).revised == ()


def test_rows_without_dates(tmp_path):
    values = RETURNS.to_numpy()
    daily_risk(values[:FIRST], tmp_path, **OPTIONS)
    found = daily_risk(values[: FIRST + 2], tmp_path, **OPTIONS)
    assert list(found.history.index) == [str(row) for row in range(FIRST - 1, FIRST + 2)]


def test_position_keeps_within_its_band(tmp_path):
    rule = PositionRule(target_volatility=0.1, max_leverage=3.0, band=0.5)
    daily_risk(RETURNS[:FIRST], tmp_path, rule=rule, **OPTIONS)
    found = daily_risk(RETURNS[: FIRST + 3], tmp_path, rule=rule, **OPTIONS)
    assert found.history["weight"].nunique() == 1


def test_a_new_cap_holds_at_once(tmp_path):
    """Whatever the band would keep."""
    high = PositionRule(target_volatility=1.0, max_leverage=1.034, band=0.1)
    daily_risk(RETURNS[:FIRST], tmp_path, rule=high, **OPTIONS)
    low = PositionRule(target_volatility=1.0, max_leverage=1.0, band=0.1)
    found = daily_risk(RETURNS[: FIRST + 1], tmp_path, rule=low, **OPTIONS)
    assert found.history["weight"].tolist() == [1.034, 1.0]


def test_a_run_that_was_killed_while_it_fitted_another_model(tmp_path, monkeypatch):
    """Its terms are there, its model is not: the old one is not taken for it."""
    daily_risk(RETURNS[:FIRST], tmp_path, **OPTIONS)
    other = OPTIONS | {"model": StochasticVolatilityModel("student")}

    def stop(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(StochasticVolatilityModel, "fit", stop)
    with pytest.raises(KeyboardInterrupt):
        daily_risk(RETURNS[: FIRST + 1], tmp_path, refit=True, **other)
    monkeypatch.undo()
    with pytest.raises(StoreError, match=r"'normal'; found 'student'.*or refit"):
        daily_risk(RETURNS[: FIRST + 1], tmp_path, **other)
    assert daily_risk(RETURNS[: FIRST + 1], tmp_path, refit=True, **other).fitted


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"model": StochasticVolatilityModel("student")}, "distribution='normal'"),
        ({"levels": (0.02,)}, "levels="),
        ({"loss": "wealth"}, "loss="),
    ],
)
def test_a_store_is_of_one_thing(tmp_path, changes, message):
    daily_risk(RETURNS[:FIRST], tmp_path, **OPTIONS)
    with pytest.raises(StoreError, match=message):
        daily_risk(RETURNS[:FIRST], tmp_path, **(OPTIONS | changes))


@pytest.mark.slow
def test_an_average_is_kept(tmp_path):
    """A row a day is all at once, and each is what the average says; one model is refused."""
    models = {"normal": MODEL, "student": StochasticVolatilityModel("student")}
    average = AveragedVolatilityModel(models)
    options = {"model": average, "random_seed": 1, "samples": 300}
    for day in (FIRST, FIRST + 1, FIRST + 3):
        found = daily_risk(RETURNS[:day], tmp_path / "days", **options)
    again = daily_risk(RETURNS[:FIRST], tmp_path / "once", **options)
    again = daily_risk(RETURNS[: FIRST + 3], tmp_path / "once", **options)
    pd.testing.assert_frame_equal(found.history, again.history, check_exact=True)
    assert isinstance(found.model, AveragedVolatilityModel)
    assert found.now["value_at_risk_0.01"] == -found.model.predictive().quantile(0.01)
    assert "model updated" in str(found)
    with pytest.raises(StoreError, match="an average of 'normal', 'student'; found one model"):
        daily_risk(RETURNS[: FIRST + 3], tmp_path / "days", **OPTIONS)


def test_a_model_with_regressors_is_given_them_in_every_run(tmp_path):
    wave = pd.DataFrame({"wave": np.sin(np.arange(400) / 9.0)}, DATES)
    options = {"random_seed": 1, "samples": 300}
    template = MODEL.given(variance_regressors=wave)
    daily_risk(RETURNS[:FIRST], tmp_path, model=template, **options)
    with pytest.raises(ValueError, match="variance_regressors are missing"):
        daily_risk(RETURNS[: FIRST + 1], tmp_path, model=MODEL, **options)
    found = daily_risk(RETURNS[: FIRST + 1], tmp_path, model=template, **options)
    assert len(found.history) == 2
    alone = template.unfitted().fit(RETURNS[:FIRST], 300, random_seed=1, keep_states=10)
    risk = tail_risk(alone.update(RETURNS[FIRST : FIRST + 1])).table
    assert found.now["value_at_risk_0.01"] == risk.loc[0.01, "value_at_risk"]


def test_measures_are_not_forgotten(tmp_path):
    """Neither left out in a later run, nor taken by a model of another kind in an average."""
    options = {"random_seed": 1, "samples": 300}
    bare = RealizedVolatilityBayes()
    measured = bare.given(measures=RETURNS**2 + 1e-6)
    daily_risk(RETURNS[:FIRST], tmp_path / "one", model=measured, **options)
    with pytest.raises(ValueError, match=r"fitted with .*model\.given\(measures"):
        daily_risk(RETURNS[: FIRST + 1], tmp_path / "one", model=bare, **options)
    found = daily_risk(RETURNS[: FIRST + 1], tmp_path / "one", model=measured, **options)
    assert np.isfinite(found.model.fitted.measures.values).all()
    plain, other = (AveragedVolatilityModel({"a": one}) for one in (MODEL, measured))
    daily_risk(RETURNS[:FIRST], tmp_path / "average", model=plain, **options)
    with pytest.raises(StoreError, match="'a' as a StochasticVolatilityModel; found a Realized"):
        daily_risk(RETURNS[: FIRST + 1], tmp_path / "average", model=other, **options)


def test_of_another_column_not_even_refitted(tmp_path):
    daily_risk(RETURNS[:FIRST], tmp_path, **OPTIONS)
    with pytest.raises(StoreError, match="column='a'"):
        daily_risk(RETURNS[:FIRST].rename("b"), tmp_path, refit=True, **OPTIONS)


def test_one_run_at_a_time(tmp_path):
    with (
        RiskStore(tmp_path).locked(),
        pytest.raises(StoreError, match="Another run"),
    ):
        daily_risk(RETURNS[:FIRST], tmp_path, **OPTIONS)


def test_damaged_files_are_named(tmp_path):
    daily_risk(RETURNS[:FIRST], tmp_path, **OPTIONS)
    (tmp_path / "model.npz").write_bytes(b"rubbish")
    with pytest.raises(StoreError, match=r"model\.npz.*--refit"):
        daily_risk(RETURNS[:FIRST], tmp_path, **OPTIONS)
    (tmp_path / "terms.json").write_text("{")
    with pytest.raises(StoreError, match=r"terms\.json is damaged"):
        daily_risk(RETURNS[:FIRST], tmp_path, **OPTIONS)


def test_terms_are_json(tmp_path):
    daily_risk(RETURNS[:FIRST], tmp_path, **OPTIONS)
    terms = json.loads((tmp_path / "terms.json").read_text())
    assert terms["column"] == "a"
    assert terms["levels"] == [0.01, 0.05]
