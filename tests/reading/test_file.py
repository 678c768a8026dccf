"""Files as brokers, vendors and notebooks write them, each with the right value."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from puffin.reading import (
    ReadingError,
    Request,
    prices_of,
    read_bytes,
    read_file,
    read_frame,
    read_text,
    returns_of,
)
from tests.reading.made import DATES, PRICES, RETURNS, ROWS, csv, frame

MONTHS = pd.date_range("2018-01-01", periods=60, freq="MS")


def read(text, request=None, **asked):
    return returns_of(read_text(text, request), **asked)


def check(found, name="fund", *, dates=DATES, returns=RETURNS):
    """Check returns, whether or not the first was lost in a difference of prices."""
    series = found.returns[name]
    n = len(series)
    assert n >= len(returns) - 1
    np.testing.assert_allclose(series.to_numpy(), returns[-n:], atol=5e-6)
    assert series.index.equals(dates[-n:])


class TestWhereTheDatesAre:
    def test_row_numbers_are_no_strategy(self):
        found = read(frame().to_csv())
        check(found)
        assert list(found.returns) == ["fund"]
        assert "row numbers" in found.line

    @pytest.mark.parametrize("name", ["", "Unnamed: 0", "index", "#", "No."])
    def test_row_numbers_by_any_name_and_from_one(self, name):
        numbered = frame().set_axis(range(1, ROWS + 1)).rename_axis(name)
        check(read(numbered.to_csv()))

    def test_any_column(self):
        check(read(frame()[["fund", "Date"]].to_csv(index=False)))
        check(
            read(
                frame()
                .assign(ticker="A", day=DATES.day_name())[["ticker", "day", "fund", "Date"]]
                .to_csv(index=False)
            )
        )

    def test_named_column(self):
        two = frame().assign(settled=DATES + pd.Timedelta(days=2)).to_csv(index=False)
        check(read(two))
        settled = read(two, Request(date_column="settled"))
        assert settled.returns["fund"].index.equals(DATES + pd.Timedelta(days=2))
        with pytest.raises(
            ReadingError, match="no column 'when' to take dates from; there are 'Date'"
        ):
            read(two, Request(date_column="when"))

    @pytest.mark.parametrize("column", ["%H:%M", "%H:%M:%S", "%I:%M %p"])
    def test_date_and_time_in_two_columns(self, column):
        hours = pd.date_range("2020-01-06", periods=ROWS, freq="h")
        table = pd.DataFrame(
            {"Date": hours.strftime("%Y-%m-%d"), "Time": hours.strftime(column), "fund": RETURNS}
        )
        found = read(table.to_csv(index=False))
        check(found, dates=hours)
        assert "hourly" in found.line

    @pytest.mark.parametrize("style", ["%Y%m%d;%H%M%S", "%Y-%m-%d;%H:%M:%S"])
    def test_date_and_time_with_a_semicolon_in_a_comma_file(self, style):
        """A broker's statement: the semicolon splits all rows but the header's."""
        closes = DATES + pd.Timedelta(hours=16)
        table = frame().assign(Date=closes.strftime(style))
        check(read(table.to_csv(index=False)), dates=closes)

    def test_times_as_numbers(self):
        minutes = pd.date_range("2020-01-06 09:30", periods=ROWS, freq="min")
        table = pd.DataFrame(
            {
                "Date": minutes.strftime("%Y%m%d"),
                "Time": minutes.strftime("%H%M"),
                "fund": RETURNS / 100,
            }
        )
        check(read(table.to_csv(index=False)), dates=minutes, returns=RETURNS / 100)

    def test_year_and_month_in_two_columns(self):
        table = pd.DataFrame({"Year": MONTHS.year, "Month": MONTHS.month, "fund": RETURNS[:60]})
        check(read(table.to_csv(index=False)), dates=MONTHS, returns=RETURNS[:60])

    def test_lines_before_the_header(self):
        found = read("Fund report\nName,Alpha\nAs of,2020-01-01\n\n" + csv())
        check(found)
        assert "left out: 3 lines before the header" in found.line
        check(read("Fund report;;\nName;Alpha;\n;;\n" + csv(sep=";", decimal=",")))

    @pytest.mark.parametrize(
        "after",
        [
            "Total,1.23\nAverage,0.004\n",
            "\nSource: a bank\n",
            "Summe,12\n",
            ",\n,\n",
            "Since inception,9%\n",
        ],
    )
    def test_rows_after_the_data(self, after):
        check(read(csv() + after))

    def test_a_second_table_below(self):
        check(read(csv() + "\nAnnual returns\nYear,fund\n2019,0.12\n2020,0.03\n"))

    def test_names_that_repeat(self):
        twice = csv().replace("\n", ",9\n").replace("fund,9", "fund,fund", 1)
        with pytest.raises(ReadingError, match="more than one column named 'fund'"):
            read(twice)
        same = pd.concat([frame(), frame()], axis=1).to_csv(index=False)
        check(read(same))

    def test_repeated_rows_and_dates(self):
        last = csv().splitlines()[-1]
        assert "left out: 1 repeated row" in read(csv() + last + "\n").line
        with pytest.raises(
            ReadingError, match="repeats a date, first 2020-02-25; keep one row a date"
        ):
            read(csv() + "2020-02-25,0.5\n")

    def test_equal_rows_without_dates_are_all_kept(self):
        found = read("a\n" + "0.01\n0.0\n-0.02\n0.0\n" * 5)
        assert len(found.returns["a"]) == 20

    def test_r_has_no_name_for_row_names(self):
        lines = [f'"{day:%Y-%m-%d}",{one}' for day, one in zip(DATES, RETURNS, strict=True)]
        check(read("\n".join(['"fund"', *lines])))

    def test_columns_without_names(self):
        found = read(pd.DataFrame(np.c_[RETURNS, -RETURNS]).to_csv())
        assert list(found.returns) == ["0", "1"]
        assert "no dates, taken as 252 a year" in found.line


class TestWhatTheNumbersAre:
    @pytest.mark.parametrize(
        ("values", "name", "said"),
        [
            ([f"{100 * one:.4f}%" for one in RETURNS], "fund", "percent"),
            (100 * RETURNS, "fund", "percent"),
            (1 + RETURNS, "fund", "1 + r"),
            (np.cumprod(1 + RETURNS) - 1, "fund", "cumulative"),
            (100 * (np.cumprod(1 + RETURNS) - 1), "fund", "cumulative returns in percent"),
            (np.cumprod(1 + RETURNS), "Equity", "prices"),
            ((1e6 * np.cumprod(1 + RETURNS)).round(2), "Balance", "prices"),
            ([f"${one:,.2f}" for one in 1e6 * np.cumprod(1 + RETURNS)], "NAV", "prices"),
            ([f"{one:.6f}" if one >= 0 else f"({-one:.6f})" for one in RETURNS], "fund", "simple"),
            ([f"{one:.6f}".replace("-", "\u2212") for one in RETURNS], "fund", "simple returns"),
        ],
    )
    def test_units(self, values, name, said):
        found = read(csv(returns=values, name=name))
        check(found, name)
        assert said in found.line

    @pytest.mark.parametrize(
        ("values", "option"),
        [
            (PRICES, "--prices"),
            (1e5 * RETURNS, "--unit profit"),
            (1e5 * np.cumsum(RETURNS), "--unit cumulative-profit"),
            (np.abs(RETURNS) * 1e8, "--unit"),
        ],
    )
    def test_questions(self, values, option):
        with pytest.raises(ReadingError, match=option):
            read(csv(returns=values))

    def test_what_somebody_says_is_taken(self):
        check(read(csv(returns=PRICES), Request(unit="prices")))
        check(read(csv(returns=1e5 * RETURNS), Request(unit="profit", capital=1e5)))
        found = read(csv(), Request(unit="percent"))
        check(found, returns=RETURNS / 100)

    def test_profit_since_the_start(self):
        values = 1e5 * (np.cumprod(1 + RETURNS) - 1)
        request = Request(unit="cumulative-profit", capital=1e5)
        check(read(csv(returns=values), request))
        check(read(csv(returns=[f"${one:,.2f}" for one in values]), Request(capital=1e5)))

    def test_profit_in_money_needs_the_capital(self):
        with pytest.raises(ReadingError, match="--capital"):
            read(csv(returns=(1e3 * RETURNS).round(2), name="PnL"))

    def test_an_unadjusted_split_is_noticed(self):
        split = np.where(np.arange(ROWS) >= 150, PRICES / 4, PRICES)
        with pytest.warns(UserWarning, match="2019-07-31, as in a split of 4 for 1"):
            read(csv(returns=split, name="Close"))

    @pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
    def test_german_numbers(self, separator):
        text = csv(sep=separator, decimal="," if separator != "," else ".", date_format="%d.%m.%Y")
        found = read(text)
        check(found)
        assert "dates day first" in found.line

    def test_german_thousands(self):
        values = [f"{one:,.2f}".translate(str.maketrans(",.", ".,")) for one in 1e6 * PRICES]
        check(read(csv(returns=values, name="Kurs", sep=";")), "Kurs")

    def test_columns_of_several_units_are_each_said(self):
        both = frame().assign(gross=1 + RETURNS[::-1]).to_csv(index=False)
        assert "fund: simple returns; gross: 1 + r" in read(both).line


class TestVendors:
    LEVELS = pd.MultiIndex.from_product(
        [["Adj Close", "Close", "High", "Low", "Open", "Volume"], ["AAPL", "MSFT"]],
        names=["Price", "Ticker"],
    )

    def downloaded(self):
        table = pd.DataFrame(
            np.outer(PRICES, np.ones(12)), DATES.rename("Date"), self.LEVELS.copy()
        )
        table["Close"] = 1.1 * table["Close"]
        table["Volume"] = 1e6
        return table

    @pytest.mark.parametrize("kind", ["new", "old", "by ticker", "no name"])
    def test_two_and_three_rows_of_header(self, kind):
        table = self.downloaded()
        if kind in ("old", "no name"):
            table.columns.names = [None, None]
        if kind == "no name":
            table.index.name = None
        if kind == "by ticker":
            table = table.swaplevel(axis=1).sort_index(axis=1)
        table_read = read_text(table.to_csv())
        found = returns_of(table_read)
        assert list(found.returns) == ["AAPL", "MSFT"]
        check(found, "MSFT")
        assert "the adjusted close of 2 instruments" in found.line
        bars = table_read.bars["AAPL"]
        assert set(bars) == {"open", "high", "low", "close", "adjusted", "volume"}
        assert (bars["volume"] == 1e6).all()

    def test_one_ticker(self):
        one = self.downloaded().loc[:, self.LEVELS.get_level_values("Ticker") == "AAPL"]
        check(read(one.to_csv()), "AAPL")
        check(read(one.droplevel("Ticker", axis=1).to_csv()), "Adj Close")

    def test_other_columns_of_bars_are_used_where_chosen(self):
        one = self.downloaded().loc[:, self.LEVELS.get_level_values("Ticker") == "AAPL"]
        table = read_text(one.droplevel("Ticker", axis=1).to_csv())
        assert table.columns == ("Adj Close",)
        assert returns_of(table, ["Close"]).units == {"Close": "prices"}
        assert list(prices_of(table, ["Open", "Volume"])) == ["Open", "Volume"]

    def lines(self, header, style, *, backwards=True):
        rows = [style(day, price) for day, price in zip(DATES, PRICES, strict=True)]
        return "\n".join([header, *(rows[::-1] if backwards else rows)])

    @pytest.mark.parametrize(
        ("header", "style", "close"),
        [
            (
                "timestamp,1. open,2. high,3. low,4. close,5. volume",
                lambda d, p: f"{d:%Y-%m-%d},1,2,1,{p:.6f},100",
                "4. close",
            ),
            (
                '"Date","Price","Open","High","Low","Vol.","Change %"',
                lambda d, p: f'"{d:%b %d, %Y}","{p * 50:,.4f}","1","2","1","1.2M","0.5%"',
                "Price",
            ),
            (
                "Date,Close/Last,Volume,Open,High,Low",
                lambda d, p: f"{d:%m/%d/%Y},${p:.6f},100,$1,$2,$1",
                "Close/Last",
            ),
            (
                "<DATE>\t<TIME>\t<OPEN>\t<HIGH>\t<LOW>\t<CLOSE>\t<TICKVOL>\t<VOL>\t<SPREAD>",
                lambda d, p: f"{d:%Y.%m.%d}\t00:00:00\t1\t2\t1\t{p:.6f}\t9\t0\t3",
                "<CLOSE>",
            ),
            ("date,close,volume", lambda d, p: f"{d:%Y-%m-%d},{p:.6f},1000", "close"),
            (
                "open_time,open,high,low,close,volume,close_time",
                lambda d, p: f"{d.value // 10**6},1,2,1,{p:.6f},9,{d.value // 10**6 + 86399}",
                "close",
            ),
            (
                "Datum;Eröffnung;Hoch;Tief;Schluss",
                lambda d, p: f"{d:%d-%m-%Y};1;2;1;{p:.6f}".replace(".", ","),
                "Schluss",
            ),
        ],
    )
    def test_bars(self, header, style, close):
        found = read(self.lines(header, style))
        assert list(found.returns) == [close]
        check(found, close)

    def test_french(self):
        rows = [
            f"{one:%Y%m},{100 * r:8.2f},    0.22" for one, r in zip(MONTHS, RETURNS, strict=False)
        ]
        rows[5] = f"{MONTHS[5]:%Y%m},  -99.99,    0.22"
        text = "\n".join(
            [
                "Made from a database",
                "Missing data are -99.99",
                "",
                ",Mkt-RF,RF",
                *rows,
                "",
                "  Annual Factors: January-December",
                ",Mkt-RF,RF",
                "2018,29.47,3.12",
                "2019,35.39,3.56",
            ]
        )
        table = read_text(text)
        assert table.frequency.periods_per_year == 12
        assert list(table.numbers) == ["Mkt-RF", "RF"]
        assert np.isnan(table.numbers["Mkt-RF"].iloc[5])
        found = returns_of(table, ["Mkt-RF"])
        assert found.returns["Mkt-RF"].notna().all()
        assert "Mkt-RF has no value on 1 of " in found.line


class TestKinds:
    def test_the_line(self):
        found = read("a;b\n" + csv(sep=";", decimal=",", date_format="%d.%m.%Y"))
        assert found.line == (
            "read 300 daily returns of 1 column (fund), 2019-01-02 to 2020-02-25, dates day first, "
            "252 a year; simple returns; left out: 1 line before the header"
        )

    @pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
    def test_ends_of_lines(self, end):
        check(read(csv().replace("\n", end)))

    @pytest.mark.parametrize("coding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
    def test_codings(self, coding):
        content = csv(name="größe").encode(coding)
        check(returns_of(read_bytes(content)), "größe")

    def test_columns_set_apart_by_blanks(self):
        check(read(frame().to_string(index=False)))

    def test_frames(self):
        check(returns_of(read_frame(frame())))
        check(returns_of(read_frame(frame().set_index("Date"))))
        check(returns_of(read_frame(frame().set_index("Date").rename_axis("fund"))))
        check(returns_of(read_frame(frame().set_index("Date", drop=False))))
        check(returns_of(read_frame(frame(dates=DATES.strftime("%d.%m.%Y")))))
        numbered = frame(dates=DATES.strftime("%Y%m%d").astype(int)).set_index("Date")
        check(returns_of(read_frame(numbered)))
        zoned = frame(dates=DATES.tz_localize("Europe/Berlin"))
        check(returns_of(read_frame(zoned)), dates=DATES.tz_localize("Europe/Berlin"))

    def test_parquet(self, tmp_path):
        path = tmp_path / "a.parquet"
        frame().to_parquet(path)
        check(returns_of(read_file(path)))

    def test_excel(self, tmp_path):
        openpyxl = pytest.importorskip("openpyxl")
        path = tmp_path / "a.xlsx"
        frame().to_excel(path, index=False, startrow=2)
        check(returns_of(read_file(path)))
        book = openpyxl.load_workbook(path)
        book.active["A1"] = "Fund report"
        book.active["A2"] = "Alpha"
        book.active.cell(ROWS + 4, 1, "Total")
        book.active.cell(ROWS + 4, 2, 0.123)
        book.save(path)
        found = returns_of(read_file(path))
        check(found)
        assert "left out: 2 lines before the header, 1 row of totals or notes" in found.line

    def test_late_starters_keep_their_rows(self):
        late = frame().assign(late=np.where(np.arange(ROWS) < 20, np.nan, RETURNS))
        found = read(late.to_csv(index=False))
        assert len(found.returns["late"]) == ROWS - 20
        assert len(found.returns["fund"]) == ROWS

    @pytest.mark.parametrize(
        ("content", "message"),
        [
            (b"", "is empty"),
            (b" \n \n", "is empty"),
            (b"date,a\n", "header but no rows"),
            (b"PK\x03\x04 no workbook", "neither CSV nor Parquet"),
            (b"\x89PNG\r\n\x1a\n\x00\x00", "neither CSV nor Parquet"),
            (b"\xd0\xcf\x11\xe0\xa1\xb1", "old Excel workbook"),
            (b"PAR1 cut short", "damaged Parquet"),
            (b"\x1f\x8b cut short", "damaged gzip"),
            (b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xff\xff\xff\xff", "damaged gzip"),
            (b"a,b\n" + b"x" * 140_000 + b",1\n", "more than 131,072 characters"),
            (b"a,b\n" + b"9" * 130_000 + b",1\n", "must hold"),
            (b"a,b\n" + b"9 " * 60_000 + b",1\n", "must hold"),
            (b"date,a\n2020-01-01,1,2,3\n2020-01-02,1\n", "is not a CSV file: line 2 has 4 cells"),
            (b"2020-01-01,0.01\n2020-01-02,0.02\n", "has no header"),
            (b"date,a,\n2020-01-01,0.1,0.2\n", "no name for column 3"),
            (b"date,a\n2020-01-01,0.1\n,0.2\n2020-01-03,0.2\n", "row 2 has no date"),
            (b"date,a\n2020-01-01,0.1\nsoon,0.2\n", "must hold dates; found 'soon' in row 2"),
            (b"date,a\n2020-01-01,0.1\n2020-01-02,n/k\n", "found 'n/k' on 2020-01-02"),
            (b"a\n0.1\noops\n0.2\n", "column 'a' must hold numbers; found 'oops' in row 2"),
            (b'date,a\n2020-01-01,"0,1"\n2020-01-02,"1,234.5"\n', "write decimals with a point"),
            (b"date,a\n2020-01-01,True\n2020-01-02,False\n", "true and false"),
            (b"date\n2020-01-01\n2020-01-02\n", "no column of returns"),
        ],
    )
    def test_what_is_refused(self, content, message):
        with pytest.raises(ReadingError, match=message):
            returns_of(read_bytes(content))
