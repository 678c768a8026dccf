"""What people have becomes numbers in order of time, and a sentence about how it was understood.

`read_file` takes CSV, Parquet and Excel, `read_frame` a frame; `returns_of` turns the columns of
what they return into simple returns. `rules.py` is the table of what is understood.
"""

from puffin.reading.calendars import (
    OneCalendar,
    SharedCalendar,
    calendar_of,
    calendars_differ,
    on_one_calendar,
    on_shared_dates,
)
from puffin.reading.date_column import listed
from puffin.reading.date_numbers import Dates, read_numbers
from puffin.reading.dates import read_date, read_texts
from puffin.reading.errors import OddReturnsWarning, ReadingError
from puffin.reading.file import read_bytes, read_file, read_frame, read_text
from puffin.reading.frequency import TRADING_DAYS, Frequency, frequency_of, periods_per_year
from puffin.reading.gaps import missing_periods
from puffin.reading.labels import (
    ROW,
    column_as_dates,
    index_as_dates,
    is_dates_as_text,
    unused_dates,
)
from puffin.reading.returns import Returns, place, prices_of, returns_of
from puffin.reading.splits import unadjusted_split
from puffin.reading.table import Request, Table
from puffin.reading.unit_guess import Guess, guessed
from puffin.reading.units import UNITS, Unit

__all__ = [
    "ROW",
    "TRADING_DAYS",
    "UNITS",
    "Dates",
    "Frequency",
    "Guess",
    "OddReturnsWarning",
    "OneCalendar",
    "ReadingError",
    "Request",
    "Returns",
    "SharedCalendar",
    "Table",
    "Unit",
    "calendar_of",
    "calendars_differ",
    "column_as_dates",
    "frequency_of",
    "guessed",
    "index_as_dates",
    "is_dates_as_text",
    "listed",
    "missing_periods",
    "on_one_calendar",
    "on_shared_dates",
    "periods_per_year",
    "place",
    "prices_of",
    "read_bytes",
    "read_date",
    "read_file",
    "read_frame",
    "read_numbers",
    "read_text",
    "read_texts",
    "returns_of",
    "unadjusted_split",
    "unused_dates",
]
