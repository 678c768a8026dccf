"""Puffin: full, checked Bayesian posteriors for trading at the speed of point estimates.

Names are imported when first used, so that `import puffin` is quick; `__init__.pyi` lists them.
"""

__version__ = "0.1.0"


def __getattr__(name: str) -> object:
    _attach()
    return globals()[name] if name == "__all__" else __getattr__(name)


def __dir__() -> list[str]:
    _attach()
    return __dir__()


def _attach() -> None:
    """Take the names of the stub; from now on they are looked up by what it returns."""
    import lazy_loader

    found, directory, names = lazy_loader.attach_stub(__name__, __file__)
    globals().update(__getattr__=found, __dir__=directory, __all__=names)
