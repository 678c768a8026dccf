"""What is understood, as tables that a person can read: dates, names, calendars.

The code beside this file only looks things up here. Units of numbers have their table in
`units.py`, because each is a computation.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = [
    "ASIDE_NAMES",
    "CLOCK",
    "DATE_FORMS",
    "DATE_NAMES",
    "DATE_PARTS",
    "EPOCHS",
    "INSTRUMENT_NAMES",
    "MISSING",
    "MISSING_CODES",
    "MONTHS",
    "OWN_RESULTS",
    "QUOTE_NAMES",
    "SCALES",
    "SERIALS",
    "SURE_DATE_NAMES",
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
        q quarter, h half-year, w week, e day of the week. Where several orders are possible, the
        whole column decides.
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
    DateForm("2019Q1", r"(\d{4})[-/: ]?[QqTt]([1-4])", ("Yq",)),
    DateForm("Q1 2019", r"[QqTt]([1-4])[-/ ]?'?(\d{4})", ("qY",)),
    DateForm("Q1-19", r"[QqTt]([1-4])[-/ ]?'?(\d{2})", ("qy",)),
    DateForm("1Q19", r"([1-4])[QqTt][-/ ]?'?(\d{2})", ("qy",)),
    DateForm("1Q2019", r"([1-4])(?:[QqTt]|\. ?Quartal)[-/ ]?'?(\d{4})", ("qY",)),
    DateForm("2019H1", r"(\d{4})[-/ ]?[HhSs]([12])", ("Yh",)),
    DateForm("H1 2019", r"[HhSs]([12])[-/ ]?'?(\d{4})", ("hY",)),
    DateForm("2019-W05", r"(\d{4})-?[Ww](\d{1,2})", ("Yw",)),
    DateForm("2019-W05-4", r"(\d{4})-?[Ww](\d{2})-?([1-7])", ("Ywe",)),
    DateForm("W05 2019", r"(?:[Ww]|KW ?)(\d{1,2})[-/ ](\d{4})", ("wY",)),
    DateForm("2019-01-28/2019-02-03", r"(\d{4})-(\d{2})-(\d{2})/\d{4}-\d{2}-\d{2}", ("Ymd",)),
    DateForm("2019年1月31日", r"(\d{4})[年년] ?(\d{1,2})[月월] ?(\d{1,2})[日일]", ("Ymd",)),
    DateForm("20190131", r"(\d{4})(\d{2})(\d{2})", ("Ymd",)),
    DateForm("31012019", r"(\d{2})(\d{2})(\d{4})", ("dmY", "mdY")),
    DateForm("190131", r"(\d{2})(\d{2})(\d{2})", ("ymd", "dmy", "mdy")),
    DateForm("2019", r"(\d{4})", ("Y",)),
)
"""Ways to write a day, a month, a quarter or a year. Earlier rows win a tie."""

CLOCK = (
    r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}(?:[.,]\d{1,9})?))?"
    r" ?(?P<half>[AaPp]\.?[Mm]\.?)?"
    r" ?(?P<zone>[Zz]|[A-Z]{2,4}|(?:UTC|GMT)?[-+]\d{2}(?::?\d{2})?)?(?: ?[\[(][\w/ ]{1,40}[\])])?"
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

SURE_DATE_NAMES = ("date", "dates", "datum", "datetime", "timestamp", "fecha")
"""A column of such a name holds dates, or the file is refused."""

DATE_PARTS = {
    "year": ("year", "jahr", "annee", "ano", "anno"),
    "quarter": ("quarter", "quartal", "trimestre", "qtr"),
    "month": ("month", "monat", "mois", "mes", "mese"),
    "day": ("day", "tag", "jour", "dia", "giorno"),
    "other": ("week", "weekday", "dayofweek", "dow", "dayofyear", "hour", "minute"),
}
"""Columns that hold parts of a date: names in small letters, without accents."""

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

SCALES = {
    **dict.fromkeys(("k", "tsd"), 1e3),
    **dict.fromkeys(("m", "mm", "mn", "mio", "mln", "million"), 1e6),
    **dict.fromkeys(("b", "bn", "bln", "mrd", "billion"), 1e9),
    **dict.fromkeys(("t", "tn", "trn", "trillion"), 1e12),
    **{"lakh": 1e5, "cr": 1e7, "crore": 1e7, "bp": 0.01, "bps": 0.01},
}
"""What stands behind a number and multiplies it; basis points are hundredths of a percent."""

QUOTE_NAMES = {
    "open": (
        *("open", "opening", "openprice", "pxopen", "first", "eroffnung", "eroffn", "erster"),
        *("openingprice", "ouverture", "ouv", "apertura", "abertura", "openen", "otwarcie"),
    ),
    "high": (
        *("high", "dayhigh", "highprice", "pxhigh", "max", "hoch", "plushaut", "haut", "maximo"),
        *("maxima", "massimo", "hoog", "tageshoch", "najwyzszy"),
    ),
    "low": (
        *("low", "daylow", "lowprice", "pxlow", "min", "tief", "plusbas", "bas", "minimo"),
        *("minima", "laag", "tagestief", "najnizszy"),
    ),
    "close": (
        *("close", "closing", "closeprice", "closelast", "last", "lastprice", "pxlast", "price"),
        *("settle", "settlement", "schluss", "schlusskurs", "zuletzt", "kurs", "cloture"),
        *("dernier", "cierre", "ultimo", "chiusura", "fechamento", "slot", "laatste", "clot"),
        *("closingprice", "zamkniecie", "closeclosepriceadjustedforsplits"),
    ),
    "adjusted": (
        *("adjclose", "adjustedclose", "closeadj", "closeadjusted", "adjcloseprice"),
        *("adjustedprice", "adjustedcloseprice", "adjusted", "adj"),
        "adjcloseadjustedclosepriceadjustedforsplitsanddividendandorcapitalgaindistributions",
    ),
    "volume": (
        *("volume", "vol", "tickvol", "tickvolume", "totalvolume", "pxvolume", "basevolume"),
        *("volumen", "turnover", "umsatz", "stuck", "stuecke", "wolumen"),
    ),
    "other": (
        *("dividends", "stocksplits", "capitalgains", "splitcoefficient", "dividendamount"),
        *("openinterest", "openint", "change", "changepercent", "spread", "vwap", "trades"),
        *("tradecount", "quotevolume", "quoteassetvolume", "numberoftrades", "volumeusd"),
        *("takerbuybaseassetvolume", "takerbuyquoteassetvolume", "ignore", "volumebtc", "chg"),
        *("adjopen", "adjhigh", "adjlow", "adjvolume", "marketcap"),
    ),
}
"""Columns of one instrument's bars: names in small letters, without accents and what is no letter.

Of several names of one field in a file, the first here is taken. `o`, `h`, `l`, `c` and `v` are
understood where the first four stand together.
"""

OWN_RESULTS = (
    *("ret", "equity", "nav", "pnl", "p&l", "profit", "strat", "portfolio", "balance", "wealth"),
    *("fund", "bench"),
)
"""Names of columns beside bars that are results of their own, and no indicators."""

ASIDE_NAMES = {
    "positions": (
        *("position", "positions", "pos", "signal", "signals", "holding", "holdings", "weight"),
        *("weights", "exposure", "leverage", "quantity", "qty", "shares", "sharesoutstanding"),
        *("contracts", "lots"),
    ),
    "sizes": ("aum", "marketcap", "mktcap"),
    "drawdowns": ("drawdown", "drawdowns", "maxdrawdown", "underwater"),
    "trades": (
        *("entryprice", "exitprice", "buyprice", "sellprice", "fillprice", "avgprice"),
        *("fee", "fees", "commission", "commissions", "trades", "numberoftrades"),
    ),
}
"""Columns beside returns or prices that are none, and no strategy: names as in `QUOTE_NAMES`."""

INSTRUMENT_NAMES = (
    *("ticker", "symbol", "sym", "asset", "instrument", "security", "name", "isin", "cusip"),
    *("permno", "gvkey", "id", "strategy", "strat", "fund", "secid", "figi", "sedol", "wkn"),
    *("variable", "series", "pair", "coin", "contract"),
)
"""Columns that say whose a row is, where there is a row for each date and instrument."""

UNIT_NAMES = {
    "bps": ("bps", "(bp)", "in bp", "basis point"),
    "log": ("log_r", "log r", "log-r", "logr", "ln_r", "ln r", "lnr"),
    "log-prices": ("log_p", "log p", "log-p", "logp", "ln_p", "ln p", "lnp", "log close"),
    "percent": ("%", "pct", "percent", "prozent"),
    "gross": ("gross", "1+r", "growth factor"),
    "cumulative": ("cum",),
    "profit": ("pnl", "p&l", "p/l", "profit", "gain", "gewinn"),
    "returns": ("ret", "rendite", "perf", "rf"),
    "prices": ("price", "close", "nav", "equity", "index", "value", "kurs", "wealth", "balance"),
}
"""What the name of a column says of its unit, where its numbers leave it open."""
