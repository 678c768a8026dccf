"""The Kelly fraction: hand-checked numbers, quadrature, and limits.

A statistical test raises a false alarm with probability 1e-4 or less, and its seeds are fixed.
"""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy import integrate, optimize, stats

from puffin.inference.chains import Purpose, streams
from puffin.laws import Normal, StudentT
from puffin.risk import PredictiveReturn, kelly_fraction, predictive_return, quadratic_kelly
from puffin.risk.kelly import _maximum
from tests.risk.constant_draws import fitted


def test_quadratic_kelly_by_hand():
    """Mean 0.1% and sd 2%: 0.001 / (0.0004 + 0.000001). Half of the time 0, the rest 0.2%, too."""
    assert quadratic_kelly(0.001, 0.02) == pytest.approx(2.4937656)
    uncertain = quadratic_kelly([0.0, 0.002], [0.02, 0.02])
    assert uncertain == pytest.approx(0.001 / (0.0004 + 0.000002))
    assert quadratic_kelly([-0.001, 0.003], [0.01, 0.03]) == pytest.approx(0.001 / 0.000505)


def growth(fraction, density, cash):
    def value(x):
        return np.log(1 + cash + fraction * (np.exp(x) - 1 - cash)) * density.pdf(x)

    knots = [-3.0, -0.5, -0.1, 0.1, 0.5, 3.0]
    return sum(integrate.quad(value, a, b)[0] for a, b in itertools.pairwise(knots))


@pytest.mark.parametrize(("m", "sd", "cash"), [(-1e-4, 0.02, 0.0), (0.01, 0.3, 0.02)])
def test_kelly_of_a_known_normal(m, sd, cash):
    """Against quadrature; for small periods it is m / sd^2 + 1/2 (Merton), here 0.25."""
    density = stats.norm(m, sd)
    best = optimize.minimize_scalar(
        lambda f: -growth(f, density, cash), bounds=(0, 1), options={"xatol": 1e-8}
    ).x
    known = PredictiveReturn(np.full((2, 50), m), np.full((2, 50), sd), Normal(), {})
    fraction, error = _maximum(known, cash)
    assert fraction == pytest.approx(best, abs=1e-5)
    assert error == pytest.approx(0.0, abs=1e-9)
    if sd == 0.02:
        assert fraction == pytest.approx(0.25, abs=1e-3)


def test_kelly_of_a_known_student_t():
    """The variance of each error is drawn: within four standard errors of quadrature."""
    m, sd, nu = -0.0001, 0.02, 4.0
    density = stats.t(nu, m, sd * np.sqrt((nu - 2) / nu))
    best = optimize.minimize_scalar(lambda f: -growth(f, density, 0.0), bounds=(0, 1)).x
    shape = (4, 50_000)
    known = PredictiveReturn(
        np.full(shape, m), np.full(shape, sd), StudentT(), {"nu": np.full(shape, nu)}
    )
    fraction, error = _maximum(known, 0.0)
    assert abs(fraction - best) < 4.0 * error + 1e-4
    assert error < 0.02


def test_kelly_of_a_model():
    inside = fitted(mean=np.linspace(-2e-4, 0.0, 2000), h_next=2 * np.log([0.01, 0.03]))
    kelly = kelly_fraction(inside)
    # E[m + v / 2] / E[v + m^2] with v = 0.0005 on average; 0.02 is the expected volatility.
    assert kelly.quadratic == pytest.approx((-1e-4 + 0.00025) / 0.0005, rel=1e-3)
    assert kelly.quadratic_plug_in == pytest.approx((-1e-4 + 0.0002) / 0.0004, rel=1e-3)
    assert kelly.fraction == pytest.approx(kelly.quadratic, abs=0.005)
    assert kelly.plug_in == pytest.approx(0.25, abs=0.005)
    assert kelly.prob_growth == pytest.approx(
        np.mean(
            inside.posterior.flat("mean")
            + 0.5 * (1 - kelly.quadratic) * np.exp(inside.posterior.flat("h_next"))
            > 0
        )
    )
    richer = kelly_fraction(inside, risk_free_rate=0.10)
    assert (richer.fraction, richer.error) == (0.0, 0.0)
    assert richer.quadratic < 0.0
    assert kelly_fraction(fitted(mean=0.01, h_next=-9.0)).fraction == 1.0
    assert kelly_fraction(inside) == kelly


def test_kelly_draws_from_streams_that_nothing_else_draws_from():
    """The errors' variances were those of the fit's first chain, bit for bit."""
    model = fitted(distribution="student")
    seed, nu = model.fitted.settings.seed, model.posterior.variables["nu"]
    returns, _ = predictive_return(model).nodes()
    spread = np.exp(0.5 * model.posterior.variables["h_next"])
    ratio = np.ptp(returns, axis=2) / spread
    for purpose in Purpose:
        [stream] = streams(seed, 1, purpose=purpose)
        sizes = np.sqrt(0.5 * (nu - 2.0) / stream.standard_gamma(0.5 * nu))
        same = np.allclose(ratio / sizes, ratio[0, 0] / sizes[0, 0])
        assert same == (purpose is Purpose.QUADRATURE)


def test_kelly_of_heavy_tails_is_finite():
    wild = fitted(distribution="student", nu=2.01, h_next=[-9.0, 3.0], mean=0.0)
    kelly = kelly_fraction(wild)
    assert np.isfinite([one for name, one in vars(kelly).items() if name != "doubts"]).all()
    assert 0.0 <= kelly.fraction <= 1.0


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda m: kelly_fraction(m, risk_free_rate=-1), ValueError, "must be above -1; found"),
    ],
)
def test_bad_input(call, error, message):
    with pytest.raises(error, match=message):
        call(fitted(50))
