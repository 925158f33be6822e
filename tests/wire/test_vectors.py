"""Every golden vector, byte for byte, on both virtual machines."""

from collections.abc import Callable
from typing import Any

from gateway import keys as derived

OnBothVms = Callable[[list[str]], list[str]]


def _words(report: dict[str, Any]) -> str:
    """A vector's report as by_lines.py writes it; angles not yet in the frame's quanta."""
    place: list[Any] = ["-"] * 4
    if report["fix_valid"]:
        angles = [round(report[name] * 1_000_000) for name in ("latitude", "longitude")]
        place = [*angles, report["fix_age_code"], report["accuracy_code"]]
    battery = "-" if report["battery"] > 100 else report["battery"]
    minute = report["unix_time"] // 60 % 256 if report["time_valid"] else "-"
    flags = [int(report[name]) for name in ("covert", "drill", "moving", "fault")]
    head = [report["kind"], report["phase"], report["event_seq"], battery, report["charging"]]
    return " ".join(str(word) for word in [*head, *place, *flags, minute])


def test_every_report_encodes_to_the_golden_bytes(
    vectors: dict[str, Any], on_both_vms: OnBothVms
) -> None:
    frames = vectors["frames"]
    answers = on_both_vms([f"encode {_words(frame['report'])}" for frame in frames])
    assert answers == [frame["plaintext"] for frame in frames]


def test_every_frame_seals_to_the_golden_bytes(
    vectors: dict[str, Any], on_both_vms: OnBothVms
) -> None:
    frames = vectors["frames"]
    answers = on_both_vms(
        [f"frame {f['epoch']} {f['badge']} {f['counter']} {f['plaintext']}" for f in frames]
    )
    assert answers == [frame["frame"] for frame in frames]


def test_every_golden_frame_opens_to_its_report(
    vectors: dict[str, Any], on_both_vms: OnBothVms
) -> None:
    frames = vectors["frames"]
    answers = on_both_vms([f"unframe {frame['frame']}" for frame in frames])
    for frame, answer in zip(frames, answers, strict=True):
        epoch, badge, counter, *report = answer.split()
        assert (int(epoch), int(badge), int(counter)) == (
            frame["epoch"],
            frame["badge"],
            frame["counter"],
        )
        expected = _words(frame["report"]).split()
        for at, (got, wanted) in enumerate(zip(report, expected, strict=True)):
            if at in (5, 6) and wanted != "-":  # angles, as near as the frame carries them
                assert abs(int(got) - int(wanted)) <= 22
            else:
                assert got == wanted


def test_every_command_seals_to_the_golden_bytes(
    vectors: dict[str, Any], on_both_vms: OnBothVms
) -> None:
    commands = vectors["commands"]
    answers = on_both_vms(
        [
            f"command {c['epoch']} {c['nonce']} {c['heard_counter']} {c['event_seq']} "
            f"{c['opcode']} {c['args'] or '-'}"
            for c in commands
        ]
    )
    assert answers == [command["command"] for command in commands]


def test_every_golden_command_opens(vectors: dict[str, Any], on_both_vms: OnBothVms) -> None:
    commands = vectors["commands"]
    answers = on_both_vms([f"uncommand {command['command']}" for command in commands])
    assert answers == [
        f"{c['heard_counter']} {c['event_seq']} {c['opcode']} {c['args'] or '-'}" for c in commands
    ]


def test_hosts_derive_the_golden_keys(vectors: dict[str, Any]) -> None:
    fleet, badge = bytes.fromhex(vectors["fleet_key"]), bytes.fromhex(vectors["badge_key"])
    assert derived.mask_key(fleet).hex() == vectors["mask_key"]
    assert derived.seal_key(badge).hex() == vectors["seal_key"]
    assert derived.command_key(badge).hex() == vectors["command_key"]
