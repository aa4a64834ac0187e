"""How tests went: for people, as JSON, and as the JUnit XML that build servers read."""

from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import typer

from cli import output
from cli.test_run import Played, TestRun
from flows.coverage import KINDS, Coverage

_NOT_XML = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF])  # XML 1.0, section 2.2


def say(run: TestRun, path: Path, name_missed: bool) -> None:
    """For people: a line each, of one that failed its transcript and where it differs; then what was reached."""
    for each in run.tests:
        _say_test(each, path)
    if not run.tests:
        output.say(f"There are no such tests in {path / 'tests'}.")
    passed = f"{len(run.tests) - len(run.failed)} of {len(run.tests)} passed"
    found = run.coverage
    if found is None:
        output.say(passed)
        return
    shown = (f"{_all(found, kind) - len(found.missed(kind))} of {_all(found, kind)} {kind}" for kind in KINDS)
    output.say(f"{passed}; reached {', '.join(shown)}")
    for missed in (one for kind in KINDS for one in found.missed(kind)) if name_missed else ():
        output.say(f"    not reached: {missed}")
    for little in run.short:
        low = typer.style("too little", fg=typer.colors.RED)
        output.say(f"{path / 'bot.yaml'}: {low}: the tests reach {little}")


def as_json(run: TestRun) -> dict[str, Any]:
    """For programs."""
    return {
        "tests": [
            {
                "file": each.result.file,
                "name": each.result.name,
                "failure": each.result.failure,
                "line": each.line,
                "seconds": round(each.seconds, 6),
                "transcript": [{"who": line.who, "text": line.text} for line in each.result.transcript],
            }
            for each in run.tests
        ],
        "coverage": None if run.coverage is None else coverage_json(run.coverage),
        "short": [
            {"kind": one.kind, "percent": one.percent, "wanted": one.wanted, "missed": list(one.missed)}
            for one in run.short
        ],
    }


def coverage_json(found: Coverage) -> dict[str, Any]:
    """What was reached, by kind and step by step."""
    return {
        "steps": found.steps,
        "outcomes": found.outcomes,
        "languages": len(found.languages),
        "percent": {kind: found.percent(kind) for kind in KINDS},
        **{f"missed_{kind}": list(found.missed(kind)) for kind in KINDS},
        "by_step": [
            {
                "flow": line.flow,
                "step": line.step,
                "languages": list(line.languages),
                "reached": list(line.reached),
                "missed": list(line.missed),
            }
            for line in found.lines
        ],
    }


def junit(run: TestRun, suite: str) -> bytes:
    """JUnit's XML: a suite for each file, with the transcript of what failed."""
    root = ElementTree.Element("testsuites", _counts(run.tests))
    files = dict.fromkeys(each.result.file for each in run.tests)
    for file in files:
        tests = tuple(each for each in run.tests if each.result.file == file)
        part = ElementTree.SubElement(root, "testsuite", {"name": f"{suite}/{file}", **_counts(tests)})
        for each in tests:
            said = {"name": _clean(each.result.name), "classname": f"{suite}.{file}", "file": file}
            case = ElementTree.SubElement(part, "testcase", {**said, "time": f"{each.seconds:.6f}"})
            if each.line is not None:
                case.set("line", str(each.line))
                failure = _clean(each.result.failure)
                first = {"message": failure.splitlines()[0], "type": "Differs"}
                ElementTree.SubElement(case, "failure", first).text = failure
            lines = (f"{line.who:>8}  {line.text}" for line in each.result.transcript)
            ElementTree.SubElement(case, "system-out").text = _clean("\n".join(lines))
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="utf-8", xml_declaration=True) + b"\n"


def _say_test(each: Played, path: Path) -> None:
    result = each.result
    if result.passed:
        mark = typer.style("passed", fg=typer.colors.GREEN)
        output.say(f"{path / result.file}: {mark}: {result.name}")
        return
    mark = typer.style("failed", fg=typer.colors.RED)
    output.say(f"{path / result.file}:{each.line}: {mark}: {result.name}")
    for line in result.transcript:
        output.say(typer.style(f"    {line.who:>8}  {_under(line.text, 14)}", dim=True))
    for line in result.failure.splitlines():
        colour = {"  -": typer.colors.RED, "  +": typer.colors.GREEN}.get(line[:3])
        output.say(f"    {typer.style(line, fg=colour)}")


def _all(found: Coverage, kind: str) -> int:
    return {"steps": found.steps, "outcomes": found.outcomes, "languages": len(found.languages)}[kind]


def _counts(tests: tuple[Played, ...]) -> dict[str, str]:
    failed = sum(not each.result.passed for each in tests)
    seconds = sum(each.seconds for each in tests)
    return {"tests": str(len(tests)), "failures": str(failed), "errors": "0", "time": f"{seconds:.6f}"}


def _clean(text: str) -> str:
    """Without what XML cannot hold."""
    return text.translate(_NOT_XML).encode("utf-8", "replace").decode()


def _under(text: str, margin: int) -> str:
    return text.replace("\n", "\n" + " " * margin)
