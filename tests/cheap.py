"""`chatloom` whose passwords cost nothing to work out, for tests, which guess none: two of them are a third of a second
of CPU, and each test of a page begins with somebody new who signs in."""

from admin_api.passwords import Cost, Passwords
from cli.main import main

CHEAP = Cost(memory_kib=8, passes=1, lanes=1)

_at_its_cost = Passwords.__init__


def _cheap(passwords: Passwords, _: Cost) -> None:
    _at_its_cost(passwords, CHEAP)


if __name__ == "__main__":
    Passwords.__init__ = _cheap
    main()
