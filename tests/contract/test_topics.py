"""Topics are built in one place and read in one place."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.contract.errors import ContractError
from gateway.contract.topics import Topic, Topics

TOPICS = Topics("demo")
u16 = st.integers(0, 0xFFFF)
names = st.from_regex(r"\A[A-Za-z0-9_-]{1,32}\Z")


@given(st.text())
def test_any_text_is_a_topic_or_a_contract_error(text):
    for topic in (text, TOPICS.root + text):
        reason = "topic"
        try:
            TOPICS.parse(topic)
        except ContractError as error:
            reason = error.reason
        assert reason == "topic"


@given(u16, u16, names)
def test_every_topic_that_is_built_is_read_back(badge, event, gateway):
    assert {
        TOPICS.parse(TOPICS.gateway_state(gateway)),
        TOPICS.parse(TOPICS.event(badge, event, gateway)),
        TOPICS.parse(TOPICS.status(badge)),
        TOPICS.parse(TOPICS.sighting(badge, gateway)),
        TOPICS.parse(TOPICS.command(badge)),
        TOPICS.parse(TOPICS.result(badge, gateway)),
        TOPICS.parse(TOPICS.notice(badge, event, gateway)),
        TOPICS.parse(TOPICS.alert(badge, event)),
        TOPICS.parse(TOPICS.desk_state()),
    } == {
        Topic("gateway_state", gateway=gateway),
        Topic("event", badge, event, gateway),
        Topic("status", badge),
        Topic("sighting", badge, gateway=gateway),
        Topic("command", badge),
        Topic("result", badge, gateway=gateway),
        Topic("notice", badge, event, gateway),
        Topic("alert", badge, event),
        Topic("desk_state"),
    }


@pytest.mark.parametrize("name", ["", "a/b", "+", "#", "x" * 33, "ä", "a b", "a\n"])
def test_names_that_a_broker_could_misread_are_refused(name):
    with pytest.raises(ContractError):
        Topics(name)


@pytest.mark.parametrize("number", ["65536", "9" * 5000, "-1", "٣"])
def test_numbers_that_no_badge_can_have_are_refused(number):
    with pytest.raises(ContractError):
        TOPICS.parse(f"{TOPICS.root}command/{number}")
