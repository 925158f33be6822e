"""What `wire` does, a line in, a line out; the same script for CPython and MicroPython.

`by_lines.py FILE`: each line is one call, its words the arguments (bytes in hex, - for
None or nothing), and is answered by its result, or by the reason of the WireError.
"""

import sys

from wire import WireError
from wire.command import Command, open_command, seal_command
from wire.frame import Fix, Report, decode_report, encode_report, from_advertisement
from wire.framing import encode
from wire.link import Receiver
from wire.seal import epoch_of, open_frame, seal_frame, unmask


def block_cipher(key):
    try:
        from cryptolib import aes
    except ImportError:
        from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

        return Cipher(algorithms.AES(key), modes.ECB()).encryptor().update
    return aes(key, 1).encrypt


class Wire:
    def keys(self, mask, seal, command):
        self.mask = block_cipher(bytes.fromhex(mask))
        self.seal = block_cipher(bytes.fromhex(seal))
        self.command_key = block_cipher(bytes.fromhex(command))
        return "keys"

    def encode(self, *words):
        return encode_report(report_of(words)).hex()

    def decode(self, plain):
        report = decode_report(bytes.fromhex(plain))
        return words_of(report) + " " + encode_report(report).hex()

    def frame(self, epoch, badge, counter, plain):
        return seal_frame(
            self.mask, self.seal, int(epoch), int(badge), int(counter), bytes.fromhex(plain)
        ).hex()

    def unframe(self, frame):
        frame = of_hex(frame)
        epoch = epoch_of(frame)
        badge, counter = unmask(self.mask, frame)
        plain = open_frame(self.seal, frame, badge, counter)
        return f"{epoch} {badge} {counter} {words_of(decode_report(plain))}"

    def advertised(self, advertisement):
        return from_advertisement(of_hex(advertisement)).hex()

    def command(self, *words):
        epoch, counter, event, opcode = [int(words[at]) for at in (0, 2, 3, 4)]
        command = Command(counter, event, opcode, of_hex(words[5]))
        return seal_command(self.command_key, epoch, bytes.fromhex(words[1]), command).hex()

    def uncommand(self, sealed):
        command = open_command(self.command_key, of_hex(sealed))
        arguments = command.arguments.hex() or "-"
        return f"{command.counter} {command.event} {command.opcode} {arguments}"

    def framed(self, kind, body):
        return encode(int(kind), of_hex(body)).hex()

    def line(self, *chunks):
        receiver = Receiver()
        messages = [message for chunk in chunks for message in receiver.feed(of_hex(chunk))]
        frames = " ".join(message.frame().hex() for message in messages)
        return f"{receiver.damaged} {receiver.unknown} {frames}"


def of_hex(word):
    return b"" if word == "-" else bytes.fromhex(word)


def number_of(word):
    return None if word == "-" else int(word)


def report_of(words):
    numbers = [number_of(word) for word in words]
    kind, phase, event, battery, charging = numbers[:5]
    fix = None if numbers[5] is None else Fix(*numbers[5:9])
    return Report(
        kind, phase, event, battery, bool(charging), fix, *map(bool, numbers[9:13]), numbers[13]
    )


def words_of(report):
    fix = report.fix
    place = (
        [None] * 4
        if fix is None
        else [fix.latitude_udeg, fix.longitude_udeg, fix.age_code, fix.accuracy_code]
    )
    head = [report.kind, report.phase, report.event, report.battery, report.charging]
    flags = [report.covert, report.drill, report.moving, report.fault]
    numbers = head + place + flags
    numbers.append(report.minute)
    return " ".join("-" if number is None else str(int(number)) for number in numbers)


def main(path):
    wire = Wire()
    with open(path) as file:
        for line in file:
            words = line.split()
            try:
                answer = getattr(wire, words[0])(*words[1:])
            except WireError as error:
                answer = "WireError " + error.reason
            sys.stdout.write(answer + "\n")


main(sys.argv[1])
