"""People come in, stay in, go out, and manage one another, through HTTP."""

import base64
import json
import time
from concurrent.futures import ThreadPoolExecutor
from statistics import median

import httpx
import psycopg
import pyotp
import pytest

from admin_api.services import Config
from tests.api.people import (
    COOKIE,
    PASSWORD,
    Enter,
    Person,
    add,
    elsewhere,
    fresh_email,
    sign_in,
    sql,
)
from tests.live import CHEAP, Live, live

SIGN_IN = "/api/v1/sign-in"


@pytest.fixture
def ana(api: httpx.Client, enter: Enter) -> Person:
    """An editor, signed in."""
    return enter(add(api, "editor"))


@pytest.fixture
def boss(api: httpx.Client, enter: Enter) -> Person:
    """An admin, signed in."""
    return enter(add(api, "admin"))


def password_of(url: str, email: str) -> str:
    with psycopg.connect(url) as db:
        return str(db.execute("SELECT password FROM users WHERE email = %s", [email]).fetchone())


def code(answer: httpx.Response) -> str:
    return answer.json()["code"]


def test_whoever_signs_in_is_known(ana: Person) -> None:
    me = ana.client.get("/api/v1/me").json()
    assert (me["kind"], me["role"], me["user"]["email"]) == ("person", "editor", ana.email)
    assert ana.client.get("/api/v1/bots").status_code == 200


def test_the_operator_and_keys_are_known_too(api: httpx.Client, server: Live) -> None:
    assert api.get("/api/v1/me").json()["kind"] == "operator"
    made = api.post("/api/v1/api-keys", json={"name": "crm", "role": "viewer"}).json()
    with server.client(made["key"]) as program:
        me = program.get("/api/v1/me").json()
        assert (me["kind"], me["name"], me["role"], me["user"]) == ("api_key", "crm", "viewer", None)


def test_addresses_are_found_however_they_are_written(server: Live, ana: Person) -> None:
    assert sign_in(server, f" {ana.email.upper()} ").status_code == 200


def test_a_wrong_password_and_an_unknown_address_are_refused_alike(server: Live, ana: Person) -> None:
    wrong = sign_in(server, ana.email, "another password")
    unknown = sign_in(server, fresh_email("nobody"))
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.json() == unknown.json()
    assert set(wrong.headers) == set(unknown.headers)


def test_nobody_is_refused_as_slowly_as_somebody(migrated_url: str) -> None:
    """Told by the processor's time of the whole server, which runs here: the hash is what counts."""
    with live(migrated_url, password_cost=type(CHEAP)(memory_kib=8192, passes=4, lanes=1)) as running:
        with running.client() as operator:
            email = add(operator, "viewer")
        spent: dict[str, list[float]] = {email: [], fresh_email("nobody"): []}
        for _ in range(9):
            for who, times in spent.items():
                before = time.process_time()
                assert sign_in(running, who, "another password").status_code == 401
                times.append(time.process_time() - before)
        known, unknown = (median(times) for times in spent.values())
        assert 0.5 < known / unknown < 2


def test_tries_are_bounded_by_account_and_by_address_without_telling_which(
    migrated_url: str, redis_url: str
) -> None:
    with live(migrated_url, redis_url=redis_url, account_tries=2, rate_limit=0) as running:
        with running.client() as operator:
            email = add(operator, "viewer")
        known = [sign_in(running, email, "another password") for _ in range(3)]
        nobody = fresh_email("nobody")
        unknown = [sign_in(running, nobody, "another password") for _ in range(3)]
        assert [each.status_code for each in known + unknown] == [401, 401, 429] * 2
        assert code(known[2]) == code(unknown[2]) == "sign_in.too_many_tries"
        assert int(known[2].headers["retry-after"]) > 0
        assert sign_in(running, email).status_code == 429  # the right one too, or it would tell
    with live(migrated_url, address_tries=2, rate_limit=0) as running:
        tried = [sign_in(running, fresh_email("nobody")) for _ in range(3)]
        assert [each.status_code for each in tried] == [401, 401, 429]
        assert code(tried[2]) == "sign_in.too_many_tries"


def test_the_refresh_token_is_a_cookie_that_scripts_and_other_sites_cannot_use(
    server: Live, ana: Person, migrated_url: str
) -> None:
    said = sign_in(server, ana.email).headers["set-cookie"]
    assert {part.strip().partition("=")[0] for part in said.split(";")} >= {COOKIE, "HttpOnly", "SameSite"}
    assert "SameSite=strict" in said
    assert "Path=/api/v1/sign-in;" in f"{said};"
    assert "Secure" not in said
    with live(migrated_url, public_url="https://bots.example.com") as running:
        assert "Secure" in sign_in(running, ana.email).headers["set-cookie"]


def test_a_refresh_gives_new_tokens(ana: Person) -> None:
    before = ana.client.cookies[COOKIE]
    answer = ana.refresh()
    assert answer.status_code == 200, answer.text
    assert ana.client.cookies[COOKIE] != before
    assert answer.headers["cache-control"] == "no-store"
    renewed = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    assert ana.client.get("/api/v1/me", headers=renewed).status_code == 200


def test_a_reused_refresh_token_ends_the_sign_in(server: Live, ana: Person) -> None:
    with server.client(None, cookies={COOKIE: ana.client.cookies[COOKIE]}) as thief:
        assert ana.refresh().status_code == 200
        sql(server, "UPDATE sign_ins SET turned_at = turned_at - interval '11 s' WHERE user_id = %s", ana.id)
        stolen = thief.post(f"{SIGN_IN}/refresh", headers={"X-Chatloom": "1"})
        assert (stolen.status_code, code(stolen)) == (401, "sign_in.over")
    assert code(ana.refresh()) == "sign_in.over"
    assert ana.client.get("/api/v1/me").status_code == 401  # the access token too


def test_two_tabs_may_refresh_at_once(server: Live, ana: Person) -> None:
    cookies = {COOKIE: ana.client.cookies[COOKIE]}

    def tab(_: int) -> tuple[int, str]:
        with server.client(None, cookies=cookies) as client:
            answer = client.post(f"{SIGN_IN}/refresh", headers={"X-Chatloom": "1"})
            return answer.status_code, answer.cookies[COOKIE]

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(tab, range(4)))
    assert {status for status, _ in answers} == {200}
    assert len({cookie for _, cookie in answers}) == 1  # one line of tokens
    ana.client.cookies.clear()
    ana.client.cookies.set(COOKIE, answers[0][1])
    assert ana.refresh().status_code == 200


def test_a_token_from_two_turns_ago_has_no_grace(server: Live, ana: Person) -> None:
    with server.client(None, cookies={COOKIE: ana.client.cookies[COOKIE]}) as thief:
        assert [ana.refresh().status_code, ana.refresh().status_code] == [200, 200]
        assert thief.post(f"{SIGN_IN}/refresh", headers={"X-Chatloom": "1"}).status_code == 401
    assert ana.refresh().status_code == 401


@pytest.mark.parametrize("cookie", ["", "x", "é", "AAAA", "A" * 84])
def test_an_invented_refresh_token_ends_nothing(server: Live, ana: Person, cookie: str) -> None:
    with server.client(None) as stranger:
        headers = {b"X-Chatloom": b"1", b"Cookie": f"{COOKIE}={cookie}".encode()}
        assert stranger.post(f"{SIGN_IN}/refresh", headers=headers).status_code == 401
    assert ana.refresh().status_code == 200


def test_a_sign_in_ends_when_it_was_not_used_for_long(server: Live, ana: Person) -> None:
    sql(server, "UPDATE sign_ins SET expires_at = now() WHERE user_id = %s", ana.id)
    assert ana.client.get("/api/v1/me").status_code == 401
    assert ana.refresh().status_code == 401


@pytest.mark.parametrize("change", ["signature", "none", "claims"])
def test_an_altered_access_token_opens_nothing(server: Live, ana: Person, change: str) -> None:
    head, claims, mark = ana.client.headers["Authorization"].removeprefix("Bearer ").split(".")
    match change:
        case "signature":
            mark = mark[::-1]
        case "none":
            head, mark = base64.urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("="), ""
        case _:
            said = json.loads(base64.urlsafe_b64decode(claims + "=="))
            said["exp"] += 3600
            claims = base64.urlsafe_b64encode(json.dumps(said).encode()).decode().rstrip("=")
    with server.client(f"{head}.{claims}.{mark}") as forger:
        assert forger.get("/api/v1/me").status_code == 401


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 403),
        ({"X-Chatloom": "1"}, 200),
        ({"X-Chatloom": "1", "Origin": "https://evil.example.com"}, 403),
        ({"X-Chatloom": "1", "Origin": "null"}, 403),
        ({"X-Chatloom": "1", "Sec-Fetch-Site": "cross-site"}, 403),
        ({"X-Chatloom": "1", "Sec-Fetch-Site": "same-site"}, 403),
        ({"X-Chatloom": "1", "Sec-Fetch-Site": "same-origin", "Origin": "SELF"}, 200),
    ],
)
def test_other_sites_cannot_use_the_cookie(
    server: Live, ana: Person, headers: dict[str, str], status: int
) -> None:
    sent = {name: server.url if value == "SELF" else value for name, value in headers.items()}
    assert ana.client.post(f"{SIGN_IN}/refresh", headers=sent).status_code == status
    if status == 403:
        assert ana.client.delete(SIGN_IN, headers=sent).status_code == 403
        assert ana.refresh().status_code == 200  # nothing was turned or ended


def test_other_sites_cannot_sign_one_in(server: Live, ana: Person) -> None:
    with server.client(None) as page:
        page.headers["Origin"] = "https://evil.example.com"
        answer = page.post(SIGN_IN, json={"email": ana.email, "password": PASSWORD})
        assert (answer.status_code, code(answer)) == (403, "caller.cross_site")


def test_signing_out_ends_both_tokens(ana: Person) -> None:
    cookie = ana.client.cookies[COOKIE]
    assert ana.client.delete(SIGN_IN, headers={"X-Chatloom": "1"}).status_code == 204
    assert COOKIE not in ana.client.cookies
    assert ana.client.get("/api/v1/me").status_code == 401
    ana.client.cookies.set(COOKIE, cookie)
    assert ana.refresh().status_code == 401


def test_sign_ins_are_listed_and_ended(server: Live, ana: Person, enter: Enter) -> None:
    phone, laptop = enter(ana.email), enter(ana.email)
    listed = ana.client.get("/api/v1/sign-ins").json()["items"]
    assert [row["current"] for row in listed] == [False, False, True]
    assert listed[0]["address"] == "127.0.0.1"
    assert "python-httpx" in listed[0]["agent"]
    assert ana.client.delete(f"/api/v1/sign-ins/{listed[0]['id']}").status_code == 204
    assert laptop.client.get("/api/v1/me").status_code == 401
    assert laptop.refresh().status_code == 401
    assert phone.client.post("/api/v1/sign-ins/end-others").status_code == 204
    assert ana.client.get("/api/v1/me").status_code == 401
    assert phone.client.get("/api/v1/me").status_code == 200


def test_a_new_password_ends_the_other_sign_ins(server: Live, ana: Person, enter: Enter) -> None:
    other = enter(ana.email)
    path, new = "/api/v1/me/password", "something else entirely"
    wrong = ana.client.post(path, json={"current": "not it at all", "new": new})
    assert (wrong.status_code, code(wrong)) == (403, "passwords.refused")
    for weak in ("short", "aaaaaaaaaaaaaaaa", ana.email):
        assert code(ana.client.post(path, json={"current": PASSWORD, "new": weak})) == "passwords.weak"
    assert other.client.get("/api/v1/me").status_code == 200
    assert ana.client.post(path, json={"current": PASSWORD, "new": new}).status_code == 204
    assert ana.client.get("/api/v1/me").status_code == 200
    assert other.client.get("/api/v1/me").status_code == 401
    assert other.refresh().status_code == 401
    assert sign_in(server, ana.email).status_code == 401
    assert sign_in(server, ana.email, new).status_code == 200


def test_passwords_are_dear_to_guess_unless_told(migrated_url: str) -> None:
    with live(migrated_url, password_cost=Config.password_cost) as running, running.client() as operator:
        assert "$argon2id$v=19$m=65536,t=3,p=4$" in password_of(migrated_url, add(operator, "viewer"))


def test_a_password_kept_at_another_cost_is_hashed_anew(server: Live, migrated_url: str, ana: Person) -> None:
    cost = type(CHEAP)(memory_kib=64, passes=2, lanes=1)
    with live(migrated_url, password_cost=cost) as running:
        assert sign_in(running, ana.email).status_code == 200
    assert "$argon2id$v=19$m=64,t=2,p=1$" in password_of(migrated_url, ana.email)
    assert sign_in(server, ana.email).status_code == 200


@pytest.fixture
def guarded(ana: Person) -> tuple[Person, pyotp.TOTP, list[str]]:
    """Ana with a second factor, and her recovery codes."""
    path = "/api/v1/me/second-factor"
    assert code(ana.client.post(path, json={"password": "not it at all"})) == "passwords.refused"
    enrolled = ana.client.post(path, json={"password": PASSWORD}).json()
    totp = pyotp.parse_uri(enrolled["uri"])
    assert isinstance(totp, pyotp.TOTP)
    assert (totp.secret, totp.issuer, totp.name) == (enrolled["secret"], "Chatloom", ana.email)
    for wrong in ("abcdef", "é", "١٢٣٤٥٦", "12345", " "):
        refused = ana.client.post(f"{path}/confirm", json={"code": wrong})
        assert code(refused) == "second_factor.code_refused", wrong
    now = totp.now()
    confirmed = ana.client.post(f"{path}/confirm", json={"code": f"{now[:3]} {now[3:]}"})
    assert confirmed.status_code == 200, confirmed.text
    assert code(ana.client.post(path, json={"password": PASSWORD})) == "second_factor.on"
    return ana, totp, confirmed.json()["recovery_codes"]


def test_a_second_factor_is_asked_for(server: Live, guarded: tuple[Person, pyotp.TOTP, list[str]]) -> None:
    ana, totp, _ = guarded
    assert code(sign_in(server, ana.email)) == "sign_in.code_needed"
    assert code(sign_in(server, ana.email, "another password")) == "sign_in.refused"
    assert code(sign_in(server, ana.email, code="000000")) == "second_factor.code_refused"
    later = totp.at(int(time.time()) + 30)
    assert sign_in(server, ana.email, code=later).status_code == 200
    assert code(sign_in(server, ana.email, code=later)) == "second_factor.code_refused"  # once only
    assert ana.client.get("/api/v1/me").json()["user"]["second_factor"] is True


def test_a_second_factor_does_not_count_before_it_is_confirmed(server: Live, ana: Person) -> None:
    assert ana.client.post("/api/v1/me/second-factor", json={"password": PASSWORD}).status_code == 200
    assert sign_in(server, ana.email).status_code == 200


def test_recovery_codes_count_once_each(server: Live, guarded: tuple[Person, pyotp.TOTP, list[str]]) -> None:
    ana, _, codes = guarded
    assert len(set(codes)) == 10
    assert sign_in(server, ana.email, code=codes[0].upper().replace("-", " ")).status_code == 200
    assert code(sign_in(server, ana.email, code=codes[0])) == "second_factor.code_refused"
    assert ana.client.get("/api/v1/me").json()["recovery_codes_left"] == 9
    renewed = ana.client.post("/api/v1/me/recovery-codes", json={"password": PASSWORD})
    assert code(sign_in(server, ana.email, code=codes[1])) == "second_factor.code_refused"
    assert sign_in(server, ana.email, code=renewed.json()["recovery_codes"][0]).status_code == 200


def test_two_who_use_one_recovery_code_at_once(
    server: Live, guarded: tuple[Person, pyotp.TOTP, list[str]]
) -> None:
    ana, _, codes = guarded
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: sign_in(server, ana.email, code=codes[0]).status_code, range(4)))
    assert sorted(answers) == [200, 401, 401, 401]


def test_a_second_factor_is_removed(
    server: Live, api: httpx.Client, guarded: tuple[Person, pyotp.TOTP, list[str]]
) -> None:
    ana, _, codes = guarded
    path = "/api/v1/me/second-factor/remove"
    wrong = ana.client.post(path, json={"password": PASSWORD, "code": "000000"})
    assert code(wrong) == "second_factor.code_refused"
    assert ana.client.post(path, json={"password": PASSWORD, "code": codes[3]}).status_code == 204
    assert sign_in(server, ana.email).status_code == 200
    assert code(ana.client.post(path, json={"password": PASSWORD, "code": codes[4]})) == "second_factor.off"


def test_an_admin_removes_a_lost_second_factor(
    server: Live, api: httpx.Client, guarded: tuple[Person, pyotp.TOTP, list[str]]
) -> None:
    ana, _, _ = guarded
    assert api.delete(f"/api/v1/users/{ana.email}/second-factor").status_code == 204
    assert sign_in(server, ana.email).status_code == 200


def test_an_invited_person_chooses_a_password_and_signs_in(server: Live, boss: Person, enter: Enter) -> None:
    email = fresh_email("new")
    made = boss.client.post("/api/v1/invitations", json={"email": email.upper(), "role": "agent"})
    assert made.status_code == 201, made.text
    token = made.json()["token"]
    assert token not in boss.client.get("/api/v1/invitations").text
    with server.client(None) as invited:
        seen = invited.post("/api/v1/invitations/look", json={"token": token}).json()
        assert (seen["email"], seen["role"], seen["invited_by"]) == (email, "agent", boss.email)
        body = {"token": token, "name": "Nino", "password": "x"}
        assert code(invited.post("/api/v1/invitations/accept", json=body)) == "passwords.weak"
        body["password"] = PASSWORD
        accepted = invited.post("/api/v1/invitations/accept", json=body)
        assert accepted.status_code == 201, accepted.text
        again = invited.post("/api/v1/invitations/accept", json=body)
        assert (again.status_code, code(again)) == (404, "invitations.spent")
    nino = enter(email)
    assert nino.client.get("/api/v1/me").json()["role"] == "agent"
    taken = boss.client.post("/api/v1/invitations", json={"email": email, "role": "agent"})
    assert (taken.status_code, code(taken)) == (409, "taken")


def test_two_who_accept_one_invitation_at_once(server: Live, boss: Person) -> None:
    made = boss.client.post("/api/v1/invitations", json={"email": fresh_email("new"), "role": "viewer"})

    def accept(_: int) -> int:
        with server.client(None) as invited:
            body = {"token": made.json()["token"], "password": PASSWORD}
            return invited.post("/api/v1/invitations/accept", json=body).status_code

    with ThreadPoolExecutor(3) as pool:
        assert sorted(pool.map(accept, range(3))) == [201, 404, 404]


@pytest.mark.parametrize("end", ["expired", "taken back", "invented"])
def test_an_invitation_that_does_not_open(server: Live, boss: Person, end: str) -> None:
    body = {"email": fresh_email("new"), "role": "viewer"}
    made = boss.client.post("/api/v1/invitations", json=body).json()
    match end:
        case "expired":
            sql(server, "UPDATE invitations SET expires_at = now() WHERE id = %s", made["id"])
        case "taken back":
            assert boss.client.delete(f"/api/v1/invitations/{made['id']}").status_code == 204
        case _:
            made["token"] = made["token"][:-2]
    with server.client(None) as invited:
        token = {"token": made["token"]}
        assert code(invited.post("/api/v1/invitations/look", json=token)) == "invitations.spent"
        accept = invited.post("/api/v1/invitations/accept", json={**token, "password": PASSWORD})
        assert code(accept) == "invitations.spent"


def test_a_forgotten_password_is_chosen_anew(server: Live, boss: Person, ana: Person) -> None:
    token = boss.client.post(f"/api/v1/users/{ana.id}/reset").json()["token"]
    with server.client(None) as forgetful:
        body = {"token": token, "password": "a new one altogether"}
        assert forgetful.post("/api/v1/invitations/accept", json=body).status_code == 201
    assert ana.client.get("/api/v1/me").status_code == 401
    assert sign_in(server, ana.email, "a new one altogether").status_code == 200


def test_an_address_is_one_persons_in_all_workspaces(server: Live, boss: Person, api: httpx.Client) -> None:
    email = elsewhere(server)
    made = boss.client.post("/api/v1/invitations", json={"email": email, "role": "viewer"})
    assert made.status_code == 201  # an admin does not learn who is in another workspace
    with server.client(None) as invited:
        body = {"token": made.json()["token"], "password": PASSWORD}
        assert code(invited.post("/api/v1/invitations/accept", json=body)) == "taken"


def test_a_role_counts_from_the_next_request(boss: Person, ana: Person) -> None:
    assert ana.client.get("/api/v1/users").status_code == 403
    changed = boss.client.patch(f"/api/v1/users/{ana.email}", json={"role": "admin", "name": "Ana"})
    assert (changed.json()["role"], changed.json()["name"]) == ("admin", "Ana")
    assert ana.client.get("/api/v1/users").status_code == 200
    boss.client.patch(f"/api/v1/users/{ana.email}", json={"role": "viewer"})
    assert ana.client.get("/api/v1/users").status_code == 403


def test_a_removed_person_is_out_at_once(boss: Person, ana: Person) -> None:
    assert boss.client.delete(f"/api/v1/users/{ana.id}").status_code == 204
    assert ana.client.get("/api/v1/me").status_code == 401
    assert ana.refresh().status_code == 401
    assert boss.client.get(f"/api/v1/users/{ana.id}").status_code == 404


def test_an_admin_signs_somebody_out(boss: Person, ana: Person) -> None:
    listed = boss.client.get(f"/api/v1/users/{ana.email}/sign-ins").json()["items"]
    assert [row["current"] for row in listed] == [False]
    assert boss.client.delete(f"/api/v1/users/{ana.email}/sign-ins").status_code == 204
    assert ana.client.get("/api/v1/me").status_code == 401


def test_the_last_admin_stays(server: Live, enter: Enter) -> None:
    last = enter(elsewhere(server))
    path = f"/api/v1/users/{last.id}"
    for answer in (last.client.patch(path, json={"role": "editor"}), last.client.delete(path)):
        assert (answer.status_code, code(answer)) == (409, "users.last_admin")
    second = add(last.client, "admin")
    assert last.client.patch(path, json={"role": "editor"}).status_code == 200
    assert enter(second).client.get("/api/v1/users").status_code == 200


def test_two_admins_who_demote_each_other_at_once(server: Live, enter: Enter) -> None:
    first = enter(elsewhere(server))
    second = enter(add(first.client, "admin"))

    def demote(pair: tuple[Person, Person]) -> int:
        by, whom = pair
        return by.client.patch(f"/api/v1/users/{whom.id}", json={"role": "viewer"}).status_code

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(demote, [(first, second), (second, first)]))
    assert answers.count(200) == 1
    roles = [each.client.get("/api/v1/me").json()["role"] for each in (first, second)]
    assert sorted(roles) == ["admin", "viewer"]


def test_an_api_key_is_shown_once_and_says_when_it_was_used(server: Live, api: httpx.Client) -> None:
    made = api.post("/api/v1/api-keys", json={"name": "crm", "role": "editor"}).json()
    assert made["key"].startswith("clk_")
    assert made["key"].startswith(made["hint"])
    path = f"/api/v1/api-keys/{made['id']}"
    shown = api.get(path)
    assert made["key"] not in shown.text + api.get("/api/v1/api-keys").text
    assert (shown.json()["used_at"], shown.json()["made_by"]) == (None, "operator")
    with server.client(made["key"]) as program:
        assert program.get("/api/v1/bots").status_code == 200
        assert api.get(path).json()["used_at"] is not None
        assert api.delete(path).status_code == 204
        assert program.get("/api/v1/bots").status_code == 401
    assert api.get(path).status_code == 404


def test_an_api_key_expires(server: Live, api: httpx.Client) -> None:
    body = {"name": "crm", "role": "viewer", "expires_at": "2000-01-01T00:00:00Z"}
    assert code(api.post("/api/v1/api-keys", json=body)) == "api_keys.expiry_past"
    made = api.post("/api/v1/api-keys", json={**body, "expires_at": "2100-01-01T02:00:00+02:00"}).json()
    assert made["expires_at"] == "2100-01-01T00:00:00Z"
    with server.client(made["key"]) as program:
        assert program.get("/api/v1/bots").status_code == 200
        sql(server, "UPDATE api_keys SET expires_at = now() WHERE id = %s", made["id"])
        assert program.get("/api/v1/bots").status_code == 401


def test_an_api_key_reaches_only_its_scopes(server: Live, api: httpx.Client) -> None:
    body = {"name": "crm", "role": "admin", "scopes": ["numbers:read", "secrets", "dead-letters"]}
    with server.client(api.post("/api/v1/api-keys", json=body).json()["key"]) as program:
        assert program.get("/api/v1/numbers").status_code == 200
        assert program.get("/api/v1/dead-letters").status_code == 200
        assert program.put("/api/v1/secrets/from_a_key", json={"value": "x"}).status_code == 200
        assert program.delete("/api/v1/secrets/from_a_key").status_code == 204
        assert program.get("/api/v1/me").json()["scopes"] == body["scopes"]
        for method, path in (("GET", "bots"), ("POST", "numbers"), ("GET", "users")):
            answer = program.request(method, f"/api/v1/{path}", json={})
            assert (answer.status_code, code(answer)) == (403, "caller.scope_missing"), path
    unknown = api.post("/api/v1/api-keys", json={**body, "scopes": ["nothing"]})
    assert (unknown.status_code, code(unknown)) == (422, "api_keys.scope_unknown")


def test_an_api_key_lets_nobody_in(server: Live, api: httpx.Client) -> None:
    made = api.post("/api/v1/api-keys", json={"name": "root", "role": "admin"}).json()
    with server.client(made["key"]) as program:
        assert program.get("/api/v1/users").status_code == 200
        bodies = {
            "users": {"email": fresh_email(), "name": "A", "role": "admin", "password": PASSWORD},
            "invitations": {"email": fresh_email(), "role": "admin"},
            "api-keys": {"name": "child", "role": "admin"},
        }
        for path, body in bodies.items():
            answer = program.post(f"/api/v1/{path}", json=body)
            assert (answer.status_code, code(answer)) == (403, "caller.person_needed"), path
        assert program.get("/api/v1/sign-ins").status_code == 403


def test_pages_follow_one_another(server: Live, enter: Enter) -> None:
    boss = enter(elsewhere(server))
    emails = [boss.email, *(add(boss.client, "viewer") for _ in range(4))]
    found: list[str] = []
    after: dict[str, str] = {}
    sizes: list[int] = []
    while True:
        page = boss.client.get("/api/v1/users", params={"limit": 2, **after}).json()
        sizes.append(len(page["items"]))
        found += [row["email"] for row in page["items"]]
        if page["next"] is None:
            break
        after = {"after": page["next"]}
    assert (found, sizes) == (emails, [2, 2, 1])
    latest = [
        boss.client.post("/api/v1/api-keys", json={"name": str(n), "role": "viewer"}).json() for n in range(3)
    ]
    first = boss.client.get("/api/v1/api-keys", params={"limit": 2}).json()
    rest = boss.client.get("/api/v1/api-keys", params={"limit": 2, "after": first["next"]}).json()
    assert [row["id"] for row in first["items"] + rest["items"]] == [row["id"] for row in reversed(latest)]


@pytest.mark.parametrize("after", ["x", "é", "W10", "WzFd", "WyJ4Il0", "WyJhIiwiYiJd"])
def test_a_cursor_that_no_page_gave_is_refused(api: httpx.Client, after: str) -> None:
    answer = api.get("/api/v1/users", params={"after": after})
    assert (answer.status_code, code(answer)) == (422, "page.cursor_unfit")


def test_known_callers_are_not_limited(
    migrated_url: str, server: Live, ana: Person, api: httpx.Client
) -> None:
    key = api.post("/api/v1/api-keys", json={"name": "busy", "role": "viewer"}).json()["key"]
    token = ana.client.headers["Authorization"].removeprefix("Bearer ")
    with live(migrated_url, rate_limit=1, rate_window_s=60) as running:
        with running.client(None) as stranger:
            assert [stranger.get("/api/v1/bots").status_code for _ in range(2)] == [401, 429]
        for known in (key, token):
            with running.client(known) as client:
                assert client.get("/api/v1/bots").status_code == 200
        with running.client(None, cookies={COOKIE: ana.client.cookies[COOKIE]}) as tab:
            assert tab.post(f"{SIGN_IN}/refresh", headers={"X-Chatloom": "1"}).status_code == 200


def test_nothing_that_opens_is_kept_in_clear(
    server: Live, api: httpx.Client, guarded: tuple[Person, pyotp.TOTP, list[str]], migrated_url: str
) -> None:
    ana, totp, codes = guarded
    key = api.post("/api/v1/api-keys", json={"name": "k", "role": "viewer"}).json()["key"]
    invitation = api.post(f"/api/v1/users/{ana.id}/reset").json()["token"]
    with psycopg.connect(migrated_url) as db:
        kept = "".join(
            str(db.execute(f"SELECT string_agg(t::text, '') FROM {table} t").fetchone())  # type: ignore[arg-type]
            for table in ("users", "recovery_codes", "sign_ins", "invitations", "api_keys")
        )
    for secret in (PASSWORD, totp.secret, codes[0], codes[0].replace("-", ""), key[8:], invitation[4:]):
        assert secret not in kept
        assert secret.encode().hex() not in kept
