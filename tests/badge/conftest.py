"""A receiver's sentences, and the fixes that the parser makes of them."""

from datetime import date
from typing import NamedTuple

from badge.nmea import Nmea


class Fix(NamedTuple):
    unix_ms: int | None
    latitude_udeg: int
    longitude_udeg: int
    accuracy_m: int | None = None
    satellites: int = -1
    quality: int = -1
    speed_cm_s: int = -1
    rolled_over: bool = False


class Receiver:
    """A parser, and the fixes that it called back."""

    def __init__(self) -> None:
        self.fixes: list[Fix] = []
        self.nmea = Nmea(self._take)

    def _take(self, nmea: Nmea) -> None:
        assert nmea.valid
        seconds = nmea.unix_s()
        self.fixes.append(
            Fix(
                None if seconds is None else seconds * 1000 + nmea.millisecond_of_day % 1000,
                nmea.latitude_udeg,
                nmea.longitude_udeg,
                nmea.accuracy_m(),
                nmea.satellites,
                nmea.quality,
                nmea.speed_cm_s,
                nmea.rolled_over,
            )
        )

    def feed(self, *chunks: bytes) -> list[Fix]:
        before = len(self.fixes)
        assert sum(self.nmea.feed(chunk) for chunk in chunks) == len(self.fixes) - before
        return self.fixes[before:]


def sentence(body: str) -> bytes:
    checksum = 0
    for byte in body.encode("latin-1"):
        checksum ^= byte
    return f"${body}*{checksum:02X}\r\n".encode("latin-1")


def rmc(at: str, day: str = "050826", status: str = "A", talker: str = "GN") -> bytes:
    return sentence(f"{talker}RMC,{at},{status},4739.71890,N,12219.58362,W,0.50,,{day},,,A")


def gga(at: str, quality: int = 1, hdop: str = "0.9") -> bytes:
    return sentence(f"GNGGA,{at},4739.71890,N,12219.58362,W,{quality},14,{hdop},76.5,M,-21.6,M,,")


def zda(at: str, day: str = "05,08,2026") -> bytes:
    return sentence(f"GNZDA,{at},{day},00,00")


def unix_ms(year: int, month: int, day: int, *clock: int) -> int:
    seconds = sum(part * unit for part, unit in zip(clock, (3600, 60, 1), strict=False))
    return (date(year, month, day) - date(1970, 1, 1)).days * 86_400_000 + seconds * 1000


LATITUDE, LONGITUDE = 47_661_982, -122_326_394
