"""Pictures of the settings."""

import re
from typing import Any

from playwright.sync_api import Route

from tests.ui.scenes.scene import Scene, Visit, changed
from tests.ui.site import PASSWORD, SETTINGS

MADE: dict[str, Any] = {  # what is shown once would be another each time
    "name": "Nightly export to the data warehouse of the northern region",
    "email": "margherita.castelnuovo-montecchi@example.com",
    "expires_at": "2030-01-07T09:30:00Z",
    "new_password": False,
    "token": "q3f7-2Qm0n5Xr8sT1uV4wY6zA9bC_dE3fG5hJ7kL9mN",
    "key": "clk_4tY7uIoPaSdFgHjKlZxCvBnM1234567890QwErTy",
    "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw0123456789ab",
    "recovery_codes": [f"{n:04x}-{n * 7:04x}-{n * 13:04x}" for n in range(4099, 4109)],
    "status": 200,
    "took_ms": 84,
    "later": False,
    "outcome": "found",
    "data": {"customer": {"name": "Giulia Conti", "points": 12}},
    "fault": "",
}


def _invited(visit: Visit) -> None:
    visit.gives("**/api/v1/invitations", MADE)
    visit.fill("settings", "people.email", MADE["email"])
    visit.press("settings", "people.make_link")


def _menu_of_luca(visit: Visit) -> None:
    visit.page.get_by_role(
        "button", name=visit.said("settings", "people.more").replace("{{name}}", "Luca Verdi")
    ).click()


def _removes_luca(visit: Visit) -> None:
    _menu_of_luca(visit)
    visit.page.get_by_role("menuitem", name=visit.said("settings", "people.remove"), exact=True).click()


def _key_made(visit: Visit) -> None:
    visit.gives("**/api/v1/api-keys", MADE)
    visit.fill("settings", "keys.name", MADE["name"])
    visit.page.get_by_role("dialog").get_by_role(
        "button", name=visit.said("settings", "keys.make"), exact=True
    ).click()


def _key_refused(visit: Visit) -> None:
    visit.fill("settings", "keys.name", MADE["name"])
    visit.fill("settings", "keys.scopes", "events, nonsense")
    visit.page.get_by_role("dialog").get_by_role(
        "button", name=visit.said("settings", "keys.make"), exact=True
    ).click()


def _secret_renewed(visit: Visit) -> None:
    visit.gives("**/new-secret", MADE)
    visit.press("settings", "hooks.new_secret")


def _tried(visit: Visit) -> None:
    visit.gives("**/try", MADE)
    visit.page.get_by_role("dialog").get_by_role(
        "button", name=visit.said("settings", "actions.try"), exact=True
    ).click()


def _json_broken(visit: Visit) -> None:
    visit.fill("settings", "actions.input", '{"type": "object",')


def _factor(visit: Visit) -> None:
    visit.fill("settings", "account.password_current", PASSWORD, last=True)
    visit.press("settings", "factor.go")
    visit.page.get_by_label(visit.said("settings", "factor.code"), exact=True).wait_for()


def _factor_on(visit: Visit) -> None:
    _factor(visit)
    visit.gives("**/confirm", MADE)
    visit.fill("settings", "factor.code", "123456")
    visit.press("settings", "factor.go")


def _kept_thirty_days(visit: Visit) -> None:
    visit.fill("settings", "retention.messages_days", "30")
    visit.press("frame", "action.save")
    visit.page.get_by_role("dialog").wait_for()


def _each_week(visit: Visit) -> None:
    visit.page.get_by_label(visit.said("settings", "exports.each"), exact=True).select_option("week")


def _by_cron(visit: Visit) -> None:
    visit.fill("settings", "exports.schedule_name", "Contacts each Monday")  # of whom there is one
    visit.page.get_by_label(visit.said("settings", "exports.each"), exact=True).select_option("cron")
    visit.fill("settings", "exports.cron", "*/5 * * * *")
    visit.press("frame", "action.save")
    visit.page.get_by_role("alert").first.wait_for()


def _of_a_bot(visit: Visit) -> None:
    visit.page.get_by_label(visit.said("settings", "exports.what"), exact=True).select_option("data")


def _many(route: Route) -> None:
    """A full page of a list, after which there is another."""
    given = route.fetch()
    items = given.json()["items"]
    some = [{**items[at % len(items)], "id": f"01a218a7-0000-7000-8000-{at:012}"} for at in range(50)]
    named = [{**each, "name": f"{each['name']} {at + 1}"} for at, each in enumerate(some)]
    route.fulfill(response=given, json={"items": named, "next": "more"})


def _at_more(visit: Visit) -> None:
    visit.page.get_by_role(
        "button", name=visit.said("frame", "action.more"), exact=True
    ).scroll_into_view_if_needed()


def _clash(visit: Visit) -> None:
    """Somebody else changes the same field, while this page is closed."""
    visit.fill("settings", "hooks.url", "https://crm.example.com/hooks/northern-region/chatloom")
    theirs = "https://customers.example.com/hooks/of-the-new-system/chatloom/v2"
    visit.page.route(HOOKS, changed(url=theirs))
    visit.page.reload()
    visit.press("settings", "edit")


HOOKS = re.compile(r"/api/v1/webhooks(\?|$)")
SCENES = [
    *(Scene(f"settings-{place}", f"/settings/{place}") for place in SETTINGS),
    Scene("settings-people-invite", "/settings/people", press=("settings", "people.invite")),
    Scene("settings-people-invited", "/settings/people", _invited, press=("settings", "people.invite")),
    Scene("settings-people-menu", "/settings/people", _menu_of_luca),
    Scene("settings-people-remove", "/settings/people", _removes_luca),
    Scene("settings-api-keys-make", "/settings/api-keys", press=("settings", "keys.make")),
    Scene("settings-api-keys-made", "/settings/api-keys", _key_made, press=("settings", "keys.make")),
    Scene("settings-api-keys-refused", "/settings/api-keys", _key_refused, press=("settings", "keys.make")),
    Scene("settings-api-keys-revoke", "/settings/api-keys", press=("settings", "keys.revoke")),
    *(
        Scene(
            f"settings-{place}-many",
            f"/settings/{place}",
            _at_more,
            answers=_many,
            of=re.compile(rf"/api/v1/{place}(\?|$)"),
        )
        for place in ("api-keys", "webhooks")
    ),
    Scene("settings-webhooks-clash", "/settings/webhooks", _clash, press=("settings", "edit")),
    Scene("settings-webhooks-add", "/settings/webhooks", press=("settings", "hooks.add")),
    Scene("settings-webhooks-secret", "/settings/webhooks", _secret_renewed),
    Scene("settings-webhooks-log", "/settings/webhooks", press=("settings", "hooks.log")),
    Scene("settings-actions-add", "/settings/actions", press=("settings", "actions.add")),
    Scene("settings-actions-broken", "/settings/actions", _json_broken, press=("settings", "actions.add")),
    Scene("settings-actions-try", "/settings/actions", _tried, press=("settings", "actions.try")),
    Scene("settings-events-add", "/settings/events", press=("settings", "events.add")),
    Scene("settings-fields-remove", "/settings/fields", press=("settings", "remove")),
    Scene("settings-account-factor", "/settings/account", _factor, press=("settings", "factor.turn_on")),
    Scene("settings-account-codes", "/settings/account", _factor_on, press=("settings", "factor.turn_on")),
    Scene("settings-retention-ask", "/settings/retention", _kept_thirty_days),
    Scene("settings-exports-data", "/settings/exports", _of_a_bot),
    Scene(
        "settings-exports-schedule", "/settings/exports", _each_week, press=("settings", "exports.schedule")
    ),
    Scene("settings-exports-cron", "/settings/exports", _by_cron, press=("settings", "exports.schedule")),
    Scene("settings-audit-verified", "/settings/audit", press=("settings", "audit.verify")),
    *(
        Scene(f"settings-{place}-viewer", f"/settings/{place}", role="viewer")
        for place in ("account", "people", "teams", "actions", "fields")
    ),
]
