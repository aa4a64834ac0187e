"""Runs the real client in a process of its own: commands on stdin, events on stdout, as JSON lines.

Run as a script, with the redirected copy first on PYTHONPATH. What the library itself prints goes to
stderr. Arguments: the session file.
"""

# pyright: reportMissingTypeStubs=false

import base64
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
from neonize._binder import gocode  # noqa: E402
from neonize.proto.Neonize_pb2 import ReturnFunctionWithError  # noqa: E402
from neonize.proto.waE2E.WAWebProtobufsE2E_pb2 import Message  # noqa: E402
from neonize.utils.enum import ChatPresence, ChatPresenceMedia, MediaType, Presence, VoteType  # noqa: E402
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
            "message" if info.Category != "peer" else "from_own_phone",
            id=info.ID,
            text=message.Message.conversation or message.Message.extendedTextMessage.text,
            chat=Jid2String(source.Chat),
            sender=Jid2String(source.Sender),
            phone=Jid2String(source.SenderAlt),
            from_me=source.IsFromMe,
            name=info.Pushname,
            at=info.Timestamp,
            group=source.IsGroup,
            raw=base64.b64encode(message.Message.SerializeToString()).decode(),
        )
        if message.Message.HasField("pollUpdateMessage"):
            threading.Thread(target=say_vote, args=(client, message), daemon=True).start()

    @client.event(ev.ChatPresenceEv)
    def _(_: Any, typing: Any) -> None:
        state = "composing" if typing.State == typing.COMPOSING else "paused"
        say("typing", sender=Jid2String(typing.MessageSource.Sender), state=state)

    @client.event(ev.PresenceEv)
    def _(_: Any, presence: Any) -> None:
        say("presence", who=Jid2String(presence.From), online=not presence.Unavailable)

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
        "keep_alive_timeout": ev.KeepAliveTimeoutEv,
        "undecryptable": ev.UndecryptableMessageEv,
        "offline_done": ev.OfflineSyncCompletedEv,
    }.items():
        client.event(kind)(lambda _, __, name=name: say(name))


def say_vote(client: Any, message: Any) -> None:
    """As `client.decrypt_poll_vote` means to: in neonize 0.5.2 it does not read what Go returns."""
    data = message.SerializeToString()
    returned = gocode.DecryptPollVote(client.uuid, data, len(data)).contents.get_bytes()
    answer: Any = ReturnFunctionWithError.FromString(returned)
    say(
        "vote", error=answer.Error, hashes=[option.hex() for option in answer.PollVoteMessage.selectedOptions]
    )


def obey(client: neonize_client.NewClient) -> None:
    for line in sys.stdin:
        command = json.loads(line)
        match command.pop("do"):
            case "stop":
                break
            case action:
                threading.Thread(target=act, args=(client, action, command), daemon=True).start()
    client.stop()


def act(client: neonize_client.NewClient, action: str, command: dict[str, Any]) -> None:
    """One command; what it raises is an event too."""
    try:
        ACTIONS[action](client, **command)
    except Exception as error:
        failed = {"send": "not_sent"}.get(action, "failed")
        say(failed, do=action, text=command.get("text", ""), error=str(error))


def jid(text: str) -> Any:
    return build_jid(*text.split("@"))


def send(client: neonize_client.NewClient, to: str, text: str = "", raw: str = "") -> None:
    message = Message.FromString(base64.b64decode(raw)) if raw else text
    sent = client.send_message(jid(to) if "@" in to else build_jid(to), message)
    say("sent", text=text, id=sent.ID)


def pair_phone(client: neonize_client.NewClient, phone: str) -> None:
    say("code", code=client.PairPhone(phone, True))


def read(client: neonize_client.NewClient, chat: str, id: str) -> None:
    client.mark_read(id, chat=jid(chat), sender=jid(chat), receipt=neonize_client.ReceiptType.READ)


def presence(client: neonize_client.NewClient) -> None:
    client.send_presence(Presence.AVAILABLE)
    say("present")


def watch(client: neonize_client.NewClient, who: str) -> None:
    client.subscribe_presence(jid(who))


def typing(client: neonize_client.NewClient, chat: str, state: str, media: int) -> None:
    kind = ChatPresence.CHAT_PRESENCE_COMPOSING if state == "composing" else ChatPresence.CHAT_PRESENCE_PAUSED
    client.send_chat_presence(jid(chat), kind, ChatPresenceMedia(media))


def known(client: neonize_client.NewClient, numbers: list[str]) -> None:
    found = client.is_on_whatsapp(*numbers)
    say("known", numbers={answer.Query: (answer.IsIn, Jid2String(answer.JID)) for answer in found})


def info(client: neonize_client.NewClient, who: str) -> None:
    (found,) = client.get_user_info(jid(who))
    say("info", devices=len(found.UserInfo.Devices))


def upload(client: neonize_client.NewClient, data: str, kind: str) -> None:
    done = client.upload(base64.b64decode(data), MediaType[kind])
    fields: dict[str, Any] = {
        "URL": done.url,
        "directPath": done.DirectPath,
        "mediaKey": done.MediaKey,
        "fileSHA256": done.FileSHA256,
        "fileEncSHA256": done.FileEncSHA256,
        "fileLength": done.FileLength,
    }
    message = Message()
    part: Any = message.imageMessage if kind == "MediaImage" else message.documentMessage
    for name, value in fields.items():
        setattr(part, name, value)
    say("uploaded", raw=base64.b64encode(message.SerializeToString()).decode())


def download(client: neonize_client.NewClient, raw: str) -> None:
    data = client.download_any(Message.FromString(base64.b64decode(raw)))
    say("downloaded", data=base64.b64encode(data or b"").decode())


def poll(client: neonize_client.NewClient, to: str, question: str, options: list[str]) -> None:
    message = client.build_poll_vote_creation(question, options, VoteType.SINGLE)
    say("sent", text=question, id=client.send_message(build_jid(to), message).ID)


def revoke(client: neonize_client.NewClient, to: str, id: str) -> None:
    message = client.build_revoke(build_jid(to), client.get_me().JID, id)
    say("sent", text="", id=client.send_message(build_jid(to), message).ID)


def groups(client: neonize_client.NewClient) -> None:
    found = client.get_joined_groups()
    say("groups", names=[group.GroupName.Name for group in found])


def logout(client: neonize_client.NewClient) -> None:
    client.logout()
    say("gone")


ACTIONS = {
    action.__name__: action
    for action in (
        send,
        pair_phone,
        read,
        presence,
        watch,
        typing,
        known,
        info,
        upload,
        download,
        poll,
        revoke,
        groups,
        logout,
    )
}


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
