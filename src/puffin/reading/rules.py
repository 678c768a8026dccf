"""What is understood, as tables that a person can read: dates, names, calendars.

The code beside this file only looks things up here. Units of numbers have their table in
`units.py`, because each is a computation.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = [
    "CLOCK",
    "DATE_FORMS",
    "DATE_NAMES",
    "EPOCHS",
    "MISSING",
    "MISSING_CODES",
    "MONTHS",
    "QUOTE_NAMES",
    "SERIALS",
    "TOTALS",
    "UNIT_NAMES",
    "YEARS",
    "ZONES",
    "ZONE_OFFSETS",
    "DateForm",
    "Epoch",
]


@dataclass(frozen=True)
class DateForm:
    """One way to write a day, and the orders in which its parts may stand.

    Attributes
    ----------
    example : str
    pattern : str
        A regular expression with one group for each part.
    orders : tuple of str
        A letter for each group: Y year, y year of two digits, m month, b month by name, d day,
        q quarter, w week. Where several orders are possible, the whole column decides.
    if_asked : tuple of str
        Orders that are tried only where somebody says so.
    """

    example: str
    pattern: str
    orders: tuple[str, ...]
    if_asked: tuple[str, ...] = ()


_NAME = r"([^\W\d_]{3,12})\.?"

DATE_FORMS = (
    DateForm("2019-01-31", r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})", ("Ymd",)),
    DateForm("31/01/2019", r"(\d{1,2})[-/ ](\d{1,2})[-/ ](\d{4})", ("dmY", "mdY")),
    DateForm("31.01.2019", r"(\d{1,2})\. ?(\d{1,2})\. ?(\d{4})", ("dmY",), ("mdY",)),
    DateForm("31/01/19", r"(\d{1,2})[-/ ](\d{1,2})[-/ ](\d{2})", ("dmy", "mdy", "ymd")),
    DateForm("31.01.19", r"(\d{1,2})\. ?(\d{1,2})\. ?(\d{2})", ("dmy", "ymd"), ("mdy",)),
    DateForm("31 Jan 2019", rf"(\d{{1,2}})\.?[-/ ]?{_NAME}[-/, ]*(\d{{4}})", ("dbY",)),
    DateForm("31-Jan-19", rf"(\d{{1,2}})\.?[-/ ]?{_NAME}[-/ ]?'?(\d{{2}})", ("dby", "ybd")),
    DateForm("Jan 31, 2019", rf"{_NAME}[-/ ]?(\d{{1,2}})(?:st|nd|rd|th)?,? +(\d{{4}})", ("bdY",)),
    DateForm("2019-Jan-31", rf"(\d{{4}})[-/. ]?{_NAME}[-/. ]?(\d{{1,2}})", ("Ybd",)),
    DateForm("Jan 2000", rf"{_NAME}[-/, ]*(\d{{4}})", ("bY",)),
    DateForm("Jan-19", rf"{_NAME}[-/ ]?'?(\d{{2}})", ("by",)),
    DateForm("2000-Jan", rf"(\d{{4}})[-/ ]?{_NAME}", ("Yb",)),
    DateForm("2019-01", r"(\d{4})[-/]?[Mm ]?(\d{1,2})", ("Ym",)),
    DateForm("01/2019", r"(\d{1,2})[-/.](\d{4})", ("mY",)),
    DateForm("2019Q1", r"(\d{4})[-/ ]?[Qq]([1-4])", ("Yq",)),
    DateForm("Q1 2019", r"[Qq]([1-4])[-/ ]?'?(\d{4})", ("qY",)),
    DateForm("Q1-19", r"[Qq]([1-4])[-/ ]?'?(\d{2})", ("qy",)),
    DateForm("1Q19", r"([1-4])[Qq][-/ ]?'?(\d{2})", ("qy",)),
    DateForm("1Q2019", r"([1-4])[Qq][-/ ]?'?(\d{4})", ("qY",)),
    DateForm("2019-W05", r"(\d{4})-?[Ww](\d{1,2})", ("Yw",)),
    DateForm("20190131", r"(\d{4})(\d{2})(\d{2})", ("Ymd",)),
    DateForm("31012019", r"(\d{2})(\d{2})(\d{4})", ("dmY", "mdY")),
    DateForm("190131", r"(\d{2})(\d{2})(\d{2})", ("ymd", "dmy", "mdy")),
    DateForm("2019", r"(\d{4})", ("Y",)),
)
"""Ways to write a day, a month, a quarter or a year. Earlier rows win a tie."""

CLOCK = (
    r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}(?:[.,]\d{1,9})?))?"
    r" ?(?P<half>[AaPp]\.?[Mm]\.?)?"
    r" ?(?P<zone>[Zz]|[A-Z]{2,4}|(?:UTC|GMT)?[-+]\d{2}(?::?\d{2})?)?(?:\[[\w/]{1,30}\])?"
)
"""A time of day: 9:30, 09:30:00.5, 9:30 PM, 09:30:00+01:00, 09:30Z, 09:30 EST."""

ZONE_OFFSETS = {
    **{"Z": 0, "UTC": 0, "GMT": 0, "WET": 0, "BST": 60, "CET": 60, "CEST": 120, "EET": 120},
    **{"EST": -300, "EDT": -240, "CST": -360, "CDT": -300, "MST": -420, "MDT": -360},
    **{"PST": -480, "PDT": -420, "JST": 540, "HKT": 480, "SGT": 480, "AEST": 600, "AEDT": 660},
}
"""Minutes ahead of UTC."""

ZONES = (
    *("America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles"),
    *("Europe/London", "Europe/Berlin", "Europe/Athens", "Asia/Jerusalem", "America/Toronto"),
    *("Australia/Sydney", "Pacific/Auckland", "America/Sao_Paulo", "Europe/Moscow"),
)
"""Zones with summer time, tried where UTC offsets change within a file."""

MONTHS = {
    1: "jan ene gen",
    2: "feb fev fév",
    3: "mar mär mrz",
    4: "apr avr abr",
    5: "may mai mag",
    6: "jun juin giu",
    7: "jul juil lug",
    8: "aug aoû aou ago",
    9: "sep set",
    10: "oct okt out ott",
    11: "nov",
    12: "dec dez déc dic",
}
"""How names of months begin: English, German, French, Spanish, Italian, Portuguese."""

YEARS = (1700, 2200)
"""Dates outside are taken for something else."""


@dataclass(frozen=True)
class Epoch:
    """Whole numbers that count from the start of 1970, UTC."""

    said: str
    unit: str
    low: float
    high: float


EPOCHS = (
    Epoch("seconds since 1970", "s", 1e8, 1e10),
    Epoch("milliseconds since 1970", "ms", 1e11, 1e13),
    Epoch("microseconds since 1970", "us", 1e14, 1e16),
    Epoch("nanoseconds since 1970", "ns", 1e17, 9e18),
)

SERIALS = (15_000.0, 75_000.0)
"""Days since 30 December 1899, as spreadsheets number them: 1941 to 2105."""

DATE_NAMES = (
    *("date", "datum", "datetime", "time", "timestamp", "month", "monat", "day", "tag", "period"),
    *("quarter", "year", "jahr", "fecha", "data", "mes", "mois", "jour", "ts", "week", "dt"),
    *(
        "when",
        "trade",
        "trading",
        "open time",
        "as of",
        "unix",
        "epoch",
        "caldt",
        "yyyymm",
        "time period",
    ),
)
"""A column whose name begins with one of these is looked at first when dates are sought."""

TOTALS = (
    *("total", "sum", "average", "avg", "mean", "median", "std", "stdev", "min", "max", "count"),
    *("gesamt", "summe", "durchschnitt", "mittelwert", "moyenne", "somme", "promedio", "media"),
    *("cagr", "annualised", "annualized", "sharpe", "volatility", "ytd", "since inception"),
    *("grand", "all", "note", "notes", "source", "quelle", "*", "#", "standard deviation"),
)
"""How a row after the data begins that sums them up."""

MISSING = frozenset(
    {"", "-", "--", "---", "—", "–", ".", "..", "*", "?", "na", "n.a.", "n.a", "nan", "none"}
    | {"null", "nil", "n/a", "#n/a", "#na", "#n/a n/a", "#div/0!", "#value!", "#ref!", "<na>"}
    | {"-nan", "1.#ind", "-1.#ind", "1.#qnan", "-1.#qnan", "nat", "missing", "(null)", "k.a."}
)
"""What stands for a value that is not known, in small letters."""

MISSING_CODES = (-99.99, -999.0, -999.99, -9999.0)
"""Numbers that stand for a missing return, as in Kenneth French's files."""

QUOTE_NAMES = {
    "open": ("open", "opening", "openprice", "eröffnung", "first"),
    "high": ("high", "dayhigh", "highprice", "hoch", "max"),
    "low": ("low", "daylow", "lowprice", "tief", "min"),
    "close": ("close", "closing", "closeprice", "closelast", "last", "price", "schluss", "settle"),
    "adjusted": ("adjclose", "adjustedclose", "closeadj", "adjcloseprice", "adjustedprice"),
    "volume": ("volume", "vol", "tickvol", "tickvolume", "totalvolume", "volumen", "turnover"),
    "other": (
        *("dividends", "stocksplits", "capitalgains", "splitcoefficient", "dividendamount"),
        *("openinterest", "openint", "change", "changepercent", "spread", "vwap", "trades"),
        *("tradecount", "quotevolume", "quoteassetvolume", "numberoftrades", "volumeusd"),
        *("takerbuybaseassetvolume", "takerbuyquoteassetvolume", "ignore", "volumebtc", "chg"),
    ),
}
"""Columns of one instrument's bars: names in small letters, without what is not a letter."""

UNIT_NAMES = {
    "percent": ("%", "pct", "percent", "prozent"),
    "gross": ("gross", "1+r", "growth factor"),
    "cumulative": ("cum",),
    "profit": ("pnl", "p&l", "p/l", "profit", "gain", "gewinn"),
    "returns": ("ret", "rendite", "perf", "rf"),
    "prices": ("price", "close", "nav", "equity", "index", "value", "kurs", "wealth", "balance"),
}
"""What the name of a column says of its unit, where its numbers leave it open."""
