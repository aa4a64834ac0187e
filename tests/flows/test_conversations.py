"""What always holds in a conversation, talked through."""

import pytest

from flows.testing import run_test
from tests.flows.talks import CHANNELS, Talk, compiled_of, talks


@pytest.mark.parametrize("talk", [pytest.param(talk, id=talk.name) for talk in talks()])
def test_goes_as_it_is_written(talk: Talk) -> None:
    result = run_test(compiled_of(talk.files), talk.name, talk.test, CHANNELS)

    transcript = "\n".join(f"{line.who}: {line.text}" for line in result.transcript)
    assert result.passed, f"line {result.line}: {result.failure}\n\n{transcript}"
