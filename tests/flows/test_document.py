"""Documents: scalars, places, limits, and that no bytes at all make the reader fail."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.diagnostic import Diagnostic, did_you_mean, error, warning
from flows.document import Source, parse
from flows.place import Place, dotted

SCALARS = [
    ("", None), ("~", None), ("null", None), ("Null", "Null"), ("NULL", "NULL"),
    ("true", True), ("false", False), ("True", "True"), ("FALSE", "FALSE"),
    ("yes", "yes"), ("no", "no"), ("on", "on"), ("off", "off"), ("y", "y"), ("n", "n"),
    ("0", 0), ("-0", 0), ("7", 7), ("-12", -12), ("9223372036854775807", 2**63 - 1), ("-9223372036854775808", -(2**63)),
    ("012", "012"), ("+39123", "+39123"), ("1_000", "1_000"), ("0x1F", 31), ("0o17", 15), ("0b1", "0b1"), ("0xg", "0xg"),
    ("1.5", 1.5), ("-.5", -0.5), ("1.", 1.0), ("1e3", 1000.0), ("1E-2", 0.01), ("01.5", "01.5"), ("1.2.3", "1.2.3"),
    (".inf", ".inf"), (".nan", ".nan"), (".", "."), ("-.", "-."), ("9:00", "9:00"), ("1:30:00", "1:30:00"),
    ("2026-01-02", "2026-01-02"), ("2026-01-02T03:04:05Z", "2026-01-02T03:04:05Z"), ("=", "="), ("1e", "1e"),
    ("'true'", "true"), ('"7"', "7"), ("''", ""), ("Still there?", "Still there?"), ("Hi {{ x }}!", "Hi {{ x }}!"),
]  # fmt: skip


def read(text: str | bytes, path: str = "a.yaml", **limits: int) -> Source:
    source = parse(path, text, **limits)
    assert isinstance(source, Source), [str(one) for one in source]
    return source


def faults(text: str | bytes, path: str = "a.yaml", **limits: int) -> list[Diagnostic]:
    found = parse(path, text, **limits)
    assert isinstance(found, list)
    return found


@pytest.mark.parametrize(("text", "value"), SCALARS)
def test_scalars(text: str, value: object) -> None:
    got = read(f"a: {text}\n").value["a"]
    assert (got, type(got)) == (value, type(value))


def test_keys_are_text_as_written() -> None:
    assert read("on: 1\n1: 2\ntrue: 3\n~: 4\n'<<': 5").value == {"on": 1, "1": 2, "true": 3, "~": 4, "<<": 5}


def test_empty_files_are_null() -> None:
    assert read("").value is None
    assert read(b"\xef\xbb\xbfa: 1").value == {"a": 1}


def test_places() -> None:
    source = read(
        "a:\n  - b: 1\n    'c/d': \"x\"\n  - |\n    one\n    two\n  - 'q'\n  - >\n\ne: {f: [1, 2]}\n"
    )
    at, key_at = source.places.at, source.places.key_at
    assert at("") == (1, 1)
    assert at("/a/0/b") == (2, 8)
    assert key_at("/a/0/b") == (2, 5)
    assert at("/a/0/c~1d") == (3, 12)
    assert key_at("/a/1") == (4, 5)
    assert key_at("") == (1, 1)
    assert at("/e/f/1") == (10, 12)
    assert at("/e/f/9") == at("/e/f/x") == at("/e/f") == (10, 8)
    assert at("/a/0/b/zz") == (2, 8)
    assert at("/nowhere") == (1, 1)
    assert source.place("/a/0/c~1d") == Place("a.yaml", 3, 13, "/a/0/c~1d")
    assert source.place("/a/1") == Place("a.yaml", 5, 5, "/a/1")
    assert source.place("/a/2").column == 6
    assert source.place("/a/3").line == 9
    assert source.place("/a/0/b").column == 8
    assert source.key_place("/e/f") == Place("a.yaml", 10, 5, "/e/f")


def test_json_goes_the_same_way() -> None:
    text = '{"a": "\\ud83d\\ude00 \\\\ud83d\\\\ude00 \\u00e9",\n\t"b\\/c":[1,-2.5e3,null,true],"d":{}}'
    source = read(text, "a.json")
    assert source.value == json.loads(text)
    assert source.places.at("/b~1c/0") == (2, 10)


def test_aliases_are_shared_and_counted() -> None:
    source = read("a: &x {b: [1, 2]}\nc: *x\nd: &s text\ne: [*s, *s]")
    assert source.value == {"a": {"b": [1, 2]}, "c": {"b": [1, 2]}, "d": "text", "e": ["text", "text"]}
    assert source.places.at("/c/b/1") == (1, 15)


BOMB = "z: &z [1,1,1,1,1,1,1,1,1]\n" + "".join(
    f"k{i}: &k{i} [{','.join(['*' + (f'k{i - 1}' if i else 'z')] * 9)}]\n" for i in range(9)
)

FAULTS = [
    ("a: {{ x }}", "D003", 1, "quote it"), ("b:\n  - a: {{ x }} there", "D003", 2, "quote it"),
    ("a: Hi {{ x ? 'y': z }}", "D003", 1, "quote it"), ("a: {b: Hi {{ x }}}", "D003", 1, "quote it"),
    ("a: 1\nb: 2\na: 3", "D002", 3, "line 1"), ("[a]: 1", "D001", 1, "plain word"), ("{a: 1}: 1", "D001", 1, "plain word"),
    ("a: &x 1\n*x : 2", "D001", 2, "plain word"), ("a: !!str 1", "D001", 1, "leave it out"),
    ("a: !x [1]", "D001", 1, "leave it out"), ("a: &x {b: 1}\nc: {<<: *x}", "D005", 2, "write the keys"),
    ("&a [*a]", "D001", 1, ""), ("a: *b", "D001", 1, ""), ("a\n---\nb", "D001", 2, "one document"),
    ("a: 99999999999999999999", "D001", 1, "quote"), ("a: " + "9" * 5000, "D001", 1, "quote"),
    ("a: 1e999", "D001", 1, "quote"), ("a: 'x", "D001", 1, ""), ("a: 1\n b: 2", "D001", 2, ""),
    (b"a: 1\nb: \xe9", "D001", 2, "UTF-8"), (b"a: \xc3\xa9\xff", "D001", 1, "UTF-8"), (b"\xff\xfea", "D001", 1, "UTF-8"),
    ("x: 1\na: \0b", "D001", 2, "control"), ("a\ud800", "D001", 1, ""), ("[" * 100_000, "D004", 1, ""),
    ("[\n" * 100_000, "D004", 65, ""), ("- " * 100_000, "D004", 1, ""), (BOMB, "D004", 6, ""),
    ("x" * (1 << 20) + "y", "D004", 1, ""),
]  # fmt: skip


@pytest.mark.parametrize(("text", "code", "line", "hint"), FAULTS, ids=range(len(FAULTS)))
def test_faults(text: str | bytes, code: str, line: int, hint: str) -> None:
    found = faults(text)[0]
    assert (found.code, found.line, found.severity, found.file) == (code, line, "error", "a.yaml")
    assert hint in found.hint


def test_faults_name_their_pointer() -> None:
    assert faults("a:\n  - b: {{ x }}")[0].pointer == "/a/0/b"
    assert [one.line for one in faults("a: 1\na: 2\na: 3")] == [2, 3]
    assert faults(b"\xc3\xa9 \xff")[0].column == 3


def test_limits_are_arguments() -> None:
    assert faults("[1, 2, 3]", max_nodes=3)[0].code == "D004"
    assert faults("a: &x [1, 2]\nb: [*x, *x]", max_nodes=8)[0].code == "D004"
    assert faults("a: &x [[1]]\nb: [*x]", max_depth=3)[0].code == "D004"
    assert faults("abc", max_bytes=2)[0].code == "D004"
    assert read("[[1]]", max_depth=2).value == [[1]]


@settings(max_examples=400, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=200), st.text(alphabet="abx{}[]:,-&*!|>'\"%@#? \n\t0.\\<~\u2028é", max_size=80)
    )
)
def test_any_bytes_give_a_value_or_diagnostics(data: bytes | str) -> None:
    for path in ("a.yaml", "a.json"):
        found = parse(path, data)
        if isinstance(found, Source):
            json.dumps(found.value)
        else:
            assert found
            assert all(one.line >= 1 and one.column >= 1 for one in found)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff\u2028\u2029\ufeff"), max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abc <", max_size=5), inner, max_size=4),
)  # fmt: skip


@settings(deadline=None)
@given(JSON)
def test_json_is_read_as_json(value: object) -> None:
    assert read(json.dumps(value), "a.json").value == value


def test_diagnostics_speak() -> None:
    place = Place("flows/intake.yaml", 14, 3).down("steps", 2, "then", "timeout")
    said = error("F001", "no step 'nugde'", place, did_you_mean("nugde", ["nudge", "bye"]))
    assert str(said) == "flows/intake.yaml:14 steps[2].then.timeout: no step 'nugde'; did you mean 'nudge'?"
    assert str(warning("F002", "odd", Place("a", 2))) == "a:2: odd"
    assert did_you_mean("zzzz", ["nudge"]) == ""
    assert dotted("/headers/X-Y/a~1b") == "headers.X-Y['a/b']"


def test_a_character_written_as_a_pair_of_escapes_is_read_in_yaml_too() -> None:
    for path in ("a.json", "a.yaml"):
        source = parse(path, '{"text": "\\ud83d\\ude00 \\\\ud83d\\\\ude00"}')
        assert isinstance(source, Source), source
        assert source.value == {"text": "😀 \\ud83d\\ude00"}
    plain = parse("a.yaml", "text: \\ud83d\\ude00")
    assert isinstance(plain, Source)
    assert plain.value == {"text": "\\ud83d\\ude00"}
    half = parse("a.yaml", '{"text": "\\ud83d"}')
    assert isinstance(half, list)
