"""All measurements: `python -m bench [--quick] [--json FILE]`, checking and the engine first,
then end to end: a Cloud API number, linked numbers, the API's lists."""

import argparse
import json
import statistics
import time
from pathlib import Path
from typing import Any

import uvloop

from bench import cloud, engine, linked, lists

STEPS = 500
ROUNDS = 5


def large_bot() -> dict[str, str]:
    """A bot of `STEPS` steps in ten flows."""
    names = [f"part{index}" for index in range(10)]
    files = {
        "bot.yaml": f"chatloom: bot/v1\nid: large\nlanguages: [en]\nflows: [{', '.join(names)}]\nfallback: part0\n"
    }
    for name in names:
        steps = "".join(
            f'  - id: s{index}\n    action: send\n    with: {{text: "Step {index}, {{{{ contact.name }}}}"}}\n'
            for index in range(STEPS // len(names))
        )
        files[f"flows/{name}.yaml"] = f"chatloom: flow/v1\nid: {name}\nsteps:\n{steps}"
    return files


def checking() -> dict[str, float]:
    """How long it takes to check a large bot: anew, and after one file has changed. In ms."""
    from flows import bot
    from flows.checking import check
    from flows.world import World

    files = large_bot()
    began = time.perf_counter()
    check(bot.load(files), World())
    cold = time.perf_counter() - began
    warm: list[float] = []
    for index in range(ROUNDS):
        changed = files["flows/part0.yaml"].replace("Step 1,", f"Step 1.{index},")
        began = time.perf_counter()
        check(bot.load({**files, "flows/part0.yaml": changed}), World())
        warm.append(time.perf_counter() - began)
    return {
        "steps": STEPS,
        "cold_ms": round(cold * 1000, 1),
        "warm_ms": round(statistics.median(warm) * 1000, 1),
    }


def main() -> None:
    """Measure, print, and write the figures if asked."""
    asked = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    asked.add_argument("--quick", action="store_true", help="a smoke run, under a minute")
    asked.add_argument("--json", type=Path, help="write the figures here too")
    given = asked.parse_args()
    found: dict[str, Any] = {"checking": checking()}
    print(f"checking {STEPS} steps, ms: {found['checking']['cold_ms']} anew (target 500), "
          f"{found['checking']['warm_ms']} after a change (target 100)")  # fmt: skip
    found["engine"] = [engine.measure(case, 0.3 if given.quick else 2.0) for case in engine.CASES]
    for one in found["engine"]:
        print(f"engine, {one['case']}: {one['turns_per_s']} turns/s (target {one['target'] or 'none'})")
    size = cloud.QUICK if given.quick else cloud.Size()
    parts = ("sustained", "latency") if given.quick else cloud.PARTS
    found |= uvloop.run(cloud.measure(size, parts))
    print(cloud.table(found))
    found["linked"] = uvloop.run(linked.measure(linked.QUICK if given.quick else linked.Size()))
    print(linked.table(found["linked"]))
    found["lists"] = uvloop.run(lists.run(lists.QUICK if given.quick else lists.Size()))
    print(lists.table(found["lists"]))
    if given.json:
        given.json.write_text(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
