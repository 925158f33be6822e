"""The yardstick of bench_nmea: a parser that takes one character at a time.

As the usual GNSS libraries for MicroPython work: the characters of a field are
appended to a string, the checksum goes along, and the end of the sentence looks
its handler up. It knows the same two sentences a badge asks its receiver for.
"""

LIMIT = 90


class ByCharacter:
    """Call `update` with each character; it says the kind of sentence that just ended, or None."""

    def __init__(self) -> None:
        self.active = False
        self.fields = []
        self.field = 0
        self.checking = True
        self.checksum = 0
        self.count = 0
        self.latitude = 0.0
        self.longitude = 0.0
        self.time = (0, 0, 0.0)
        self.date = (0, 0, 0)
        self.speed = 0.0
        self.quality = 0
        self.satellites = 0
        self.hdop = 0.0
        self.handlers = {"RMC": self.rmc, "GGA": self.gga}

    def update(self, character):
        """One character of what the receiver sends."""
        code = ord(character)
        if not 10 <= code <= 126:
            return None
        self.count += 1
        if character == "$":
            self.start()
            return None
        if not self.active:
            return None
        if character == "*":
            self.checking = False
            self.field += 1
            self.fields.append("")
            return None
        if character == ",":
            self.field += 1
            self.fields.append("")
        else:
            self.fields[self.field] += character
            if not self.checking and len(self.fields[self.field]) == 2:
                return self.end()
        if self.checking:
            self.checksum ^= code
        if self.count > LIMIT:
            self.active = False
        return None

    def start(self):
        """A dollar sign begins a sentence wherever it comes."""
        self.active = True
        self.checking = True
        self.checksum = 0
        self.count = 0
        self.field = 0
        self.fields = [""]

    def end(self):
        """The sentence is complete: check it, and take what it says."""
        self.active = False
        try:
            if int(self.fields[-1], 16) != self.checksum:
                return None
            kind = self.fields[0][2:]
            handler = self.handlers.get(kind)
            if handler is not None and handler():
                return kind
        except (ValueError, IndexError):
            pass
        return None

    def rmc(self):
        """Date, time, position and speed."""
        fields = self.fields
        self.time = clock(fields[1])
        self.date = (int(fields[9][0:2]), int(fields[9][2:4]), int(fields[9][4:6]))
        if fields[2] != "A":
            return False
        self.latitude = degrees(fields[3], 2, fields[4] == "S")
        self.longitude = degrees(fields[5], 3, fields[6] == "W")
        self.speed = float(fields[7]) * 0.514444
        return True

    def gga(self):
        """Position, quality, satellites and dilution."""
        fields = self.fields
        self.time = clock(fields[1])
        self.quality = int(fields[6])
        if not self.quality:
            return False
        self.latitude = degrees(fields[2], 2, fields[3] == "S")
        self.longitude = degrees(fields[4], 3, fields[5] == "W")
        self.satellites = int(fields[7])
        self.hdop = float(fields[8])
        return True


def clock(field):
    """hhmmss.sss as hour, minute, second."""
    return (int(field[0:2]), int(field[2:4]), float(field[4:]))


def degrees(field, whole, negative):
    """dddmm.mmmmm as degrees."""
    angle = int(field[0:whole]) + float(field[whole:]) / 60
    return -angle if negative else angle
