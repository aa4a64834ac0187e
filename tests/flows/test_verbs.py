"""The engine's four verbs, as the package offers them."""

import pytest

import flows
from flows import bot, checking, compiler, machine


def test_the_verbs_are_those_of_their_modules() -> None:
    assert flows.load is bot.load
    assert flows.check is checking.check
    assert flows.compile is compiler.compile
    assert flows.advance is machine.advance


def test_there_are_no_others() -> None:
    with pytest.raises(AttributeError, match="publish"):
        flows.publish  # noqa: B018
