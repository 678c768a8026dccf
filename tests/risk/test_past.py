"""A store and what happens to its history: every row stays, or nothing is done."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from puffin.models.stochastic_vol import StochasticVolatilityModel
from puffin.risk import StoreError, daily_risk
from tests.risk.stores import DATES, FIRST, LAST, OTHER, RETURNS, content, run

ROWS = LAST - FIRST + 1


def saved_as(store, encoding="utf-8", **style):
    """Save the history as a spreadsheet would."""
    history = pd.read_csv(store / "history.csv", parse_dates=["date"])
    history.to_csv(store / "history.csv", index=False, encoding=encoding, **style)


@pytest.mark.parametrize(
    "style",
    [
        {"lineterminator": "\r\n"},
        {"encoding": "utf-8-sig"},
        {"sep": ";", "decimal": ",", "date_format": "%d.%m.%Y", "lineterminator": "\r\n"},
        {"date_format": "%m/%d/%Y"},
        {"date_format": "%d/%m/%y"},
        {"sep": "\t", "decimal": ",", "encoding": "utf-16"},
        {"date_format": "%Y-%m-%d %H:%M:%S"},
        {"float_format": "%.6f", "lineterminator": "\r\n"},
    ],
)
def test_a_history_that_a_spreadsheet_saved_keeps_its_rows(store, style):
    before = pd.read_csv(store / "history.csv", index_col=0)
    saved_as(store, **style)
    saved = (store / "history.csv").read_bytes()
    found = run(RETURNS[: LAST + 1], store)
    assert found.added == 1
    assert found.backup.read_bytes() == saved
    after = pd.read_csv(store / "history.csv", index_col=0)
    assert list(after.index[:-1]) == list(before.index)
    pd.testing.assert_frame_equal(after[:-1], before, rtol=1e-3)
    again = run(RETURNS[: LAST + 2], store)
    assert again.backup is None
    assert len(again.history) == ROWS + 2


def test_newest_first_and_notes_of_a_person(store):
    history = pd.read_csv(store / "history.csv")
    history["note"] = ["", "sold half", "", ""]
    history[::-1].to_csv(store / "history.csv", index=False)
    found = run(RETURNS[: LAST + 1], store)
    after = pd.read_csv(store / "history.csv")
    assert list(after["date"]) == [*history["date"], f"{DATES[LAST]:%Y-%m-%d}"]
    assert after["note"].fillna("").tolist() == ["", "sold half", "", "", ""]
    assert found.now["note"] == ""
    assert found.now["weight"] == after["weight"].iloc[-1]


def cut(text):
    return text[: text.rindex("\n", 0, -1) + 30]


def without_last_row(text):
    return text[: text.rindex("\n", 0, -1) + 1]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (cut, "cut short"),
        (without_last_row, "cut short"),
        (lambda text: text.splitlines()[0] + "\n", "cut short"),
        (lambda text: "", "cut short"),
        (lambda text: text.replace("weight", "mine"), "has no column 'weight'"),
        (lambda text: "date,bought,sold\n2020-01-01,3,4\n", "has no column 'return'"),
        (lambda text: text + text.splitlines()[-1] + "\n", "twice"),
        (lambda text: text.replace("2020", "year"), "dates"),
        (lambda text: text.replace("2020", "2019"), "no row of|other returns"),
        (lambda text: text.replace(",0.0", ",0.1").replace(",-0.0", ",0.1"), "other returns"),
    ],
    ids=range(10),
)
def test_a_history_that_is_not_whole_is_left(store, change, message):
    """And the message says what to do."""
    text = (store / "history.csv").read_text()
    (store / "history.csv").write_text(change(text))
    before = content(store)
    with pytest.raises(StoreError, match=message) as refused:
        run(RETURNS[: LAST + 1], store)
    assert "history.csv" in str(refused.value)
    assert "back" in str(refused.value)
    assert "--refit" in str(refused.value)
    assert content(store) == before
    (store / "history.csv").write_text(text)
    assert len(run(RETURNS[: LAST + 1], store).history) == ROWS + 1


def test_a_history_that_is_gone(store):
    (store / "history.csv").unlink()
    before = content(store)
    with pytest.raises(StoreError, match=r"no history\.csv. Put it back, or refit"):
        run(RETURNS[: LAST + 1], store)
    assert content(store) == before
    assert len(run(RETURNS[: LAST + 1], store, refit=True).history) == 1


@pytest.mark.slow
def test_rows_of_the_past_that_are_gone_from_the_file_stay_in_the_history(store):
    """A file of the last rows only; and refitted to it."""
    found = run(RETURNS[LAST - 10 : LAST + 1], store)
    assert len(found.history) == ROWS + 1
    assert "no longer there" in found.revised[0]
    found = run(RETURNS[LAST - 1 : LAST + 15], store, refit=True)
    assert len(found.history) == ROWS + 2
    assert len(run(RETURNS[LAST - 1 : LAST + 16], store).history) == ROWS + 3


def test_refitting_to_a_shorter_file_keeps_a_copy(store):
    before = (store / "history.csv").read_bytes()
    found = run(RETURNS[: LAST - 2], store, refit=True)
    assert len(found.history) == ROWS - 2
    assert found.backup.read_bytes() == before


@pytest.mark.parametrize("returns", [OTHER, 100.0 * RETURNS, RETURNS.shift(1, fill_value=0.001)])
@pytest.mark.filterwarnings("ignore:returns looks like")
def test_another_series_is_not_fitted_on(store, returns):
    before = content(store)
    with pytest.raises(StoreError, match=r"different in these returns: 1\d\d of 123.*another dir"):
        run(returns, store)
    with pytest.raises(StoreError, match=r"history\.csv is of other returns"):
        run(returns, store, refit=True)
    assert content(store) == before


def test_nothing_overlaps(store):
    before = content(store)
    later = OTHER.set_axis(pd.bdate_range("2020-12-01", periods=140))
    with pytest.raises(StoreError, match=r"ends at 2020-06-19, is in these returns \(2020-12-01"):
        run(later, store)
    assert content(store) == before


def test_the_way_out_is_the_one_that_is_named(store):
    (store / "history.csv").rename(store / "history-of-old.csv")
    found = run(OTHER[: LAST + 1], store, refit=True)
    assert len(found.history) == 1
    assert (store / "history-of-old.csv").exists()


def test_the_last_bar_is_revised(store):
    revised = RETURNS[: LAST + 1].copy()
    revised.iloc[LAST - 1] += 0.02
    found = run(revised, store)
    assert found.added == 1
    assert len(found.history) == ROWS + 1
    assert found.revised[0].startswith("1 return has changed")
    assert len(run(revised[:LAST], store, refit=True).history) == ROWS


@pytest.mark.parametrize("clock", ["00:00", "16:00"])
def test_offsets_that_change_keep_every_row(tmp_path, clock):
    """In March a file goes from -05:00 to a mixture, or to -04:00 throughout, or to no offset."""
    local = pd.bdate_range("2023-01-02", periods=60) + pd.Timedelta(f"{clock}:00")
    zoned = local.tz_localize("America/New_York")
    fixed = zoned.tz_convert("-05:00")
    model = StochasticVolatilityModel()
    indexes = [fixed, zoned, local, zoned.tz_convert("UTC"), zoned.tz_convert("-04:00"), zoned]
    for count, index in enumerate(indexes if clock == "16:00" else [zoned, local, zoned], start=50):
        series = pd.Series(RETURNS.to_numpy()[:count], index[:count], name="a")
        found = daily_risk(series, tmp_path, model=model, random_seed=1, samples=200)
        assert found.added == 1
        assert found.revised == ()
        assert found.backup is None
    days = [label[:10] for label in pd.read_csv(tmp_path / "history.csv")["date"]]
    assert days == [f"{day:%Y-%m-%d}" for day in local[49:count]]


def test_hours_by_another_clock_keep_every_row(tmp_path):
    hours = pd.date_range("2023-03-10", periods=90, freq="h", tz="America/New_York")
    model = StochasticVolatilityModel()
    zones = ["-05:00", "America/New_York", "UTC", "Europe/Berlin", "-04:00"]
    for count, zone in enumerate(zones, start=60):
        index = hours[:count].tz_convert(zone)
        series = pd.Series(RETURNS.to_numpy()[:count], index, name="a")
        found = daily_risk(series, tmp_path, model=model, random_seed=1, samples=200)
        assert (found.added, found.revised, found.backup) == (1, (), None)
    history = pd.read_csv(tmp_path / "history.csv", dtype=str)
    instants = pd.to_datetime(history["date"], utc=True, format="ISO8601")
    assert list(instants) == list(hours[59:64].tz_convert("UTC"))
    np.testing.assert_array_equal(history["return"].astype(float), RETURNS.to_numpy()[59:64])
