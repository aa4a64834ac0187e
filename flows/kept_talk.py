"""A talk written down as a conversation test while it goes on: what happens, and all that the bot says to it."""

from collections.abc import Mapping
from typing import Any

from flows.direction import unmarked
from flows.expected import choices_of
from flows.simulation import said
from flows.talk import Talk
from flows.yaml_text import inline
from schemas.flow import ConversationTest
from schemas.messages import Outgoing, plain_text


class KeptTalk:
    """A talk and its lines so far. `begun` is the head of the test: name, time, contact, channel, where it begins."""

    def __init__(self, talk: Talk, begun: Mapping[str, Any]) -> None:
        self.talk = talk
        self.begun = dict(begun)
        self.lines: list[dict[str, Any]] = []
        self._hear()

    def play(self, line: dict[str, Any]) -> None:
        """Let a line happen, and keep it with what the bot said. Raises `Differs`, and keeps nothing then."""
        self.talk.line(line)
        self.lines.append(line)
        self._hear()

    def answer_by_stubs(self) -> None:
        """Let stubs answer, and keep what the bot said to it. The test has them too. Raises `Differs`."""
        self.talk.turns = []
        self.talk.answer_by_stubs()
        self._hear()

    def _hear(self) -> None:
        spoken = [one for turn in self.talk.turns for one in said(turn) if not one.by]
        self.lines.extend({"bot": bot_line(one.body)} for one in spoken)

    def test(self) -> ConversationTest:
        """The talk so far, as a test that passes on the bot that it was had with."""
        stands = self.talk.stands()
        wanted = {
            key: stands[key]
            for key in ("ended", "how", "result", "at", "handed_off", "note", "task")
            if stands[key]
        }
        if wanted.get("result") == "done":
            del wanted["result"]
        return ConversationTest.model_validate({**self.begun, "talk": self.lines, "expect": wanted})

    def text(self) -> str:
        """The test's file."""
        return written(self.test())


def bot_line(body: Outgoing) -> Any:
    """What a test expects where the bot says this."""
    words = unmarked(plain_text(body)).strip()
    labels = [unmarked(label) for label, _ in choices_of(body)]
    if not words:
        return {"kind": body.kind}
    if labels:
        return {"text": words, "choices": labels}
    return words if words != "nothing" else {"text": words}  # which alone says that the bot is silent


def written(test: ConversationTest) -> str:
    """A test as an author writes it: a line of the talk on a line of the file."""
    head: dict[str, Any] = {
        "test": test.test,
        "at": test.at,
        "contact": test.contact,
        "channel": test.channel,
    }
    if test.begin is not None:
        head["begin"] = test.begin.model_dump(exclude_defaults=True)
    lines = [f"{key}: {inline(value)}" for key, value in head.items() if value]
    lines.append("talk:")
    for line in test.talk:
        [(kind, value)] = line.items()
        lines.append(f"  - {kind}: {inline(value)}")
    if test.expect:
        lines.append(f"expect: {inline(test.expect)}")
    return "\n".join(lines) + "\n"
