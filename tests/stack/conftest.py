"""One installation for the tests of the whole stack, with a Redis of its own."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from store.child import Embedded
from store.embedded_redis import start_redis
from tests.installation import Installation


@dataclass
class Stack:
    """The installation, and its Redis."""

    installed: Installation
    redis: Embedded


@pytest.fixture(scope="package")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Real processes. A message that fails once is a dead letter."""
    folder = tmp_path_factory.mktemp("s")
    folder.chmod(0o711)
    (folder / "r").mkdir(mode=0o711)
    redis = start_redis(folder / "r")
    try:
        installed = Installation(
            folder / "h", environment={"REDIS_URL": redis.url, "CHATLOOM_SEND_ATTEMPTS": "1"}
        )
        asyncio.run(installed.__aenter__())
        try:
            installed.add_app()
            yield Stack(installed, redis)
        finally:
            installed.close()
    finally:
        redis.stop()


@pytest.fixture
def installed(stack: Stack) -> Installation:
    return stack.installed
