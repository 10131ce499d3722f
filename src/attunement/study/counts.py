"""How far days, sessions and cases can be counted, and what larger numbers are instead."""

from __future__ import annotations

import datetime as dt

FIRST_DAY, LAST_DAY = dt.date(1900, 1, 1), dt.date(2100, 12, 31)  # of what is taken as a date
# No count of days that begins and ends in these years is longer, a spreadsheet's own count (which
# calls 30 December 1899 day 0) included. Dates written as digits and the seconds of clocks lie
# beyond; so do day numbers of astronomers and of MATLAB, which no export of a clinic holds.
MOST_DAYS = (LAST_DAY - dt.date(1899, 12, 30)).days
# Five sessions a week for seven years and a half. A year taken for a session (2021) lies beyond.
MOST_SESSIONS = 1899
MOST_CASES = 9999  # of one therapist
FURTHEST = {"day": MOST_DAYS, "session": MOST_SESSIONS, "case": MOST_CASES}
ORDERS = ("%Y%m%d", "%d%m%Y", "%m%d%Y")
SHORT_ORDERS = ("%y%m%d", "%d%m%y", "%m%d%y")
DATE, CLOCK = "a date without marks", "a clock's seconds or milliseconds"
# Since 1970 in seconds and in milliseconds, and since 1582 as SPSS counts seconds.
CLOCKS = ((1e8, 4.2e9), (1e11, 4.2e12), (1.0e10, 1.64e10))


def _is_date(digits: str) -> bool:
    long = len(digits) in (8, 12, 14)  # a time of day may follow
    for order in ORDERS if long else SHORT_ORDERS if len(digits) == 6 else ():
        try:
            day = dt.datetime.strptime(digits[:8], order).date()
        except ValueError:
            continue
        if FIRST_DAY <= day <= LAST_DAY:
            return True
    return False


def written_date(text: str) -> bool:
    """Return whether digits are a date without marks: 20210403, 03042021, or 210403 as 6 digits.

    A number column has lost the zero in front: 3042021 is 03042021.
    """
    text = text.removesuffix(".0")
    if not (text.isascii() and text.isdigit()):
        return False
    return _is_date(text.zfill(8) if len(text) == 7 else text)


def seems(value: float) -> str:
    """Return what a number is that is no count: a date, a clock, or '' where that is not told."""
    if value == value // 1 and abs(value) < 1e15 and written_date(str(int(abs(value)))):
        return DATE
    return CLOCK if any(low <= abs(value) <= high for low, high in CLOCKS) else ""
