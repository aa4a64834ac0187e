"""Every reason that the server gives for a state has words in both languages."""

import re
from string import Formatter

import orjson
import pytest

from schemas.problems import NotFound
from schemas.reasons import SENTENCES, because, of_error, reason
from sessions.driver import Throttled
from tests.api.test_words import declared
from tests.installation import ROOT


def words(language: str) -> dict[str, str]:
    path = ROOT / "admin_ui" / "src" / "locales" / language / "numbers.json"
    rooms = orjson.loads(path.read_bytes())["reason"]
    return {f"{room}.{name}": said for room, all_of_it in rooms.items() for name, said in all_of_it.items()}


@pytest.mark.parametrize("language", ["en", "it"])
def test_every_reason_has_words_with_its_facts(language: str) -> None:
    said = words(language)
    assert said.keys() == SENTENCES.keys()
    for code, sentence in SENTENCES.items():
        facts = {name for _, name, _, _ in Formatter().parse(sentence) if name}
        assert set(re.findall(r"\{\{(\w+)\}\}", said[code])) == facts, code


def test_a_code_is_either_a_reason_s_or_a_problem_s() -> None:
    assert not SENTENCES.keys() & {said["code"] for said in declared()}


def test_a_problem_is_a_reason_by_its_own_code() -> None:
    told = of_error(Throttled("too many"))
    assert (told.code, told.facts) == ("channel.throttled", {"why": "too many"})
    assert "too many" in told.sentence
    assert of_error(KeyError("x")) == reason("number.fault", kind="KeyError")


def test_a_cause_is_said_in_a_reason_whatever_it_names() -> None:
    told = because(
        of_error(NotFound(what="bot", name="b", code="x")), "number.tried_again", failures=2, pause_s=4
    )
    assert told.sentence == "There is no bot 'b'. Failure 2: it is tried again after 4 s."
    assert told.facts["cause_code"] == "not_found"
    again = because(reason("number.process_ended", exit_code=-9), "number.given_up", failures=3, minutes=1)
    assert again.sentence.startswith("Its process ended (-9). Given up after 3 failures")
