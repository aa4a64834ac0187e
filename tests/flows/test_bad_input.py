"""Whatever a file holds, reading and checking it ends soon, and says where the fault is."""

import subprocess
import sys
import time

import pytest

from flows import bot, checking
from flows.diagnostic import Diagnostic
from flows.pattern import matches
from flows.world import World

MAIN = "{chatloom: bot/v1, id: bad, flows: [f], fallback: f}"
STEP = "  - {id: s%d, action: send, with: {text: Hi}}\n"


def found_in(data: bytes | str, path: str = "flows/f.yaml") -> list[Diagnostic]:
    began = time.process_time()
    found = checking.check(bot.load({"bot.yaml": MAIN, path: data}), World())
    assert time.process_time() - began < 4
    return [one for one in found if one.file == path]


def flow(steps: str, more: str = "") -> str:
    return f"chatloom: flow/v1\nid: f\n{more}steps:\n{steps}"


BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join(['*' + before] * 9)}]\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("data", "code", "line"),
    [
        (BOMB, "D004", 6),
        (b"x: y\n" * 2_000_000, "D004", 1),
        ("a: " + "[" * 100_000, "D004", 1),
        ("a:\n" + "".join(" " * n + "b:\n" for n in range(1, 300)), "D004", 65),
        ("{" * 5_000, "D003", 1),
        (b"id: f\ntitle: caff\xe8\n", "F007", 2),
        (b"id: f\ntitle: a\x00b\n", "D001", 2),
        ("id: f\ntitle: \ud800\n", "D001", 2),
        ("", "F008", 1),
        ("- a\n- b\n", "F008", 1),
        ("id: f\nchatloom: flow/v7\nsteps: 7\n", "F009", 2),
        ("id: f\n---\nid: g\n", "D001", 2),
        ("a: !!python/object:os.system x\n", "D001", 1),
        ("a: {b: 1\n", "D001", 2),
        (flow('  - {id: a, action: send, with: {text: "{{ "}}\n'), "E007", 4),
        (flow('  - {id: a, action: send, with: {text: "{{ %s }}"}}\n' % ("(" * 500)), "E001", 4),
        (flow('  - {id: a, action: send, with: {text: "{{ %s }}"}}\n' % ("1+" * 8000)), "E001", 4),
        (flow("  - {id: a, action: [send]}\n"), "F004", 4),
        (flow("  - {id: a, action: menu, with: {text: a, choices: {}}}\n"), "F004", 4),
        (flow("  - {id: a, action: stop}\n", "data: {schema: {properties: {a: {type: [1]}}}}\n"), "F019", 3),
        (
            flow("  - {id: a, action: stop}\n", "data: {schema: {properties: {a: {pattern: (?=a)}}}}\n"),
            "F019",
            3,
        ),
        (
            flow("  - {id: a, action: stop}\n", 'data: {schema: {properties: {a: {$ref: "#/$defs/b"}}}}\n'),
            "F019",
            3,
        ),
        (
            flow("  - {id: a, action: stop}\n", 'data: {schema: {$defs: {b: {$ref: "#/$defs/b"}}}}\n'),
            "F019",
            3,
        ),
        (flow("  - {id: a, action: stop}\n", "data: {schema: {type: 7}}\n"), "F019", 3),
    ],
    ids=range(24),
)
def test_a_bad_file_is_a_diagnostic_with_its_line(data: bytes | str, code: str, line: int) -> None:
    found = found_in(data)
    assert (code, line) in [(one.code, one.line) for one in found], [f"{one.code} {one}" for one in found]


HUNGRY = {"bomb": BOMB, "10 MB": "x: y\n" * 2_000_000, "deep": "a: " + "[" * 100_000}
IN_BOUNDED_MEMORY = """
import resource, sys
from flows import bot, checking
from flows.world import World
data = sys.stdin.buffer.read()
resource.setrlimit(resource.RLIMIT_AS, (1 << 29, 1 << 29))
print(*{one.code for one in checking.check(bot.load({"bot.yaml": data}), World())})
"""


@pytest.mark.parametrize("data", HUNGRY.values(), ids=HUNGRY)
def test_a_bad_file_takes_little_memory(data: str) -> None:
    """A process that may have half a gigabyte of addresses is enough."""
    command = [sys.executable, "-c", IN_BOUNDED_MEMORY]
    done = subprocess.run(command, input=data.encode(), capture_output=True, timeout=60)
    assert "D004" in done.stdout.decode(), done.stderr.decode()


def test_many_steps_are_checked_in_time() -> None:
    assert found_in(flow("".join(STEP % n for n in range(5_000)))) == []


def test_a_great_circle_is_found_in_time() -> None:
    steps = (
        "".join(STEP % n for n in range(4_000)) + "  - {id: last, action: send, with: {text: Hi}, next: s0}\n"
    )
    assert [one.code for one in found_in(flow(steps))] == ["F106"]


def test_many_triggers_are_compared_in_time() -> None:
    triggers = "".join(f"  - message: {{words: [word{n}, second word{n}]}}\n" for n in range(3_000))
    assert found_in(flow(STEP % 1, f"triggers:\n{triggers}")) == []


def test_a_folder_of_too_many_bytes_is_not_read() -> None:
    files = {"bot.yaml": MAIN, **{f"flows/f{n}.yaml": "#" * (1 << 20) for n in range(11)}}
    assert "F006" in [one.code for one in checking.check(bot.load(files), World())]


def test_an_answer_is_matched_in_time() -> None:
    began = time.process_time()
    assert not matches("(a+)+$", "a" * 4096 + "b")
    assert time.process_time() - began < 1
