"""The command line, as a person or a script meets it."""

from __future__ import annotations

import gzip
import json
import os
import signal
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from puffin.cli import app
from tests.command_line import FAST, PUFFIN, as_json, refused, run

DATES = pd.bdate_range("2020-01-01", periods=120)


@pytest.fixture
def returns():
    random = np.random.default_rng(7)
    market = random.standard_t(5, len(DATES)) * 0.006
    return pd.DataFrame(
        {
            "good": 0.002 + market + random.normal(0, 0.002, len(DATES)),
            "poor": -0.002 + market + random.normal(0, 0.002, len(DATES)),
            "market": market,
        },
        index=pd.Index(DATES, name="date"),
    )


class TestSharpe:
    def test_agrees_with_the_library(self, returns, save):
        from puffin import bayesian_sharpe

        found = as_json("sharpe", save(returns), *FAST, "--risk-free", "0.02")
        assert [one["strategy"] for one in found["sharpe"]] == list(returns)
        expected = bayesian_sharpe(returns["good"], 500, 0.02, random_seed=1)
        for key, value in expected.items():
            assert found["sharpe"][0][key] == pytest.approx(value), key
        assert found["seed"] == 1
        assert found["risk_free_rate"] == 0.02

    def test_table_shows_every_column_and_its_numbers(self, returns, save):
        path = save(returns)
        found = as_json("sharpe", path, *FAST)["sharpe"][0]
        result = run("sharpe", path, *FAST)
        assert result.exit_code == 0
        row = next(line for line in result.stdout.splitlines() if line.startswith(" good "))
        for key in ("sample_sharpe", "mean", "std", "hdi_low", "hdi_high"):
            assert f"{found[key]:.2f}" in row
        assert "252 periods a year" in result.stdout
        assert result.stderr == ""

    @pytest.mark.parametrize("columns", ["80", "120"])
    def test_fits_the_terminal_without_control_codes(self, returns, save, columns):
        long = returns.rename(columns={"good": "a strategy with quite a long name indeed"})
        long["flat"] = long["market"].where(np.arange(len(long)) % 4 == 0, 0.0)
        long["late"] = long["market"].iloc[30:] * 2 + 0.0001
        for command in ("sharpe", "compare"):
            result = run(command, save(long), *FAST, columns=columns)
            assert result.exit_code == 0, result.stderr
            assert max(map(len, result.stdout.splitlines())) <= int(columns)
            assert "\x1b" not in result.stdout
            # Nothing but the long name is cut.
            assert all(
                line.count("…") <= line.count("a strategy") for line in result.stdout.splitlines()
            )

    def test_flat_strategy_gets_the_hurdle_and_says_so(self, returns, save):
        returns["flat"] = returns["market"].where(np.arange(len(returns)) % 4 == 0, 0.0)
        result = run("sharpe", save(returns), *FAST)
        assert "flat: hurdle Student-t (flat on 75% of periods)." in result.stdout

    def test_bad_column_is_named_and_the_others_are_shown(self, returns, save):
        returns["broken"] = returns["market"]
        returns.iloc[9, 3] = np.nan
        result = run("sharpe", save(returns), *FAST)
        assert result.exit_code == 2
        assert " good" in result.stdout
        assert "broken" not in result.stdout
        assert result.stderr.splitlines() == [
            "puffin: left out: column 'broken' has 1 missing value in the middle, first on "
            "2020-01-14; fill or remove such rows."
        ]

    def test_bad_column_is_in_the_json(self, returns, save):
        returns["broken"] = 0.01
        result = run("sharpe", save(returns), *FAST, "--json")
        assert result.exit_code == 2
        found = json.loads(result.stdout)
        assert len(found["sharpe"]) == 3
        assert "no variance" in found["rejected"]["broken"]

    def test_chosen_columns_only(self, returns, save):
        found = as_json("sharpe", save(returns), *FAST, "-c", "market", "--column", "poor")
        assert [one["strategy"] for one in found["sharpe"]] == ["poor", "market"]

    def test_prices_become_returns(self, returns, save):
        prices = 50.0 * (1.0 + returns).cumprod()
        from_prices = as_json("sharpe", save(prices, "p.csv"), *FAST, "--prices")["sharpe"]
        from_returns = as_json("sharpe", save(returns.iloc[1:], "r.csv"), *FAST)["sharpe"]
        for one, other in zip(from_prices, from_returns, strict=True):
            assert one["sample_sharpe"] == pytest.approx(other["sample_sharpe"], rel=1e-9)
            assert one["n_observations"] == other["n_observations"] == len(returns) - 1

    def test_autocorrelation_and_interval_are_passed_on(self, returns, save):
        arguments = ["--autocorrelation", "ar1", "--hdi-prob", "0.5", "--periods-per-year", "12"]
        found = as_json("sharpe", save(returns), *FAST, *arguments)["sharpe"][0]
        assert found["model"] == "Student-t AR(1)"
        assert found["hdi_prob"] == 0.5
        assert found["periods_per_year"] == 12

    def test_too_few_draws_are_pointed_out(self, returns, save):
        result = run("sharpe", save(returns), "--samples", "20", "--seed", "1")
        assert result.exit_code == 0
        assert "! good:" in result.stdout
        assert "raise --samples" in result.stdout

    def test_numbers_that_are_none_are_null(self, returns, save):
        found = as_json("sharpe", save(returns), "--samples", "2", "--seed", "1")
        assert found["sharpe"][0]["r_hat"] is None

    def test_column_names_are_not_markup(self, returns, save):
        result = run("sharpe", save(returns.rename(columns={"good": "[red]good[/x]"})), *FAST)
        assert result.exit_code == 0
        assert "[red]good[/x]" in result.stdout


class TestCompare:
    def test_agrees_with_the_library(self, returns, save):
        from puffin import strategy_comparison

        found = as_json("compare", save(returns), *FAST)
        expected = strategy_comparison(returns, 500, random_seed=1)
        assert found["dependence"] == "joint"
        columns = list(found["table"][0])
        assert columns == list(expected.table.columns)
        pd.testing.assert_frame_equal(pd.DataFrame(found["table"]), expected.table)
        assert found["prob_better"]["good"]["poor"] == expected.prob_better.loc["good", "poor"]
        assert found["prob_better"]["good"]["good"] is None
        assert len(found["differences"]) == 3

    def test_pool_shrinks(self, save):
        noise = np.random.default_rng(5).normal(0, 0.01, (len(DATES), 6))
        path = save(pd.DataFrame(noise, index=DATES, columns=list("abcdef")))
        alone, pooled = (
            as_json("compare", path, *FAST, *more)["table"][0] for more in ([], ["--pool"])
        )
        assert alone["sharpe_mean"] > 1.0
        assert pooled["sharpe_mean"] < 0.7 * alone["sharpe_mean"]

    def test_matrix_shows_a_readable_part_of_many(self, save):
        random = np.random.default_rng(3)
        many = pd.DataFrame(random.normal(0, 0.01, (60, 14)), index=DATES[:60])
        many.columns = [f"strategy {i}" for i in range(14)]
        result = run("compare", save(many), "--samples", "100", "--seed", "1")
        assert result.exit_code == 0, result.stderr
        assert "of 14; --json has them all." in result.stdout
        assert max(map(len, result.stdout.splitlines())) <= 80

    def test_needs_two_columns(self, returns, save):
        assert "needs two columns" in refused("compare", save(returns[["good"]]), *FAST)

    def test_one_that_hardly_moves_is_left_out(self, returns, save):
        returns["still"] = 0.0
        returns.iloc[5, 3] = 0.01
        result = run("compare", save(returns), *FAST)
        assert result.exit_code == 2
        assert "Ranking" in result.stdout
        assert "column 'still'" in result.stderr
        assert "returns_dict" not in result.stderr


class TestFiles:
    def expected(self, returns, save):
        return as_json("sharpe", save(returns, "expected.csv"), *FAST)["sharpe"]

    def test_parquet(self, returns, save, tmp_path):
        returns.to_parquet(tmp_path / "r.parquet")
        returns.reset_index().to_parquet(tmp_path / "s.pq")
        for name in ("r.parquet", "s.pq"):
            found = as_json("sharpe", tmp_path / name, *FAST)["sharpe"]
            assert found == self.expected(returns, save)

    def test_gzip_semicolons_and_byte_order_mark(self, returns, save):
        text = "\ufeff" + returns.to_csv(sep=";")
        found = as_json("sharpe", save(gzip.compress(text.encode()), "r.csv.gz"), *FAST)["sharpe"]
        assert found == self.expected(returns, save)

    def test_any_order_of_dates(self, returns, save):
        found = as_json("sharpe", save(returns.iloc[::-1], "back.csv"), *FAST)["sharpe"]
        assert found == self.expected(returns, save)

    @pytest.mark.parametrize("style", ["%Y%m%d", "%d.%m.%Y", "%m/%d/%Y", "%d/%m/%Y", "%b %d, %Y"])
    def test_dates_in_many_styles(self, returns, save, style):
        styled = returns.set_axis(DATES.strftime(style)).rename_axis("when")
        found = as_json("sharpe", save(styled, "styled.csv"), *FAST)
        assert found["sharpe"] == self.expected(returns, save)

    def test_months_and_years_as_numbers(self, returns, save):
        months = pd.date_range("1990-01", periods=len(returns), freq="MS")
        styled = returns.set_axis(months.strftime("%Y%m"))
        assert as_json("sharpe", save(styled), *FAST)["periods_per_year"] == 12
        styled = returns.set_axis(range(1900, 1900 + len(returns)))
        assert as_json("sharpe", save(styled), *FAST)["periods_per_year"] == 1

    def test_ambiguous_dates_are_pointed_out(self, save):
        months = [f"01/{month:02d}/{year}" for year in range(2015, 2020) for month in range(1, 13)]
        returns = pd.Series(np.random.default_rng(1).normal(size=60) / 100, months, name="a")
        result = run("sharpe", save(returns), *FAST)
        assert result.exit_code == 0
        assert result.stderr.startswith("puffin: warning: dates such as 01/01/2015")
        assert len(result.stderr.splitlines()) == 1

    def test_named_date_column(self, returns, save):
        moved = returns.reset_index()[["good", "date", "poor", "market"]].set_index("good")
        found = as_json("sharpe", save(moved), *FAST, "--date-column", "date")["sharpe"]
        assert found == self.expected(returns, save)

    def test_undated_rows(self, returns, save):
        numbers = returns.reset_index(drop=True)
        numbered = as_json("sharpe", save(numbers, "numbered.csv"), *FAST)["sharpe"]
        plain = as_json("sharpe", save(numbers.to_csv(index=False)), *FAST)["sharpe"]
        assert numbered == plain
        assert [one["strategy"] for one in plain] == list(returns)
        assert plain[0]["periods_per_year"] == 252

    def test_undated_strategies_that_start_late_meet_on_their_rows(self, returns, save):
        returns.loc[DATES[:20], "good"] = np.nan
        undated = save(returns.to_csv(index=False), "undated.csv")
        dated = as_json("compare", save(returns), *FAST)
        found = as_json("compare", undated, *FAST)
        assert found["table"] == dated["table"]
        assert set(found["n_observations"].values()) == {100}

    def test_lives_of_different_length(self, returns, save):
        returns.loc[DATES[:20], "good"] = np.nan
        returns.loc[DATES[-10:], "poor"] = np.nan
        found = as_json("sharpe", save(returns), *FAST)["sharpe"]
        assert [one["n_observations"] for one in found] == [100, 110, 120]

    def test_decimal_commas(self, returns, save):
        path = save(returns.to_csv(sep=";", decimal=","), "commas.csv")
        assert as_json("sharpe", path, *FAST)["sharpe"] == self.expected(returns, save)

    def test_standard_input(self, returns, save):
        arguments = ["sharpe", "-", *FAST, "--json"]
        result = CliRunner().invoke(app, arguments, input=returns.to_csv())
        assert json.loads(result.stdout)["sharpe"] == self.expected(returns, save)


class TestBadInput:
    def test_missing_file(self, tmp_path):
        assert "there is no file" in refused("sharpe", tmp_path / "none.csv")
        assert "is a directory" in refused("report", tmp_path)

    @pytest.mark.parametrize(
        ("content", "message"),
        [
            ("", "is empty"),
            ("\n \n", "is empty"),
            ("date,a\n", "header but no rows"),
            (b"PK\x03\x04 a spreadsheet", "neither CSV nor Parquet"),
            (b"\x89PNG\r\n\x1a\n\x00\x00", "neither CSV nor Parquet"),
            (b"PAR1 cut short", "damaged Parquet"),
            (b"\x1f\x8b cut short", "damaged gzip"),
            ("date,a\n2020-01-01,1,2,3\n2020-01-02,1\n", "is not a CSV file"),
            ("2020-01-01,0.01\n2020-01-02,0.02\n", "has no header"),
            ("date,a,a\n2020-01-01,0.1,0.2\n", "more than one column named 'a'"),
            ("date,a,\n2020-01-01,0.1,0.2\n", "no name for column 3"),
            ("date,a\n2020-01-01,0.1\n2020-01-01,0.2\n", "repeats a date, first 2020-01-01"),
            ("date,a\n2020-01-01,0.1\n,0.2\n2020-01-03,0.2\n", "row 2 has no date"),
            ("date,a\n2020-01-01,0.1\nsoon,0.2\n", "must hold dates; found 'soon' in row 2"),
            ("date,a\n2020-01-01,0.1\n2020-01-02,n/k\n", "found 'n/k' on 2020-01-02"),
            ("a\n0.1\noops\n0.2\n", "column 'a' must hold numbers; found 'oops' in row 2"),
            ("date,a\n2020-01-01,0.1\n2020-01-02,\n2020-01-03,0.2\n", "1 missing value"),
            ("date,a\n2020-01-01,0.1\n2020-01-02,inf\n2020-01-03,0.2\n", "1 infinite value"),
            ("date,a\n2020-01-01,0.1\n2020-01-02,0.1\n2020-01-03,0.1\n", "has no variance"),
            ("date,a\n2020-01-01,0.1\n", "needs at least 2 observations"),
            ('date,a\n2020-01-01,"0,1"\n2020-01-02,"0,2"\n', "write decimals with a point"),
            ("date,a\n2020-01-01,True\n2020-01-02,False\n", "true and false"),
            ("date\n2020-01-01\n2020-01-02\n", "no column of returns"),
        ],
    )
    def test_bad_file(self, save, content, message):
        line = refused("sharpe", save(content))
        assert message in line
        assert message in refused("report", save(content))

    def test_prices_taken_for_returns(self, save):
        path = save("date,a,b\n2020-01-01,100,7\n2020-01-02,101,8\n2020-01-03,99,9\n")
        for command in ("sharpe", "compare", "report"):
            assert "did you mean --prices?" in refused(command, path)

    def test_returns_taken_for_prices(self, returns, save):
        line = refused("sharpe", save(returns), "--prices")
        assert "prices must be above zero" in line

    def test_unknown_columns(self, returns, save):
        path = save(returns)
        assert "there are 'good', 'poor', 'market'" in refused("sharpe", path, "-c", "nope")
        line = refused("sharpe", path, "--date-column", "Dat")
        assert "no column 'Dat' to take dates from; there are 'date', 'good'" in line
        assert "no column 'nope'" in refused("report", path, "--benchmark", "nope")

    @pytest.mark.parametrize(
        "option",
        [
            ["--hdi-prob", "1.5"],
            ["--hdi-prob", "nan"],
            ["--risk-free", "2"],
            ["--risk-free", "inf"],
            ["--periods-per-year", "0"],
            ["--samples", "0"],
            ["--samples", "many"],
            ["--cores", "0"],
            ["--seed", "-1"],
            ["--engine", "stan"],
            ["--autocorrelation", "ma1"],
        ],
    )
    def test_bad_option(self, returns, save, option):
        line = refused("sharpe", save(returns), *option)
        assert option[0] in line

    def test_usage(self, returns, save):
        assert "FILE" in refused("sharpe")
        assert "nothing" in refused("nothing")
        assert "--nothing" in refused("sharpe", save(returns), "--nothing")

    def test_autocorrelation_of_a_flat_strategy(self, returns, save):
        flat = returns[["market"]].where(np.arange(len(returns))[:, None] % 4 == 0, 0.0)
        line = refused("sharpe", save(flat), *FAST, "--autocorrelation", "ar1")
        assert "use autocorrelation='ignore'" in line

    def test_missing_extra(self, returns, tmp_path, monkeypatch):
        path = tmp_path / "r.parquet"
        returns.to_parquet(path)
        monkeypatch.setitem(sys.modules, "pyarrow", None)
        assert "pip install 'puffin-bayes[parquet]'" in refused("sharpe", path)

    def test_missing_report_extra_is_found_out_first(self, returns, save, tmp_path, monkeypatch):
        monkeypatch.setitem(sys.modules, "jinja2", None)
        monkeypatch.setattr("puffin.report.writing.find", pytest.fail)
        line = refused("report", save(returns), "--out", tmp_path / "report.html")
        assert "pip install 'puffin-bayes[report]'" in line

    def test_a_defect_is_one_line_too(self, returns, save, monkeypatch):
        def fail(*_):
            raise KeyError("surprise")

        monkeypatch.setattr("puffin.cli.commands.sharpe_ratios", fail)
        result = run("sharpe", save(returns))
        assert result.exit_code == 1
        assert result.stderr == "puffin: internal error: KeyError: 'surprise'. Please report it.\n"

    def test_interrupt_while_sampling(self, returns, save, tmp_path, monkeypatch):
        def interrupt(*_):
            raise KeyboardInterrupt

        monkeypatch.setattr("puffin.findings.findings.compare", interrupt)
        result = run("report", save(returns), *FAST, "--out", tmp_path / "report.html")
        assert (result.exit_code, result.output) == (130, "")
        assert [path.name for path in tmp_path.iterdir()] == ["returns.csv"]

    def test_percentages_are_pointed_out(self, returns, save):
        result = run("sharpe", save(200.0 * returns), *FAST)
        assert result.exit_code == 0
        assert "1% is 0.01" in result.stderr
        assert all(line.startswith("puffin: warning: ") for line in result.stderr.splitlines())

    def test_library_warnings_are_one_line_each(self, returns, save):
        returns.loc[DATES[:90], "good"] = np.nan
        returns.loc[DATES[40:], "poor"] = np.nan
        result = run("compare", save(returns), *FAST)
        assert result.exit_code == 0
        assert result.stderr.startswith("puffin: warning: The strategies share only 0 dates")
        assert len(result.stderr.splitlines()) == 1


class TestReport:
    def test_writes_the_page_and_prints_the_tables(self, returns, save, tmp_path):
        out = tmp_path / "page.html"
        result = run("report", save(returns), *FAST, "--out", out, "--benchmark", "market")
        assert result.exit_code == 0, result.stderr
        assert "Annual Sharpe ratio" in result.stdout
        assert "Ranking" in result.stdout
        assert "The benchmark is market." in result.stdout
        assert result.stdout.splitlines()[-1] == f"The report is in {out}"
        html = out.read_text()
        assert "Against market" in html
        assert "returns.csv" in html

    def test_json(self, returns, save, tmp_path):
        out = tmp_path / "page.html"
        arguments = ["report", save(returns), *FAST, "--out", out, "--benchmark", "market"]
        found = as_json(*arguments)
        assert found["report"] == str(out)
        assert out.exists()
        good = found["benchmark"]["strategies"]["good"]
        assert found["benchmark"]["name"] == "market"
        assert set(found["benchmark"]["strategies"]) == {"good", "poor"}
        assert good["beta"]["mean"] == pytest.approx(1.0, abs=0.1)
        _, alpha = np.polyfit(returns["market"], returns["good"], 1)
        assert good["alpha"]["mean"] == pytest.approx(252 * alpha, rel=0.02)
        assert good["sharpe_difference"]["prob_positive"] > 0.99
        assert len(found["comparison"]["table"]) == len(found["sharpe"]) == 3

    def test_same_seed_same_page(self, returns, save, tmp_path):
        pages = []
        for name in ("a", "b"):
            out = tmp_path / f"{name}.html"
            assert run("report", save(returns), *FAST, "--out", out).exit_code == 0
            pages.append(out.read_bytes())
        assert pages[0] == pages[1]

    def test_benchmark_is_used_whatever_is_chosen(self, returns, save, tmp_path):
        arguments = ["report", save(returns), *FAST, "-c", "good", "--benchmark", "market"]
        found = as_json(*arguments, "--out", tmp_path / "page.html")
        assert {one["strategy"] for one in found["sharpe"]} == {"good", "market"}

    def test_bad_benchmark_is_fatal(self, returns, save):
        returns.iloc[9, 2] = np.nan
        path = save(returns)
        assert "column 'market' has 1 missing" in refused("report", path, "--benchmark", "market")

    def test_benchmark_alone(self, returns, save):
        line = refused("report", save(returns[["good"]]), "--benchmark", "good")
        assert "no column besides the benchmark" in line

    def test_unwritable_output_is_found_out_first(self, returns, save, tmp_path, monkeypatch):
        monkeypatch.setattr("puffin.report.writing.find", pytest.fail)
        path = save(returns)
        for out in (tmp_path / "none" / "page.html", tmp_path, "/proc/none.html"):
            assert str(out).removesuffix("/page.html") in refused("report", path, "--out", out)

    def test_bad_column_is_left_out_and_said_in_the_page(self, returns, save, tmp_path):
        returns["still"] = 0.0
        out = tmp_path / "page.html"
        result = run("report", save(returns), *FAST, "--out", out)
        assert result.exit_code == 2
        assert "column 'still'" in result.stderr
        assert "still" in out.read_text()
        assert "The report is in" in result.stdout

    def test_demo(self, tmp_path):
        out = tmp_path / "demo.html"
        result = run("demo", "--out", out, "--samples", "300")
        assert result.exit_code == 0, result.stderr
        assert "The benchmark is Equal weight." in result.stdout
        assert result.stdout.splitlines()[-1] == f"The report is in {out}"
        assert max(map(len, result.stdout.splitlines()[:-1])) <= 80
        assert out.stat().st_size < 1_500_000


class TestProcess:
    """What only a process of its own can show."""

    def run(self, *arguments, **options):
        environment = os.environ | {"COLUMNS": "80"} | options.pop("environment", {})
        return subprocess.run(
            [*PUFFIN, *map(str, arguments)],
            capture_output=True,
            timeout=120,
            env=environment,
            check=False,
            **options,
        )

    def test_help_imports_nothing_heavy(self):
        code = (
            "import sys\nfrom puffin.cli import app\n"
            "try: app(['--help'])\nexcept SystemExit as end: code = end.code\n"
            "heavy = {'numpy', 'pandas', 'numba', 'scipy', 'matplotlib', 'jinja2', 'arviz_stats'}\n"
            "print(sorted(heavy & set(sys.modules)), code)"
        )
        shown = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
        ).stdout
        assert shown.splitlines()[-1] == "[] 0"
        for command in ("sharpe", "compare", "vol", "report", "demo"):
            assert command in shown

    def test_table_needs_nothing_that_draws(self, returns, save):
        code = (
            "import sys\nfrom puffin.cli import app\n"
            f"try: app(['sharpe', {save(returns)!r}, '--samples', '100'])\n"
            "except SystemExit: pass\n"
            "print(sorted({'matplotlib', 'jinja2'} & set(sys.modules)))"
        )
        shown = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
        ).stdout
        assert shown.splitlines()[-1] == "[]"

    def test_same_seed_same_output(self, returns, save):
        path = save(returns)
        first, second = (self.run("compare", path, *FAST).stdout for _ in range(2))
        assert first == second
        assert b"Ranking" in first
        assert self.run("compare", path, "--samples", "500", "--seed", "2").stdout != first

    def test_ascii_terminal(self, returns, save):
        result = self.run(
            "sharpe",
            save(returns.rename(columns={"good": "größe"})),
            *FAST,
            environment={"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"},
        )
        assert result.returncode == 0, result.stderr
        assert b"gr??e" in result.stdout

    @pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs a named pipe")
    def test_interrupt_is_quiet(self, tmp_path):
        pipe = tmp_path / "returns.csv"
        os.mkfifo(pipe)
        with (
            subprocess.Popen(
                [*PUFFIN, "sharpe", str(pipe)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
            ) as process,
            # Opening it returns once the command has opened it too, and waits for what is in it.
            pipe.open("wb"),
        ):
            process.send_signal(signal.SIGINT)
            stdout, stderr = process.communicate(timeout=60)
        assert (process.returncode, stdout, stderr) == (130, b"", b"")

    @pytest.mark.parametrize("form", ["", "--json"])
    def test_reader_that_leaves_early(self, returns, save, form):
        options = " ".join([*FAST, form])
        run = f"{sys.executable} -c '{PUFFIN[2]}' sharpe {save(returns)} {options}"
        command = f"{run} | true"
        result = subprocess.run(
            command, shell=True, capture_output=True, text=True, timeout=60, check=False
        )
        assert result.stderr == ""
