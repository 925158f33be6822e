"""The fixes in recordings, a line each: `fixes_by_lines.py CHUNK FILE...` on MicroPython.

CHUNK: bytes fed at a time, 0 = all at once. A line: time in milliseconds, latitude and
longitude in microdegrees, dilution, satellites, quality and speed; then the counters.
"""

import sys

from badge.nmea import Nmea


def line_of(nmea):
    unix_s = nmea.unix_s()
    unix_ms = "-" if unix_s is None else unix_s * 1000 + nmea.millisecond_of_day % 1000
    numbers = (
        unix_ms,
        nmea.latitude_udeg,
        nmea.longitude_udeg,
        nmea.hdop_hundredths,
        nmea.satellites,
        nmea.quality,
        nmea.speed_cm_s,
        nmea.day,
        nmea.rolled_over,
    )
    return " ".join(str(number) for number in numbers)


def main(chunk, paths):
    for path in paths:
        nmea = Nmea(lambda fix: sys.stdout.write(line_of(fix) + "\n") and None)
        with open(path, "rb") as file:
            stream = file.read()
        for at in range(0, len(stream), chunk or len(stream)):
            nmea.feed(stream[at : at + (chunk or len(stream))])
        came = nmea.sentences
        sys.stdout.write(f"{came.whole} {came.ignored} {came.damaged} {nmea.valid}\n")


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
