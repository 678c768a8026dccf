"""What stands around the numbers of a file, and must not change them."""

from __future__ import annotations

import io
import zipfile

import numpy as np
import pandas as pd
import pytest

from puffin.reading import ReadingError, Request, read_bytes, read_frame, read_text, returns_of
from tests.reading.made import DATES, PRICES, RETURNS, ROWS, csv, frame

TWO = frame().assign(other=-RETURNS)
LINES = TWO.to_csv(index=False).splitlines()


def check(text, names=("fund", "other"), request=None):
    read = read_bytes if isinstance(text, bytes) else read_text
    found = returns_of(read(text, request))
    assert list(found.returns) == list(names)
    for name, returns in zip(names, (RETURNS, -RETURNS), strict=False):
        np.testing.assert_allclose(found.returns[name], returns, atol=1e-9)
        assert found.returns[name].index.equals(DATES)
    return found.line


class TestLines:
    def test_a_separator_at_the_end_of_each_line(self):
        check("\n".join(f"{line}," for line in LINES))
        check("\n".join([LINES[0], *(f"{line}," for line in LINES[1:])]))

    def test_a_note_at_the_end_of_each_line(self):
        check("\n".join([LINES[0], *(f"{line},ok" for line in LINES[1:])]))

    def test_comments(self):
        noted = [*LINES[:100], "# rebalanced", *LINES[100:]]
        assert "1 comment or repeated header" in check("\n".join(noted))
        check("\n".join(["# costs: 5 bps", f"# {LINES[0]}", *LINES[1:]]))

    def test_a_missing_date_is_no_comment(self):
        with pytest.raises(ReadingError, match="row 101 has no date"):
            read_text("\n".join([*LINES[:101], "#N/A,0.1,0.2", *LINES[101:]]))

    def test_headers_that_come_again(self):
        pages = [*LINES[:100], "", LINES[0], *LINES[100:]]
        assert "1 comment or repeated header" in check("\n".join(pages))

    def test_markdown(self):
        cells = [f"| {line.replace(',', ' | ')} |" for line in LINES]
        check("\n".join([cells[0], "|:---|---:|---:|", *cells[1:]]))

    def test_a_date_and_a_time_set_apart_by_blanks(self):
        lines = [line.replace(",", " 00:00 ", 1).replace(",", " ") for line in LINES[1:]]
        check("\n".join(["Date Time fund other", *lines]))


class TestHeaders:
    def test_a_name_above_several_columns(self):
        rows = [f"{line},{line.split(',', 1)[1]}" for line in LINES[1:]]
        for above in (",Equity,,Bonds,", ",Equity,Equity,Bonds,Bonds"):
            found = returns_of(read_text("\n".join([above, "Date,US,EU,US,EU", *rows])))
            assert list(found.returns) == ["Equity US", "Equity EU", "Bonds US", "Bonds EU"]
            np.testing.assert_allclose(found.returns["Bonds US"], RETURNS, atol=1e-9)

    def test_text_without_a_name(self):
        rows = [line.replace(",", ",EUR,", 1) for line in LINES[1:]]
        check("\n".join(["Date,,fund,other", *rows]))

    def test_of_many_columns_left_out_a_few_are_named(self):
        texts = {f"note {k}": "ok" for k in range(40)}
        line = returns_of(read_text(frame().assign(**texts).to_csv(index=False))).line
        assert line.endswith("left out: " + ", ".join(list(texts)[:8]) + " and 32 more (text)")

    def test_r_names_no_row_names(self):
        check("\n".join(["fund,other", *LINES[1:]]))


class TestNumbers:
    def test_decimal_commas_in_quotes(self):
        rows = [
            f'"{day:%d.%m.%Y}","{100 * one:.4f} %"'.replace(".", ",").replace(",", ".", 2)
            for day, one in zip(DATES, RETURNS, strict=True)
        ]
        assert '"02.01.2019","0,2699 %"' in rows
        assert "percent" in check("\n".join(['"Datum","fund"', *rows]), ["fund"])

    @pytest.mark.parametrize("separator", [";", "\t", ","])
    @pytest.mark.parametrize("mark", [".", ","])
    def test_thousands_only_above_a_thousand(self, separator, mark):
        prices = np.round(10.4 * PRICES)
        assert prices.min() < 1000 < prices.max()
        cells = [f'"{one:,.0f}"'.replace(",", mark) for one in prices]
        lines = [f"{day:%Y-%m-%d}{separator}{cell}" for day, cell in zip(DATES, cells, strict=True)]
        found = returns_of(read_text("\n".join([f"Date{separator}NAV", *lines])))
        np.testing.assert_allclose(found.returns["NAV"], prices[1:] / prices[:-1] - 1.0)

    def test_decimals_of_three_digits_are_no_thousands(self):
        prices = (np.round(8 * PRICES) / 8 + np.where(np.arange(ROWS) % 2, 0.125, 0.0)).tolist()
        cells = [f"{one:.3f}" if one % 1 else f"{one:.0f}" for one in prices]
        found = returns_of(read_text(csv(returns=cells, name="Close")))
        np.testing.assert_allclose(
            found.returns["Close"], pd.Series(prices).pct_change()[1:], rtol=1e-9
        )

    def test_percent_signs_in_some_cells(self):
        cells = [f"{one:.2%}" if k % 3 else f"{one:.6f}" for k, one in enumerate(RETURNS)]
        with pytest.raises(ReadingError, match="has percent signs in some rows and none in others"):
            returns_of(read_text(csv(returns=cells)))
        zeros = [f"{one:.4%}" if k % 3 else "0" for k, one in enumerate(RETURNS)]
        assert "percent" in returns_of(read_text(csv(returns=zeros))).line

    @pytest.mark.parametrize(
        ("name", "values", "said"),
        [
            ("log_return", np.log1p(RETURNS), "log returns"),
            ("LogRet", np.log1p(RETURNS), "log returns"),
            ("log price", np.log(PRICES), "logs of prices"),
            ("Return (bps)", 1e4 * RETURNS, "basis points"),
        ],
    )
    def test_units_by_name(self, name, values, said):
        found = returns_of(read_text(csv(returns=values, name=name)))
        got = found.returns[name].to_numpy()
        np.testing.assert_allclose(got, RETURNS[-got.size :], atol=1e-9)
        assert said in found.line

    @pytest.mark.parametrize("name", ["Logitech", "BP", "Lognormal", "Login"])
    def test_tickers_are_no_units(self, name):
        assert "simple returns" in returns_of(read_text(csv(name=name))).line

    def test_profit_with_cents_is_asked_back(self):
        with pytest.raises(ReadingError, match="is called a profit, and could be one in money"):
            returns_of(read_text(csv(returns=(50.0 * RETURNS).round(2), name="P&L")))
        check(csv(name="pnl"), ["pnl"])

    def test_a_price_of_zero(self):
        prices = np.where(np.arange(ROWS) == 7, 0.0, PRICES)
        with pytest.raises(ReadingError, match="has a price of 0 on 2019-01-11"):
            returns_of(read_text(csv(returns=prices, name="Close")))

    def test_returns_over_missing_prices(self):
        known = np.arange(ROWS) % 17 != 5
        cells = np.where(known, PRICES.astype(str), ".")
        found = returns_of(read_text(csv(returns=cells), Request(unit="prices")))
        np.testing.assert_allclose(found.returns["fund"], pd.Series(PRICES[known]).pct_change()[1:])
        assert found.returns["fund"].index.equals(DATES[known][1:])
        assert "fund has no value on 18 of 300, over which returns go on" in found.line

    def test_a_coin_beside_a_share(self):
        days = pd.date_range("2019-01-01", periods=ROWS)
        share = np.where(days.day_of_week < 5, PRICES, np.nan)
        both = pd.DataFrame({"Date": days, "coin": PRICES, "share": share})
        table = read_text(both.to_csv(index=False), Request(unit="prices"))
        found = returns_of(table)
        assert not found.rejected
        assert len(found.returns["coin"]) == ROWS - 1
        assert found.returns["share"].index.equals(days[days.day_of_week < 5][1:])


class TestDates:
    @pytest.mark.parametrize("number", [737427, 2458485, 2019002])
    def test_a_date_that_is_none(self, number):
        numbers = number + np.cumsum(1 + 2 * (np.arange(ROWS) % 5 == 4))
        with pytest.raises(ReadingError, match="'Date', must hold dates; found"):
            read_text(csv(dates=numbers))

    def test_parts_of_dates_beside_dates(self):
        parts = frame().assign(Year=DATES.year, Month=DATES.month, Weekday=DATES.day_of_week)
        check(parts.to_csv(index=False), ["fund"])

    @pytest.mark.parametrize(("year", "other"), [("Year", "Quarter"), ("Jahr", "Quartal")])
    @pytest.mark.parametrize("style", ["{}", "Q{}"])
    def test_year_and_quarter(self, year, other, style):
        quarters = pd.date_range("1950-01-01", periods=200, freq="QS")
        parts = pd.DataFrame({year: quarters.year, other: map(style.format, quarters.quarter)})
        found = returns_of(read_text(parts.assign(fund=RETURNS[:200]).to_csv(index=False)))
        assert found.returns["fund"].index.equals(quarters)

    def test_dates_of_no_year_with_data_in_a_frame(self):
        far = pd.DatetimeIndex(["2263-01-01", "2263-01-02", "2263-01-03"], dtype="datetime64[us]")
        with pytest.raises(ReadingError):
            read_frame(pd.DataFrame({"Date": far, "fund": [0.1, 0.2, 0.1]}))

    def test_midnights_of_tokyo_in_utc_in_a_frame(self):
        moved = DATES.tz_localize("Asia/Tokyo").tz_convert("UTC")
        found = returns_of(read_frame(frame(dates=moved)))
        assert found.returns["fund"].index.equals(DATES)


class TestFiles:
    @pytest.mark.parametrize("coding", ["utf-16-le", "utf-16-be", "utf-32", "cp1252"])
    def test_codings(self, coding):
        check(csv(name="fund €").encode(coding), ["fund €"])

    def test_alone_in_an_archive(self):
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
            file.writestr("a.csv", csv())
        check(archive.getvalue(), ["fund"])
        outer = io.BytesIO()
        with zipfile.ZipFile(outer, "w") as file:
            file.writestr("a.zip", archive.getvalue())
        with pytest.raises(ReadingError, match="neither CSV nor Parquet"):
            read_bytes(outer.getvalue())

    def test_the_sheet_with_numbers(self):
        pytest.importorskip("openpyxl")
        book = io.BytesIO()
        with pd.ExcelWriter(book, engine="openpyxl") as writer:
            pd.DataFrame({"Contents": ["About", "Data"]}).to_excel(writer, sheet_name="Readme")
            TWO.to_excel(writer, sheet_name="Data", index=False)
        assert "left out: sheet Readme" in check(book.getvalue())
