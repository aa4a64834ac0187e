"""What is kept of a contact is packed beside the loop in which doors answer."""

import asyncio
import threading
import zipfile
from pathlib import Path

import pytest

from admin_api.contact_archive import archive
from keys.seal import Sealer, new_data_key
from schemas.ids import new_event_id
from store.media import Media


def test_packing_leaves_the_loop_to_others(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    packed_in: list[threading.Thread] = []
    write = zipfile.ZipFile.writestr

    def noted(zipped: zipfile.ZipFile, name: str, said: bytes) -> None:
        packed_in.append(threading.current_thread())
        write(zipped, name, said)

    monkeypatch.setattr(zipfile.ZipFile, "writestr", noted)
    workspace = new_event_id()
    media = Media(tmp_path, workspace, Sealer(new_data_key(), workspace))
    with asyncio.run(archive({"conversations": []}, media)) as whole, zipfile.ZipFile(whole) as zipped:
        assert zipped.namelist() == ["contact.json"]
    assert packed_in
    assert threading.current_thread() not in packed_in
