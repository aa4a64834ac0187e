"""Looking up users: whether a number has an account, its LID, its devices."""

from tests.whatsapp.accounts import Accounts
from tests.whatsapp.binary import Jid, Malformed, Node
from tests.whatsapp.refusals import NOT_IMPLEMENTED, Refused, require

MODES = {"full", "query"}
CONTEXTS = {"background", "interactive", "message"}


def answer(accounts: Accounts, request: Node) -> Node:
    """The content of the reply to `<iq xmlns=usync>`. Raises Malformed or Refused."""
    require(request.text("mode") in MODES and request.text("context") in CONTEXTS, "mode or context")
    query, users = request.child("query"), request.child("list")
    if query is None or users is None:
        raise Malformed("usync without query or list")
    wanted = [item.tag for item in query.children]
    if unknown := set(wanted) - {
        "business",
        "status",
        "picture",
        "devices",
        "lid",
        "contact",
        "disappearing_mode",
        "username",
    }:
        raise Refused(NOT_IMPLEMENTED, f"usync of {sorted(unknown)}")
    found = [_user(accounts, user, wanted) for user in users.children]
    result = Node("result", content=[Node(tag) for tag in wanted])
    return Node("usync", dict(request.attrs), [result, Node("list", content=found)])


def _user(accounts: Accounts, asked: Node, wanted: list[str]) -> Node:
    number = asked.child("contact")
    if number is not None:
        return _number(accounts, asked.data("contact"))
    jid = asked.jid("jid")
    account = accounts.find(jid)
    content: list[Node] = []
    if account and "lid" in wanted:
        content.append(Node("lid", {"val": account.at()}))
    if account and "devices" in wanted:
        devices = [
            Node("device", {"id": str(number), **({"key-index": str(number)} if number else {})})
            for number in sorted(account.devices)
        ]
        content.append(Node("devices", content=[Node("device-list", content=devices)]))
    if "status" in wanted:
        content.append(Node("status", content=b""))
    return Node("user", {"jid": jid.whole}, content)


def _number(accounts: Accounts, written: bytes) -> Node:
    """Whether a phone number, written as a legacy address, has an account."""
    user = written.decode().removesuffix("@c.us").removeprefix("+")
    require(user.isdigit(), "a phone number")
    account = accounts.find(Jid(user))
    contact = Node("contact", {"type": "in" if account else "out"}, written)
    pn = Jid(user)
    return Node("user", {"jid": account.at() if account else pn, "pn_jid": pn}, [contact])
