"""How sentences become fixes: epochs, dates and numbers."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pynmeagps import GET, NMEAMessage, NMEAReader

from badge.nmea import NOT_BEFORE_DAY
from tests.badge.conftest import (
    LATITUDE,
    LONGITUDE,
    Fix,
    Receiver,
    gga,
    rmc,
    sentence,
    unix_ms,
    zda,
)

TALKERS = ("GP", "GN", "GL", "GA", "GB", "BD")


# -- epochs -------------------------------------------------------------------


@pytest.mark.parametrize("talker", TALKERS)
def test_any_talker_is_heard(talker: str) -> None:
    fixes = Receiver().feed(*(rmc(f"10000{s}.000", talker=talker) for s in range(3)))
    assert len(fixes) == 3


@pytest.mark.parametrize("order", [(rmc, gga), (gga, rmc), (rmc, gga, zda), (gga, zda, rmc)])
def test_an_epoch_is_one_fix_at_its_last_sentence_in_any_order(order: tuple[object, ...]) -> None:
    receiver = Receiver()
    epochs = [[make(f"10000{s}.000") for make in order] for s in range(4)]  # type: ignore[operator]
    receiver.feed(*epochs[0])
    for epoch, sentences in enumerate(epochs[1:], 1):
        ends = [len(receiver.feed(one)) for one in sentences]
        first = 1 if epoch == 1 else 0  # the first epoch ends when the second begins
        assert ends == [first, *[0] * (len(order) - 2), 1]
        assert receiver.fixes[-1] == Fix(
            unix_ms(2026, 8, 5, 10, 0, epoch), LATITUDE, LONGITUDE, 5, 14, 1, 25
        )


def test_no_fix_is_not_a_fix_and_says_so() -> None:
    receiver = Receiver()
    receiver.feed(rmc("100000.000"), gga("100000.000"), rmc("100001.000"), gga("100001.000"))
    for nothing in (
        rmc("100002.000", status="V") + gga("100002.000"),
        rmc("100003.000") + gga("100003.000", quality=0),
        sentence("GNRMC,,V,,,,,,,,,,N") + sentence("GNGGA,,,,,,0,,,,,,,,"),
        sentence("GNRMC,100004.000,V,,,,,,,,,,N") + sentence("GNGGA,100004.000,,,,,0,00,,,,,,,"),
        rmc("100005.000", status="V")
        + sentence("GNGNS,100005.000,4739.71890,N,12219.58362,W,NN,00,99.9,,,,"),
    ):
        receiver.feed(rmc("100001.500"), gga("100001.500"))
        assert receiver.nmea.valid
        assert receiver.feed(nothing, rmc("100009.000")) == []
        assert not receiver.nmea.valid
    assert receiver.nmea.sentences.damaged == 0


def test_gns_speaks_for_gga() -> None:
    def gns(second: int) -> bytes:
        at = f"10000{second}.000"
        return sentence(f"GNGNS,{at},4739.71890,N,12219.58362,W,AN,07,1.21,76.5,-21.6,,")

    fixes = Receiver().feed(*(part(second) for second in range(3) for part in (_rmc_at, gns)))
    assert fixes[-1] == Fix(unix_ms(2026, 8, 5, 10, 0, 2), LATITUDE, LONGITUDE, 7, 7, 1, 25)


def _rmc_at(second: int) -> bytes:
    return rmc(f"10000{second}.000")


def test_a_position_without_a_date_is_a_fix_without_a_time() -> None:
    fixes = Receiver().feed(gga("100000.000"), gga("100001.000"))
    assert fixes == [Fix(None, LATITUDE, LONGITUDE, 5, 14, 1)] * 2


def test_a_receiver_switched_on_again_waits_for_the_date() -> None:
    receiver = Receiver()
    receiver.feed(rmc("100000.000"), rmc("100001.000"), b"$GNRMC,1000")
    receiver.nmea.reset()
    assert not receiver.nmea.valid
    assert receiver.nmea.unix_s() is None
    fixes = receiver.feed(gga("090000.000"), gga("090001.000"), rmc("090002.000", "060826"))
    assert [fix.unix_ms for fix in fixes] == [None, None]
    [fix] = receiver.feed(gga("090003.000"))
    assert fix.unix_ms == unix_ms(2026, 8, 6, 9, 0, 2)


# -- dates --------------------------------------------------------------------


def test_the_date_turns_at_midnight_before_rmc_says_so() -> None:
    receiver = Receiver()
    receiver.feed(rmc("235958.800", "311226"), gga("235958.800"))
    receiver.feed(rmc("235959.800", "311226"), gga("235959.800"))
    [late] = receiver.feed(gga("000000.800"))
    [later] = receiver.feed(rmc("000001.800", "010127"), gga("000001.800"))
    assert late.unix_ms == unix_ms(2027, 1, 1, 0, 0, 0) + 800
    assert later.unix_ms == unix_ms(2027, 1, 1, 0, 0, 1) + 800


def test_midnight_costs_no_day_whichever_sentence_comes_first() -> None:
    for order in ((gga, rmc), (rmc, gga)):
        receiver = Receiver()
        for at, day in (
            ("235958.000", "280228"),
            ("235959.000", "280228"),
            ("000000.000", "290228"),
        ):
            receiver.feed(*(rmc(at, day) if make is rmc else gga(at) for make in order))
        assert [fix.unix_ms for fix in receiver.fixes] == [
            unix_ms(2028, 2, 28, 23, 59, 58),
            unix_ms(2028, 2, 28, 23, 59, 59),
            unix_ms(2028, 2, 29),
        ]


@given(day=st.dates(date(2017, 1, 1), date(2079, 12, 31)))
def test_every_date_of_the_calendar_is_told(day: date) -> None:
    fixes = Receiver().feed(rmc("100000.000", f"{day:%d%m%y}"), rmc("100001.000", f"{day:%d%m%y}"))
    assert fixes[0].unix_ms == unix_ms(day.year, day.month, day.day, 10)
    assert not fixes[0].rolled_over


@pytest.mark.parametrize(
    "day", ["000826", "320826", "310426", "290226", "051326", "050026", "", "5"]
)
def test_a_date_that_is_none_is_not_believed(day: str) -> None:
    receiver = Receiver()
    fixes = receiver.feed(rmc("100000.000", day), rmc("100001.000", day))
    assert [fix.unix_ms for fix in fixes] == [None, None]
    assert receiver.nmea.sentences.damaged == 2


@given(day=st.dates(date(1980, 1, 6), date(2016, 12, 31)))
def test_a_week_number_that_went_round_is_put_right_and_told(day: date) -> None:
    fixes = Receiver().feed(rmc("100000.000", f"{day:%d%m%y}"), rmc("100001.000", f"{day:%d%m%y}"))
    assert fixes[0].rolled_over
    assert fixes[0].unix_ms is not None
    told = datetime.fromtimestamp(fixes[0].unix_ms / 1000, UTC).date()
    rounds, rest = divmod(told - day, timedelta(weeks=1024))
    assert rest == timedelta(0)
    assert told >= date(1970, 1, 1) + timedelta(days=NOT_BEFORE_DAY)
    assert told - timedelta(weeks=1024) < date(2017, 1, 1)
    assert rounds in (1, 2)


def test_a_receiver_that_says_the_whole_year_is_believed() -> None:
    receiver = Receiver()
    fixes = receiver.feed(
        *(rmc("100000.000", "130415"), zda("100000.000", "13,04,2015")),
        *(rmc("100001.000", "130415"), zda("100001.000", "13,04,2015")),
        *(rmc("100002.000", "130415"), zda("100002.000", "13,04,2015")[:-6], gga("100003.000")),
    )
    assert [fix.unix_ms for fix in fixes] == [
        unix_ms(2015, 4, 13, 10, 0, second) for second in (0, 1, 2)
    ]
    assert not any(fix.rolled_over for fix in fixes)


# -- numbers ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hdop", "accuracy_m"),
    [("0.50", 3), ("0.9", 5), ("1", 5), ("1.01", 6), ("25.5", 128), ("", None)],
)
def test_dilution_gives_the_accuracy(hdop: str, accuracy_m: int | None) -> None:
    fixes = Receiver().feed(*(gga(f"10000{second}.000", hdop=hdop) for second in range(2)))
    assert fixes[0].accuracy_m == accuracy_m


PLACES = st.tuples(st.floats(-90, 90), st.floats(-180, 180))
TIMES = st.datetimes(datetime(2017, 1, 1), datetime(2068, 12, 31))  # the other's century ends
KNOTS = st.integers(0, 999_999).map(lambda thousandths: thousandths / 1000)
DILUTIONS = st.integers(1, 9999).map(lambda hundredths: hundredths / 100)


@given(
    place=PLACES, when=TIMES, knots=KNOTS, hdop=DILUTIONS, talker=st.sampled_from(sorted(TALKERS))
)
def test_what_another_parser_reads_is_read(
    place: tuple[float, float], when: datetime, knots: float, hdop: float, talker: str
) -> None:
    said = {
        "time": when.time().replace(microsecond=when.microsecond // 10_000 * 10_000),
        "lat": place[0],
        "NS": "N" if place[0] >= 0 else "S",
        "lon": place[1],
        "EW": "E" if place[1] >= 0 else "W",
    }
    first = NMEAMessage(talker, "RMC", GET, status="A", spd=knots, date=when.date(), **said)
    second = NMEAMessage(talker, "GGA", GET, quality=1, numSV=9, HDOP=hdop, **said)
    one, other = map(NMEAReader.parse, (first.serialize(), second.serialize()))
    receiver = Receiver()
    another = rmc("120000.001" if when.second else "115959.999")
    [fix] = receiver.feed(first.serialize(), second.serialize(), another)
    assert abs(fix.latitude_udeg - one.lat * 1_000_000) <= 1
    assert abs(fix.longitude_udeg - one.lon * 1_000_000) <= 1
    read = datetime.combine(one.date, one.time, UTC)
    assert fix.unix_ms == (read - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
    assert (fix.satellites, fix.quality) == (other.numSV, 1)
    assert abs(fix.speed_cm_s - one.spd * 51.4444) <= 1
    assert fix.accuracy_m == -int(-other.HDOP * 500 // 100)
    assert receiver.nmea.sentences.damaged == 0
