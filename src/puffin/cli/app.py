"""The commands put together, and what `puffin` does without one."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from puffin.cli.command import EXIT_CODES
from puffin.cli.compare import compare
from puffin.cli.compare_vol import compare_vol
from puffin.cli.demo import demo
from puffin.cli.failures import BAD_INPUT, say
from puffin.cli.pairs import pairs
from puffin.cli.portfolio import portfolio
from puffin.cli.regimes import regimes
from puffin.cli.report import report
from puffin.cli.risk import risk
from puffin.cli.sharpe import sharpe
from puffin.cli.skill import skill
from puffin.cli.tune import tune
from puffin.cli.vol import vol
from puffin.cli.warm_up import warm_up
from puffin.cli.watch import watch

__all__ = ["app"]


_NARROWEST_HELP = 20


class _OneLineGroup(TyperGroup):
    """Commands whose usage errors are one line, like all others."""

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        windows_expand_args: bool = True,
        **extra: Any,
    ) -> Any:
        """Run a command; with `standalone_mode`, leave with its exit code."""
        _forget_impossible_width()
        try:
            code = super().main(args, prog_name, complete_var, False, windows_expand_args, **extra)
        except Exception as error:
            # Typer's own class of errors has moved between versions; this method has not.
            if not hasattr(error, "format_message"):
                raise
            message = str(error.format_message()).replace("Value error, ", "").rstrip(".")
            asked = getattr(getattr(error, "ctx", None), "info_name", None)
            command = f"puffin {asked}" if asked in self.commands else "puffin"
            say("error", f"{message} (see {command} --help).")
            code = BAD_INPUT
        if standalone_mode:
            sys.exit(code or 0)
        return code


def _forget_impossible_width() -> None:
    """Let help be as wide as the terminal where COLUMNS has 0, in which nothing can be read."""
    columns = os.environ.get("COLUMNS", "")
    if columns.isdecimal() and int(columns) < _NARROWEST_HELP:
        del os.environ["COLUMNS"]


app = typer.Typer(
    cls=_OneLineGroup,
    name="puffin",
    no_args_is_help=False,
    invoke_without_command=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback(epilog=EXIT_CODES)
def puffin(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    """Full, checked Bayesian posteriors for trading, from a CSV, Excel or Parquet file.

    [b]puffin sharpe[/b] returns.csv           how good is each, and how sure is that?

    [b]puffin compare[/b] returns.csv          which is best?

    [b]puffin skill[/b] funds.csv              which of many have skill, and which had luck?

    [b]puffin vol[/b] prices.csv --prices      how much does each move, now and next?

    [b]puffin compare-vol[/b] returns.csv      which model of that is best? their average

    [b]puffin regimes[/b] prices.csv --prices  which regime is each in, and how long do they last?

    [b]puffin risk[/b] prices.csv --prices     what may be lost next, and how much to hold?

    [b]puffin portfolio[/b] prices.csv         what may all lose together, and from where?

    [b]puffin watch[/b] live.csv --since DATE  is a live strategy still as good as its backtest?

    [b]puffin pairs[/b] prices.csv KO PEP      does one hedge the other, and does trading it pay?

    [b]puffin tune[/b] prices.csv              which settings are best, and is it luck?

    [b]puffin report[/b] prices.csv --prices   everything, as one HTML page

    [b]puffin demo[/b]                         the same on data that ships

    [b]puffin warm-up[/b]                      compile now what would be when it is first used
    """
    if version:
        from puffin import __version__

        typer.echo(__version__)
        raise typer.Exit
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
        raise typer.Exit


for one in (
    sharpe, compare, skill, vol, compare_vol, regimes, pairs, risk, portfolio, watch, tune, report,
    demo, warm_up,
):  # fmt: skip
    app.command(epilog=EXIT_CODES)(one)
