"""Whatever happens to a sealed file: it restores to the state of a commit, or it is refused by name."""

import random
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sessions.vault import VaultBroken, VaultKeyUnknown, generations
from sessions.vault.sealed_file import HEADER_BYTES
from tests.vault.conftest import NUMBER, new_keys

PAGE = 512
MASTERS = new_keys()
ACCOUNT = generations.account_id(NUMBER, "")


@dataclass(frozen=True)
class File:
    """A sealed session with the state after each commit, and where each record ends."""

    name: str
    data: bytes
    states: list[bytes]
    ends: list[int]


def made(seed: int, commits: int, generation: int = 1) -> File:
    """Commits of random pages, that let the database grow and shrink."""
    dice = random.Random(seed)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        image = dice.randbytes(dice.randint(1, 3) * PAGE)
        begun = generations.begin(folder, MASTERS, ACCOUNT, generation, image, PAGE)
        states, ends = [image], [begun.size]
        for _ in range(commits):
            size = dice.randint(1, 6)
            pages = {dice.randint(1, size): dice.randbytes(PAGE) for _ in range(dice.randint(1, 3))}
            state = bytearray(states[-1].ljust(size * PAGE, b"\0")[: size * PAGE])
            for number, page in pages.items():
                state[(number - 1) * PAGE : number * PAGE] = page
            begun.append(generations.changed_pages(size, pages))
            states.append(bytes(state))
            ends.append(begun.size)
        begun.close()
        return File(begun.path.name, begun.path.read_bytes(), states, ends)


def read(data: bytes, name: str = generations.name_of(1)) -> generations.Restored:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(data)
        return generations.restored(path, MASTERS)


files = st.builds(made, st.integers(0, 50), st.integers(0, 5))
quick = settings(max_examples=60, deadline=None)


@quick
@given(files)
def test_whole_is_the_last_commit(file: File) -> None:
    kept = read(file.data)
    assert (kept.image, kept.records, kept.torn) == (file.states[-1], len(file.states), 0)


@quick
@given(files, st.data())
def test_any_prefix_is_the_state_of_a_commit(file: File, data: st.DataObject) -> None:
    length = data.draw(st.integers(0, len(file.data)))
    whole = sum(end <= length for end in file.ends)
    if not whole:
        with pytest.raises(VaultBroken):
            read(file.data[:length])
        return
    kept = read(file.data[:length])
    assert (kept.image, kept.records) == (file.states[whole - 1], whole)
    assert kept.torn == length - file.ends[whole - 1]


@quick
@given(files, st.data())
def test_a_flipped_bit_is_refused_but_in_the_last_record(file: File, data: st.DataObject) -> None:
    bit = data.draw(st.integers(0, 8 * len(file.data) - 1))
    changed = bytearray(file.data)
    changed[bit // 8] ^= 1 << bit % 8
    last = file.ends[-2] if len(file.ends) > 1 else len(file.data)
    if bit // 8 >= last:
        assert read(bytes(changed)).image == file.states[-2]
    else:
        with pytest.raises((VaultBroken, VaultKeyUnknown)) as caught:
            read(bytes(changed))
        assert generations.name_of(1) in str(caught.value)


@quick
@given(st.builds(made, st.integers(0, 50), st.integers(2, 5)), st.data())
def test_a_record_left_out_moved_or_foreign_is_refused(file: File, data: st.DataObject) -> None:
    bounds = list(zip([HEADER_BYTES, *file.ends], file.ends, strict=False))
    parts = [file.data[start:end] for start, end in bounds]
    at = data.draw(st.integers(0, len(parts) - 2))
    head = file.data[:HEADER_BYTES]
    for spoiled in (
        [*parts[:at], parts[at + 1], parts[at], *parts[at + 2 :]],
        [*parts[:at], *parts[at + 1 :]],
        [*parts[:at], parts[at + 1], *parts[at + 1 :]],
    ):
        with pytest.raises(VaultBroken, match=f"record {at}:"):
            read(head + b"".join(spoiled))
    foreign = made(99, 5).data[HEADER_BYTES:]
    with pytest.raises(VaultBroken, match="record 0:"):
        read(head + foreign)


def test_a_changed_length_does_not_hide_what_follows() -> None:
    file = made(1, 4)
    for at in file.ends[:-2]:
        changed = bytearray(file.data)
        changed[at] = 0x7F  # the record now seems to reach far beyond the end
        with pytest.raises(VaultBroken, match=f"record {file.ends.index(at) + 1}: it was altered"):
            read(bytes(changed))


def test_a_head_that_is_not_whole_is_torn() -> None:
    file = made(1, 4)
    assert read(file.data[: file.ends[-2] + 3]).torn == 3
