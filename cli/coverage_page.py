"""Coverage as one page of HTML, which needs nothing else: flows, their steps, and what no test reached."""

from html import escape

from flows.coverage import KINDS, Coverage, Kind, StepReached

_STYLE = """
:root { color-scheme: light dark; --no: #b42318; --yes: #067647; --line: #8884; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; margin: .5rem 0 2rem; }
th, td { text-align: left; padding: .35rem .6rem; border-bottom: 1px solid var(--line); vertical-align: top; }
.no { color: var(--no); font-weight: 600; } .yes { color: var(--yes); }
meter { width: 12rem; }
"""


def page(found: Coverage, title: str) -> str:
    """The page."""
    flows = dict.fromkeys(line.flow for line in found.lines)
    parts = [_table(found, flow) for flow in flows]
    rows = "".join(_summary(found, kind) for kind in KINDS)
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}: coverage</title><style>{_STYLE}</style></head><body>\n"
        f"<h1>{escape(title)}</h1>\n<table><tbody>{rows}</tbody></table>\n{''.join(parts)}</body></html>\n"
    )


def _summary(found: Coverage, kind: Kind) -> str:
    percent = found.percent(kind)
    missed = ", ".join(found.missed(kind)) if kind == "languages" else str(len(found.missed(kind)))
    said = f'<span class="no">not reached: {escape(missed)}</span>' if found.missed(kind) else "all reached"
    return (
        f'<tr><th scope="row">{kind}</th><td><meter min="0" max="100" value="{percent:g}">{percent:g} %</meter>'
        f" {percent:g} %</td><td>{said}</td></tr>\n"
    )


def _table(found: Coverage, flow: str) -> str:
    rows = "".join(_row(line, found.languages) for line in found.lines if line.flow == flow)
    heads = "".join(f'<th scope="col">{head}</th>' for head in ("step", "outcomes", "languages"))
    return f"<h2>{escape(flow)}</h2>\n<table><thead><tr>{heads}</tr></thead><tbody>\n{rows}</tbody></table>\n"


def _row(line: StepReached, languages: tuple[str, ...]) -> str:
    step = _mark(line.step, bool(line.languages))
    outcomes = [_mark(one, True) for one in line.reached] + [_mark(one, False) for one in line.missed]
    spoken = [_mark(one, one in line.languages) for one in languages]
    return f"<tr><td>{step}</td><td>{', '.join(outcomes)}</td><td>{', '.join(spoken)}</td></tr>\n"


def _mark(text: str, reached: bool) -> str:
    if reached:
        return f'<span class="yes">{escape(text)}</span>'
    return f'<span class="no" title="not reached">✗ {escape(text)}</span>'
