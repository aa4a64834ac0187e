"""Runs the real client in a process of its own: commands on stdin, events on stdout, as JSON lines.

Run as a script, with the redirected copy first on PYTHONPATH. What the library itself prints goes to
stderr. Arguments: the session file.
"""

# pyright: reportMissingTypeStubs=false

import json
import os
import sys
import threading
from typing import Any

events = os.fdopen(os.dup(1), "w", buffering=1)
os.dup2(2, 1)

import pylibmagic  # noqa: E402, F401, I001  # pyright: ignore[reportUnusedImport]  (finds libmagic for neonize)

from neonize import client as neonize_client  # noqa: E402
from neonize import events as ev  # noqa: E402
from neonize.utils.jid import Jid2String, build_jid  # noqa: E402

lock = threading.Lock()


def say(event: str, **more: Any) -> None:
    with lock:
        events.write(json.dumps({"event": event, **more}) + "\n")


def listen(client: neonize_client.NewClient) -> None:
    client.qr(lambda _, code: say("qr", code=code.decode()))

    @client.event(ev.ConnectedEv)
    def _(_: Any, __: Any) -> None:
        say("connected")

    @client.event(ev.MessageEv)
    def _(_: Any, message: Any) -> None:
        info, source = message.Info, message.Info.MessageSource
        say(
            "message",
            id=info.ID,
            text=message.Message.conversation or message.Message.extendedTextMessage.text,
            chat=Jid2String(source.Chat),
            sender=Jid2String(source.Sender),
            phone=Jid2String(source.SenderAlt),
            from_me=source.IsFromMe,
            name=info.Pushname,
            at=info.Timestamp,
        )

    @client.event(ev.ReceiptEv)
    def _(_: Any, receipt: Any) -> None:
        kind = receipt.ReceiptType.Name(receipt.Type)
        say("receipt", ids=list(receipt.MessageIDs), kind=kind, chat=Jid2String(receipt.MessageSource.Chat))

    @client.event(ev.LoggedOutEv)
    def _(_: Any, out: Any) -> None:
        say("logged_out", on_connect=out.OnConnect)

    @client.event(ev.PairStatusEv)
    def _(_: Any, status: Any) -> None:
        say("paired", jid=Jid2String(status.ID), error=status.Error)

    for name, kind in {
        "stream_replaced": ev.StreamReplacedEv,
        "disconnected": ev.DisconnectedEv,
        "temporary_ban": ev.TemporaryBanEv,
        "connect_failure": ev.ConnectFailureEv,
        "stream_error": ev.StreamErrorEv,
        "undecryptable": ev.UndecryptableMessageEv,
        "offline_done": ev.OfflineSyncCompletedEv,
    }.items():
        client.event(kind)(lambda _, __, name=name: say(name))


def obey(client: neonize_client.NewClient) -> None:
    for line in sys.stdin:
        command = json.loads(line)
        match command.pop("do"):
            case "send":
                threading.Thread(target=send, args=(client, command), daemon=True).start()
            case "pair_phone":
                try:
                    say("code", code=client.PairPhone(command["phone"], True))
                except Exception as error:
                    say("no_code", error=str(error))
            case "read":
                chat = build_jid(*command["chat"].split("@"))
                client.mark_read(
                    command["id"], chat=chat, sender=chat, receipt=neonize_client.ReceiptType.READ
                )
            case _:  # stop
                break
    client.stop()


def send(client: neonize_client.NewClient, command: dict[str, Any]) -> None:
    try:
        sent = client.send_message(build_jid(command["to"]), command["text"])
    except Exception as error:
        say("not_sent", text=command["text"], error=str(error))
    else:
        say("sent", text=command["text"], id=sent.ID)


if __name__ == "__main__":
    the_client = neonize_client.NewClient(sys.argv[1], uuid="test")
    listen(the_client)
    threading.Thread(target=obey, args=(the_client,), daemon=True).start()
    try:
        the_client.connect()
    except Exception as error:
        say("failed", error=str(error))
    say("ended")
    os._exit(0)
