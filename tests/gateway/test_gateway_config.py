"""What is wrong with a configuration is said in one line that names the culprit."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.gateway.conftest import Run

CONFIG = 'fleet = "demo"\nname = "hub-1"\ndatabase = "gateway.db"\nregistry = "registry.toml"\n'
REGISTRY = (
    f'[[fleet_keys]]\nepoch = 0\nkey = "{"0a" * 16}"\n[[badges]]\nnumber = 7\nkey = "{"0b" * 16}"\n'
)
SECRETS = ("0a0a", "0b0b", "hunter2")


def install(folder: Path, config: str = CONFIG, registry: str = REGISTRY) -> Path:
    file = folder / "gateway.toml"
    file.write_text(config)
    secret = folder / "registry.toml"
    secret.write_text(registry)
    secret.chmod(0o600)
    return file


@pytest.fixture
def refusal(gateway: Run) -> Callable[..., str]:
    def run(config: Path, command: str = "check") -> str:
        code, _, error = gateway(command, "--config", config)
        assert code == 2, error
        assert len(error.splitlines()) == 1
        assert not any(secret in error for secret in SECRETS)
        return error

    return run


def test_a_good_configuration_is_said_to_be_good(gateway: Run, tmp_path: Path):
    code, said, _ = gateway("check", "--config", install(tmp_path))
    assert code == 0
    assert "gateway hub-1 of fleet demo; badges: 1, buttons: 0;" in said
    assert not (tmp_path / "gateway.db").exists()


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('colour = "red"', "gateway.toml: $.colour: unknown key; remove it"),
        ("company = true", "gateway.toml: $.company: expected int, got bool"),
        ("company = 65536", "gateway.toml: $.company: expected int <= 65535"),
        ("resend_s = 0", "gateway.toml: $.resend_s: expected float > 0"),
        (
            '[broker]\nkeepalive_s = "x"',
            "gateway.toml: $.broker.keepalive_s: expected int, got str",
        ),
        ('[broker]\nurl = "http://x"', "gateway.toml: $.broker.url: must be mqtt://host"),
        ('[broker]\npassword_file = "nope"', "$.broker.password_file: "),
        ('[broker]\npassword_file = "registry.toml"', "without a user; add broker.username"),
        ('[alarm.names]\nx = "Asha"', "$.alarm.names: expected str"),
        ("[broker]\nkeepalive_s = 0", "gateway.toml: $.broker.keepalive_s: expected int >= 1"),
        (
            '[broker]\nurl = "mqtt://a"\nurls = ["mqtt://b"]',
            "gateway.toml: $.broker.urls: there is a broker.url too; keep one of them",
        ),
        ('[broker]\nurls = ["mqtt://a", "b"]', "$.broker.urls[1]: must be mqtt://host"),
        ('[broker]\nurl = "mqtts://a"\nca_file = "ca.crt"', "/ca.crt: No such file"),
        ('[broker]\nca_file = "ca.crt"', "$.broker.ca_file: TLS is for mqtts:// only"),
        ("[radio]\nadaptor = 1", "gateway.toml: $.radio.adaptor: unknown key"),
        ('[radio]\nadapter = "hci0"\nadapters = ["hci1"]', "$.radio.adapter: not beside adapters"),
        ("[radio]\nadapters = []\ndongles = false", "gateway.toml: $.radio: no radio is left"),
        ('[radio]\ndongles = false\nports = ["/dev/ttyUSB0"]', "$.radio.ports: of no use with"),
        ('[radio]\nscanning_mode = "loud"', "gateway.toml: $.radio.scanning_mode: "),
        ("[radio]\ncanary = 8", "gateway.toml: $.radio.canary: badge 8 is not in the registry"),
        ("= 1", "gateway.toml: not TOML: "),
    ],
)
def test_a_bad_line_is_named_by_file_and_key_path(refusal, tmp_path: Path, line: str, says: str):
    assert says in refusal(install(tmp_path, f"{CONFIG}{line}\n"))


@pytest.mark.parametrize("name", ["", "a b", "x" * 33, "hub/1"])
def test_a_name_that_topics_cannot_carry_is_named(refusal, tmp_path: Path, name: str):
    config = CONFIG.replace("hub-1", name)
    assert "gateway.toml: $.name: " in refusal(install(tmp_path, config))


def test_a_missing_key_is_named(refusal, tmp_path: Path):
    config = CONFIG.replace('fleet = "demo"\n', "")
    assert "gateway.toml: $.fleet: missing key; add it" in refusal(install(tmp_path, config))


def test_a_missing_file_is_named(refusal, tmp_path: Path):
    assert "nowhere.toml: No such file" in refusal(tmp_path / "nowhere.toml")


def test_a_file_that_is_not_text_is_named(refusal, tmp_path: Path):
    config = install(tmp_path)
    config.write_bytes(b"\xff\xfe\x00")
    assert "gateway.toml: must be a text file" in refusal(config)


@pytest.mark.parametrize("mode", [0o644, 0o660, 0o601])
def test_a_registry_that_others_can_read_is_refused_with_the_remedy(
    refusal, tmp_path: Path, mode: int
):
    config = install(tmp_path)
    (tmp_path / "registry.toml").chmod(mode)
    assert "chmod 600" in refusal(config)


def test_a_missing_registry_is_named(refusal, tmp_path: Path):
    config = install(tmp_path)
    (tmp_path / "registry.toml").unlink()
    assert "registry.toml: No such file" in refusal(config)


@pytest.mark.parametrize(
    ("was", "now", "says"),
    [
        ("0a" * 16, "hunter2", "$.fleet_keys[0].key: expected str matching"),
        ("epoch = 0", "epoch = 16", "$.fleet_keys[0].epoch: expected int <= 15"),
        ("number = 7", "number = 0", "$.badges[0].number: expected int >= 1"),
        ("[[badges]]", "[[fleet_keys]]\nepoch = 0\nkey = 5\n[[badges]]", "$.fleet_keys[1].key"),
        (
            "[[badges]]",
            f'[[badges]]\nnumber = 7\nkey = "{"0c" * 16}"\n[[badges]]',
            "$.badges: number 7 stands there twice",
        ),
    ],
)
def test_a_bad_registry_is_named_by_key_path_and_never_quoted(refusal, tmp_path, was, now, says):
    assert says in refusal(install(tmp_path, registry=REGISTRY.replace(was, now)))


def test_a_folder_that_is_not_there_is_named_with_the_remedy(refusal, tmp_path: Path):
    config = CONFIG.replace("gateway.db", "missing/gateway.db")
    assert "$.database: " in refusal(install(tmp_path, config))
    assert "mkdir -p" in refusal(tmp_path / "gateway.toml", "run")


def test_the_command_itself_exits_with_two(tmp_path: Path):
    command = [sys.executable, "-m", "gateway", "run", "-c", tmp_path / "nowhere.toml"]
    done = subprocess.run(command, capture_output=True, timeout=60, check=False)
    assert done.returncode == 2
    assert b"nowhere.toml: No such file" in done.stderr
