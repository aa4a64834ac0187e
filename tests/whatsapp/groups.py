"""Groups, as the server knows them."""

import time
from dataclasses import dataclass, field

from tests.whatsapp.accounts import Account
from tests.whatsapp.binary import GROUPS, PHONES, Attrs, Jid, Node
from tests.whatsapp.refusals import FORBIDDEN, NOT_FOUND, Refused

GROUP_SERVER = Jid("", GROUPS)


@dataclass(eq=False)
class Group:
    """A group whose members are named by LID; the first member made it."""

    id: str
    subject: str
    members: list[Account]
    made_at: int = field(default_factory=lambda: int(time.time()))

    @property
    def jid(self) -> Jid:
        return Jid(self.id, GROUPS)

    def node(self) -> Node:
        first = self.members[0]
        attrs: Attrs = {
            "id": self.id,
            "subject": self.subject,
            "s_t": str(self.made_at),
            "s_o": first.at(),
            "creation": str(self.made_at),
            "creator": first.at(),
            "creator_pn": first.at(server=PHONES),
            "addressing_mode": "lid",
            "size": str(len(self.members)),
        }
        people = [
            Node(
                "participant",
                {"jid": member.at(), "phone_number": member.at(server=PHONES)}
                | ({"type": "superadmin"} if member is first else {}),
            )
            for member in self.members
        ]
        return Node("group", attrs, people)


def answer(groups: dict[Jid, Group], account: Account, to: Jid, request: Node) -> list[Node]:
    """To `<iq xmlns=w:g2 type=get>`: one group, or all that the account is in. Raises Refused."""
    if to == GROUP_SERVER and request.tag == "participating":
        mine = [group.node() for group in groups.values() if account in group.members]
        return [Node("groups", content=mine)]
    return [member_of(groups, account, to).node()]


def member_of(groups: dict[Jid, Group], account: Account, jid: Jid) -> Group:
    """The group, if the account is in it. Raises Refused."""
    group = groups.get(jid)
    if group is None:
        raise Refused(NOT_FOUND, f"no group {jid}")
    if account not in group.members:
        raise Refused(FORBIDDEN, f"not a member of {jid}")
    return group
