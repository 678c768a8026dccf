"""The same model for each of many assets."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from puffin.inference.chains import fixed_seed
from puffin.models.settings import checked_seed
from puffin.panel.engines import Backend, engine_of
from puffin.panel.frames import Assets
from puffin.panel.questions import kind_of_question
from puffin.panel.result import FittedPanel
from puffin.panel.run import Run, read_rows
from puffin.panel.store import PanelStore, StoreError
from puffin.validation import DataLike, flag

__all__ = ["fit_each"]


def fit_each(
    model: Any,
    returns: DataLike,
    *,
    by: str | None = None,
    date: str | None = None,
    pairs: DataLike = None,
    n_jobs: int | None = None,
    backend: Backend = None,
    seed: int | None = None,
    store: str | os.PathLike[str] | None = None,
    progressbar: bool = False,
    hdi_prob: float = 0.94,
    **options: Any,
) -> FittedPanel:
    """Fit a model to each of many assets, on many cores or machines, and keep a summary of each.

    What comes of an asset is a function of its data, the model and its seed, which is made of
    `seed` and its name: not of the number of workers, the order of assets, which others there are,
    or whether the run was killed and begun again. One that cannot be fitted is a row of
    `failures`.

    Parameters
    ----------
    model
        `bayesian_sharpe`, or a `StochasticVolatilityModel`, `SVWithJumps`,
        `RealizedVolatilityBayes`, `BayesianRegimeSwitching`, `BayesianLinearRegression` or
        `BayesianPairsTrading`, which is itself left alone.
    returns : DataFrame, mapping of str to Series, or None
        Of pandas or polars. **Wide**: a column for each asset; it exists from its first value to
        its last. **Long**: a row for each asset and date, in columns `unique_id`, `ds` and `y`,
        or others. Of pairs, prices. None: those that the store has.
    by : str, optional
        The column of the asset, in a long frame of other names.
    date : str, optional
        The column of dates, where they are not the index of a pandas frame.
    pairs : list of (y, x), or DataFrame, optional
        Of `BayesianPairsTrading` and a wide frame: which columns are hedged with which, x a name
        or several; or what `puffin.strategies.find_pairs` returns.
    n_jobs : int, optional
        Processes on this machine; all cores by default. With 1 all is done in this one.
    backend : {"joblib", "dask", "ray"} or distributed.Client, optional
        Who runs the work: joblib by default; the cluster of a Dask client, or the one that
        `ray.init` has connected to.
    seed : int, optional
        A random one by default, which the result and the store say.
    store : path, optional
        A directory, made if it is not there, for results as they come (Parquet, the extra
        `parquet`). A run that was killed goes on where it was, with the same call; assets whose
        data have changed are fitted again.
    progressbar : bool, default False
        Assets done, and the time left.
    hdi_prob : float, default 0.94
        Of the intervals in the summary.
    **options
        Arguments of the model's fit, such as ``samples=1000``. Those that go with rows are, of a
        wide frame, tables: `X`, `mean_regressors` and `variance_regressors`, which all assets
        share, and `measures`, wide as the returns, or a dict of such. Of a long frame they name
        its columns, and so does `x`, the hedge of a pair.

    Returns
    -------
    FittedPanel
        `summary`, `parameter`, `assets`, `failures`; `fit` for the draws of one asset, `update`
        for tomorrow.

    Raises
    ------
    ValueError, TypeError
        If an argument is invalid, or not a single asset can be fitted.
    StoreError
        If the store is in use, damaged, or was made with other arguments.
    PanelInterrupted
        At Ctrl-C: a KeyboardInterrupt with the panel so far.
    ImportError
        If the backend, or pyarrow for the store, is not installed.

    Warns
    -----
    UserWarning
        If some assets could not be fitted.

    Examples
    --------
    >>> import puffin as pf
    >>> returns = pf.datasets.load_equities().pct_change().iloc[-500:]
    >>> panel = pf.fit_each(pf.bayesian_sharpe, returns, seed=1, n_jobs=1)
    >>> panel.parameter("sharpe").sort_values("mean").tail(3)  # doctest: +SKIP
    """
    kind = kind_of_question(model)
    beside = {name: options.pop(name) for name in (*kind.shared, *kind.own) if name in options}
    question = kind(model, options, hdi_prob)
    progressbar = flag("progressbar", progressbar)
    if pairs is not None and not kind.of_pairs:
        raise TypeError(f"pairs is for BayesianPairsTrading; the model is {question.label}.")
    place = _store(store)
    assets = _kept(place) if returns is None else read_rows(kind, returns, by, date, beside, pairs)
    engine = engine_of(backend, n_jobs)
    run = Run(question, pairs, _seed(seed, place), engine, place, progressbar, assets)
    return run.panel()


def _store(store: str | os.PathLike[str] | None) -> PanelStore | None:
    if store is None:
        return None
    if not isinstance(store, str | os.PathLike):
        raise TypeError(f"store must be the path of a directory; found {store!r}.")
    if not os.fspath(store):
        raise ValueError("store is an empty path; name a directory, '.' for the current one.")
    return PanelStore(Path(store))


def _kept(store: PanelStore | None) -> Assets:
    """Return the assets of a store."""
    if store is None:
        raise ValueError("returns=None takes the data of a store; give one, or returns.")
    found = store.assets() if store.path.is_dir() else {}
    if not found:
        raise StoreError(f"store={store.path} has no assets yet; give returns.")
    return Assets(found, {})


def _seed(seed: int | None, store: PanelStore | None) -> int:
    """Return the panel's seed: as given, as the store has it, or a random one."""
    if isinstance(seed, bool) or not (seed is None or hasattr(seed, "__index__")):
        raise TypeError(f"seed must be a whole number of at least 0, or None; found {seed!r}.")
    kept = store.terms() if seed is None and store is not None else None
    return fixed_seed(checked_seed(seed)) if kept is None else int(kept["seed"])
