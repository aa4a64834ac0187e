"""The library that is installed is the one that the emulator knows."""

import pytest

from tests.whatsapp import installed
from tests.whatsapp.redirect import ROOT_KEY, URL, NotTheLibraryWeKnow, Redirected, patched
from tests.whatsapp.tokens import tokens


def test_the_copy_is_patched_and_the_installed_library_is_not(redirected: Redirected) -> None:
    original = installed.library().read_bytes()
    copy = (redirected.folder / "neonize" / installed.library().name).read_bytes()
    assert len(copy) == len(original)
    assert (original.count(URL), original.count(ROOT_KEY)) == (1, 1)
    assert (copy.count(URL), copy.count(ROOT_KEY), copy.count(redirected.root.public)) == (0, 0, 1)


@pytest.mark.parametrize("data", [b"nothing", b"old and old"])
def test_a_pattern_that_is_not_there_once_is_refused(data: bytes) -> None:
    with pytest.raises(NotTheLibraryWeKnow):
        patched(data, {b"old": b"new"})


def test_a_pattern_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="as long as"):
        patched(b"old", {b"old": b"newer"})


def test_the_dictionaries_are_read_from_the_library() -> None:
    found = tokens()
    assert len(found.single) == 236
    assert [len(dictionary) for dictionary in found.double] == [256] * 4
    assert {"message", "receipt", "participant"} <= set(found.single)
