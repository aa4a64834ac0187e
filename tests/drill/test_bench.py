"""The benchmark's harness works: a message is sent, answered, counted. Nothing is timed."""

from pathlib import Path

import pytest
import uvloop

from bench import linked
from bench.cloud import Size, latency, stage, sustained
from bench.cloud import contacts as people
from flows.bot import load
from flows.checking import check
from flows.world import World

SMALL = Size(seconds=0.5, rounds=1, warm_s=0.2)


@pytest.mark.drill
def test_rates_and_times_are_measured_and_every_message_is_answered_once() -> None:
    async def smoke() -> None:
        async with stage() as here:
            rate = await sustained(here, people(20), SMALL)
            assert rate["messages_per_s"] > 0
            times = await latency(here, people(20), 40, SMALL)
            assert times["reply_ms"]["p50"] >= times["door_ms"]["p50"] > 0

    uvloop.run(smoke())


@pytest.mark.drill
def test_a_linked_number_is_measured_and_its_answers_counted() -> None:
    async def smoke() -> None:
        async with linked.stage(1) as here:
            size = linked.Size(seconds=0.5, rounds=1, contacts=3, starts=1, idle_s=0.1)
            assert (await linked.memory(here, size))["rss_mb"] > 0
            assert (await linked.starting(here, size))["online_s"] > 0
            talk = await linked.talking(here, size)
            assert talk["turns_per_s"] > 0
            assert talk["seal_ms_p99"] > 0

    uvloop.run(smoke())


def test_the_bots_have_no_errors() -> None:
    for folder in (Path(__file__).parents[2] / "bench/bots").iterdir():
        files = {str(one.relative_to(folder)): one.read_text() for one in folder.rglob("*.yaml")}
        assert not [one for one in check(load(files), World()) if one.severity == "error"]
