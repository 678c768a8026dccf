"""Models on disk."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import puffin as pf
from puffin.posterior.saving import read_file, write_file
from tests.models.multivariate.worlds import fit, quick, simulated


def test_round_trip(tmp_path):
    model = fit()
    model.save(tmp_path / "model")
    again = pf.MultivariateSV.load(tmp_path / "model")
    pd.testing.assert_frame_equal(again.covariance(), model.covariance())
    pd.testing.assert_frame_equal(again.factors, model.factors, check_freq=False)
    assert repr(again) == repr(model)
    again.save(tmp_path / "again")
    assert (tmp_path / "model").read_bytes() == (tmp_path / "again").read_bytes()


@pytest.mark.parametrize("zone", [None, "Asia/Tokyo"])
def test_rows_without_dates_and_dates_with_a_zone(tmp_path, zone):
    returns, _ = simulated(40)
    table = returns.to_numpy() if zone is None else returns.tz_localize(zone)
    model = quick(table, samples=10, tune=5, factors=0, mean="zero")
    model.save(tmp_path / "model")
    again = pf.MultivariateSV.load(tmp_path / "model")
    pd.testing.assert_series_equal(
        again.factors.index.to_series(), model.factors.index.to_series(), check_freq=False
    )
    assert again.mean == "zero"


def test_student_errors_and_files_from_before_there_were_any(tmp_path):
    model = fit("student")
    model.save(tmp_path / "model")
    again = pf.MultivariateSV.load(tmp_path / "model")
    assert again.distribution == "student"
    pd.testing.assert_frame_equal(again.summary(), model.summary())
    assert "nu[A]" in model.summary().index
    fit().save(tmp_path / "model")
    groups, facts = read_file(tmp_path / "model", "MultivariateSV")
    del groups["posterior"]["nu"], facts["arguments"]["distribution"]
    write_file(tmp_path / "before", "MultivariateSV", groups, facts)
    before = pf.MultivariateSV.load(tmp_path / "before")
    assert repr(before) == repr(fit())


def test_other_files_are_refused(tmp_path):
    fit().save(tmp_path / "model")
    groups, facts = read_file(tmp_path / "model", "MultivariateSV")
    groups["posterior"]["mu"] = groups["posterior"]["mu"][:, 1:]
    write_file(tmp_path / "cut", "MultivariateSV", groups, facts)
    with pytest.raises(ValueError, match="mu is float64 of shape"):
        pf.MultivariateSV.load(tmp_path / "cut")
    del groups["posterior"]["mu"]
    write_file(tmp_path / "less", "MultivariateSV", groups, facts)
    with pytest.raises(ValueError, match="damaged"):
        pf.MultivariateSV.load(tmp_path / "less")
    data = bytearray((tmp_path / "model").read_bytes())
    data[len(data) // 2] ^= 1
    (tmp_path / "model").write_bytes(data)
    with pytest.raises(ValueError, match="damaged"):
        pf.MultivariateSV.load(tmp_path / "model")
    assert np.isfinite(fit().covariance().to_numpy()).all()
