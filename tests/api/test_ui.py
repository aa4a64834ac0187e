"""How the web UI's files are served; the pages themselves are tests/ui's."""

import asyncio
import json
import re
from pathlib import Path

import httpx
import pytest

from admin_api.app import NO_PAGES
from admin_api.ui import NONCE, Ui

PAGE = f'<meta property="csp-nonce" nonce="{NONCE}"><script type="module" src="/assets/a-1234.js"></script>'


@pytest.fixture
def built(tmp_path: Path) -> Path:
    (tmp_path / "dist" / "assets").mkdir(parents=True)
    (tmp_path / "dist" / "index.html").write_text(PAGE)
    (tmp_path / "dist" / "assets" / "a-1234.js").write_text("let plain")
    (tmp_path / "dist" / "assets" / "a-1234.js.gz").write_bytes(b"squeezed")
    (tmp_path / "dist" / "icon.svg").write_text("<svg/>")
    (tmp_path / "secret.txt").write_text("secret")
    return tmp_path / "dist"


def get(built: Path, path: str, encodings: str = "br") -> tuple[httpx.Response, bytes]:
    """The answer, and its bytes as they came."""

    async def ask() -> tuple[httpx.Response, bytes]:
        transport = httpx.ASGITransport(Ui(built))
        async with (
            httpx.AsyncClient(transport=transport, base_url="http://ui") as client,
            client.stream("GET", path, headers={"Accept-Encoding": encodings}) as answer,
        ):
            return answer, b"".join([part async for part in answer.aiter_raw()])

    return asyncio.run(ask())


def test_a_page_allows_what_is_ours_and_styles_by_a_nonce_of_its_own(built: Path) -> None:
    seen: set[str] = set()
    for path in ("/", "/numbers/shop?tab=health", "/bots/a.b"):
        answer, page = get(built, path)
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "no-cache"
        policy = answer.headers["content-security-policy"]
        found = re.search(r"style-src 'self' 'nonce-([\w-]+)'", policy)
        assert found
        assert f'nonce="{found[1]}"' in page.decode()
        assert NONCE not in page.decode()
        assert "default-src 'none'" in policy
        assert "script-src 'self';" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        seen.add(found[1])
    assert len(seen) == 3


def test_files_are_kept_for_good_and_squeezed_where_that_is_understood(built: Path) -> None:
    plain, text = get(built, "/assets/a-1234.js")
    assert text == b"let plain"
    assert "immutable" in plain.headers["cache-control"]
    squeezed, text = get(built, "/assets/a-1234.js", "br, gzip")
    assert text == b"squeezed"
    assert squeezed.headers["content-encoding"] == "gzip"
    assert squeezed.headers["vary"] == "Accept-Encoding"
    assert squeezed.headers["content-type"] == plain.headers["content-type"]
    assert "immutable" not in get(built, "/icon.svg")[0].headers["cache-control"]


@pytest.mark.parametrize("path", ["/assets/b-1.js", "/assets/%00", "/assets/%2e%2e", "/no.png"])
def test_what_is_not_there_is_a_problem(built: Path, path: str) -> None:
    answer, document = get(built, path)
    assert answer.status_code == 404
    assert json.loads(document)["code"] == "route.none"
    assert "cache-control" not in answer.headers  # the border says no-store


def test_no_path_leads_out_of_the_folder(built: Path) -> None:
    for path in ("/assets/..%2F..%2Fsecret.txt", "/..%2Fsecret.txt", "/%2e%2e/secret.txt", "//secret.txt"):
        assert b"secret" not in get(built, path)[1]


def test_a_page_that_is_not_built_says_what_to_run(tmp_path: Path) -> None:
    answer, page = get(tmp_path / "nowhere", "/numbers")
    assert answer.status_code == 503
    assert b"make ui" in page


def test_what_is_no_page_stays_the_apis(api: httpx.Client) -> None:
    for path in ("/api/v1/nothing", "/hooks/none", "/health/nothing", "/static/nothing.css", "/simulator"):
        answer = api.get(path)
        assert answer.status_code == 404, path
        assert answer.headers["content-type"] == "application/problem+json", path
        assert path.split("/")[1] in NO_PAGES
    assert api.post("/numbers").status_code == 404
