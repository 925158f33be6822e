"""What the dongle owes the hub is never dropped, and news never take its place."""

from pathlib import Path

from simulator.vm_script import run_script

HERE = Path(__file__).parent
REQUESTS = 400


def test_a_hub_that_asks_and_does_not_read_is_answered_in_full_when_it_reads() -> None:
    said = run_script(HERE / "line_to_a_deaf_hub.py", str(REQUESTS)).split()
    taken, waited, heard, answered, in_order = map(int, said)
    assert 0 < taken < REQUESTS  # no more than can be answered
    assert waited  # and the dongle does not spin meanwhile
    assert heard > 5
    assert answered == REQUESTS
    assert in_order
