"""TextIt, RapidPro and goflow exports (flow spec 13 and 14): nodes with actions, routers and exits, a flow for a flow.

What a router keeps as a result is a field of the flow's data, and its category another, where somebody reads it.
Groups are tags. Translations become texts by language. Source of the shapes: nyaruka/goflow, package flows.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, cast

from flows.pattern import is_pattern
from importers import assembly
from importers.assembly import Draft
from importers.expression import any_word, is_numeric, literal, number, numeric, quoted
from importers.imported import ExportUnfit, Imported, Names, Notes, clean, read, slug
from importers.textit_shapes import Action, Case, Export, Flow, Known, Node, Router, Wait
from importers.textit_work import TEXT, Import, Shared, template, text

VENDOR = "TextIt"
MOST_CASES = 100
LANGUAGES = {  # ISO 639-3, as flows have it, to the codes that phones have
    "eng": "en", "spa": "es", "fra": "fr", "fre": "fr", "por": "pt", "ita": "it", "deu": "de", "ger": "de",
    "ara": "ar", "swa": "sw", "hin": "hi", "rus": "ru", "nld": "nl", "tur": "tr", "ukr": "uk", "pol": "pl",
    "ind": "id", "vie": "vi", "zho": "zh", "jpn": "ja", "kor": "ko", "ben": "bn", "urd": "ur", "fas": "fa",
    "base": "en", "und": "en",
}  # fmt: skip
KINDS = ("image", "video", "audio", "document")


def imported(exported: Any, name: str) -> Imported:
    """The bot, called `name`. Raises `ExportUnfit`."""
    if isinstance(exported, dict) and "nodes" in exported:
        exported = {"flows": [exported]}
    _refuse_old(exported)
    export = read(VENDOR, Export, exported)
    notes, names = Notes(), Names()
    flows = {flow.uuid: names.of(flow.uuid, flow.name, "flow") for flow in export.flows}
    languages = list(
        dict.fromkeys(
            language_of(each) for flow in export.flows for each in (flow.language, *flow.localization)
        )
    )
    shared = Shared(export, notes, flows, languages)
    drafts = [_flow(shared, flow, "category" in str(exported)) for flow in export.flows]
    _triggers(shared, {flow.uuid: draft for flow, draft in zip(export.flows, drafts, strict=True)})
    bot = {
        "id": name,
        "title": clean(export.flows[0].name) or name,
        "languages": languages,
        "fallback": drafts[0].id,
        "team": "support",
        **({"contact": {"fields": shared.contact}} if shared.contact else {}),
    }
    return assembly.folder(bot, drafts, VENDOR, notes)


def _refuse_old(exported: Any) -> None:
    flows = cast("dict[str, Any]", exported).get("flows") if isinstance(exported, dict) else None
    for place, flow in enumerate(cast("list[Any]", flows) if isinstance(flows, list) else []):
        if isinstance(flow, dict) and "action_sets" in flow:
            raise ExportUnfit(
                vendor=VENDOR,
                at=f"flows.{place}",
                why="it is of a version before 13: export it again from TextIt",
            )


def language_of(code: str) -> str:
    """A language as phones have it."""
    folded = code.lower()
    return LANGUAGES.get(folded, folded if re.fullmatch("[a-z]{2,3}", folded) else "en")


def _triggers(shared: Shared, drafts: Mapping[str, Draft]) -> None:
    for one in shared.export.triggers:
        draft = drafts.get(one.flow.uuid) if one.flow else None
        words = [
            clean(word) for word in one.keywords or ([one.keyword] if one.keyword else []) if word.strip()
        ]
        if draft is not None and words and one.trigger_type == "K":
            draft.triggers.append({"message": {"words": words}})
        elif one.trigger_type != "C":
            shared.notes.add("triggers", f"a trigger of type {one.trigger_type or '?'} has no equivalent")


def _flow(shared: Shared, flow: Flow, reads_categories: bool) -> Draft:
    draft = Draft(shared.flows[flow.uuid], clean(flow.name), shared.notes)
    work = Import(shared, flow, draft, set())
    if reads_categories:
        used = re.findall(r"results\.(\w+)\.category", str(flow.model_dump()))
        work.categories = {slug(name)[:40] for name in used}
    if flow.type not in ("messaging", "messaging_offline", "messaging_background"):
        shared.notes.add(flow.name, f"it is a flow of type {flow.type}: only what is written is imported")
    for node in flow.nodes:
        draft.label(node.uuid)
        for action in node.actions:
            _action(work, node, action)
        if node.router is not None:
            _router(work, node, node.router)
        else:
            draft.jump(_destination(node, node.exits[0].uuid if node.exits else None))
    return draft


def _destination(node: Node, exit_uuid: str | None) -> str | None:
    return next((one.destination_uuid for one in node.exits if one.uuid == exit_uuid), None)


def _action(work: Import, node: Node, action: Action) -> None:
    translate = ACTIONS.get(action.type)
    if translate is not None:
        translate(work, node, action)
    else:
        work.draft.missing(action.type, work.place(action.type), f"there is no equivalent of “{action.type}”")


def _router(work: Import, node: Node, router: Router) -> None:
    ways = {one.uuid: (one, _destination(node, one.exit_uuid)) for one in router.categories}
    reached = {uuid: f"{node.uuid} {uuid}" for uuid in ways}
    if router.type == "random":
        count = max(1, min(len(router.categories), MOST_CASES))
        shares = {f"way_{place}": MOST_CASES // count for place in range(1, count + 1)}
        shares["way_1"] += MOST_CASES - sum(shares.values())
        then = {f"way_{place}": reached[one.uuid] for place, one in enumerate(router.categories[:count], 1)}
        if count > 1:
            work.draft.step("split", "split", {"shares": shares}, then)
        elif then:
            work.draft.jump(then["way_1"])
    else:
        _switch(work, node, router, reached)
    for uuid, (category, to) in ways.items():
        work.draft.label(reached[uuid])
        if router.result_name and slug(router.result_name)[:40] in work.categories:
            kept = work.keep(f"{slug(router.result_name)[:40]}_category")
            work.draft.step("category", "set", {"data": {kept: quoted(category.name)}})
        work.draft.jump(to)


def _switch(work: Import, node: Node, router: Router, reached: Mapping[str, str]) -> None:
    at = work.place(f"router of {router.result_name or router.operand or 'a node'}")
    otherwise = reached.get(router.default_category_uuid or "")
    value = 'message.?text.orValue("")'
    if router.wait is not None:
        _wait(work, router, reached, at)
    elif (called := work.called.get(node.uuid)) is not None:
        first = router.cases[0].category_uuid if router.cases else ""
        work.draft.jump(reached.get(first, otherwise))
        work.draft.label(called)
        work.draft.jump(otherwise)
        return
    else:
        value = text(work, router.operand, at)
    if router.result_name:
        work.draft.step("keep", "set", {"data": {work.keep(router.result_name): value}})
    cases: dict[str, str] = {}
    then: dict[str, str | None] = {}
    for place, case in enumerate(router.cases[:MOST_CASES], 1):
        cases[f"case_{place}"] = _test(work, case, f"({value}).trim()", router, at)
        then[f"case_{place}"] = reached.get(case.category_uuid)
    if cases:
        work.draft.step("which", "branch", {"cases": cases}, then)
    work.draft.jump(otherwise)


def _wait(work: Import, router: Router, reached: Mapping[str, str], at: str) -> None:
    wait = cast("Wait", router.wait)
    if wait.type != "msg":
        work.notes.add(at, f"it waits for “{wait.type}”: any message is taken")
    timeout = wait.timeout
    timed = timeout is not None and 0 < timeout.seconds < 10**8
    given = f"{timeout.seconds}s" if timed and timeout else None
    then = {"timeout": reached.get(timeout.category_uuid)} if timed and timeout else {}
    last = work.draft.entries[-1]
    if isinstance(last, assembly.Step) and last.action == "menu":
        last.timeout, last.then = given, then
        last.then["other"] = f"{last.id} answered"
        work.draft.label(f"{last.id} answered")
    else:
        work.draft.step("wait", "wait", {"message": True}, then, given)


def _test(work: Import, case: Case, value: str, router: Router, at: str) -> str:
    """A case as an expression. Words are compared whole and in any case, as there."""
    given = [clean(one) for one in case.arguments]
    first = given[0] if given else ""
    folded = f"{value}.lower()"
    words = [word for word in re.split(r"[^\w]+", first) if word]
    is_number, amount = is_numeric(value), numeric(value)
    signs = {"eq": "==", "lt": "<", "lte": "<=", "gt": ">", "gte": ">="}
    match case.type:
        case "has_any_word" if words:
            return any_word(value, words)
        case "has_all_words" if words:
            return " && ".join(any_word(value, [word]) for word in words)
        case "has_phrase" if first.strip():
            return f"{folded}.contains({quoted(first.strip().lower())})"
        case "has_only_phrase" | "has_only_text" | "has_category":
            if "@" in first:
                return f"{folded} == ({text(work, first, at)}).lower()"
            return f"{folded} == {quoted(first.strip().lower())}"
        case "has_beginning" if first.strip():
            return f"{folded}.startsWith({quoted(first.strip().lower())})"
        case "has_text" | "has_value":
            return f'{value} != ""'
        case "has_number":
            return is_number
        case "has_number_between" if len(given) > 1 and (low := number(first)) and (high := number(given[1])):
            return f"({is_number} && {amount} >= {low} && {amount} <= {high})"
        case "has_email":
            return f"{value}.matches({quoted('[^@ ]+@[^@ ]+[.][a-z]+')})"
        case "has_phone":
            return f"{value}.matches({quoted('^[+]?[0-9 ().-]{6,20}$')})"
        case "has_pattern" if first and is_pattern(first):
            return f"{value}.matches({quoted('(?i)' + first)})"
        case "has_date":
            work.notes.add(at, "a date is looked for by its digits only")
            return f"{value}.matches({quoted('[0-9]{1,4}[-./][0-9]{1,2}')})"
        case str() as kind if (
            kind.removeprefix("has_number_") in signs and (than := number(first)) is not None
        ):
            return f"({is_number} && {amount} {signs[kind.removeprefix('has_number_')]} {than})"
        case _:
            said = f"{case.type} {' '.join(given)}".strip()
            work.notes.add(at, f"the test “{said}” has no equivalent: it never holds")
            return "false"


def say(work: Import, node: Node, action: Action) -> None:
    """`send`; with quick replies before a wait, `menu`; attachments as files"""
    at = work.place("send_msg")
    text = _localized(work, action, "text", action.text, at)
    replies = [
        clean(cast("dict[str, Any]", one).get("text") or "") if isinstance(one, dict) else clean(str(one))
        for one in action.quick_replies
    ]
    replies = [one for one in dict.fromkeys(reply.strip() for reply in replies) if one]
    for attachment in action.attachments:
        kind, _, url = attachment.partition(":")
        kind, link = kind.partition("/")[0], template(work, url, at).strip()
        if kind in KINDS and link:
            work.draft.step(kind, "send", {"file": {"kind": kind, "link": link}})
        else:
            work.notes.add(at, f"an attachment of type “{kind}” is left out")
    if replies and text and action is node.actions[-1] and node.router and node.router.wait:
        keys = Names()
        choices = {
            keys.of(reply, reply, "choice"): template(work, reply, at) for reply in replies[:MOST_CASES]
        }
        work.draft.step("ask", "menu", {"text": text, "choices": choices}, {"other": node.uuid})
    elif text:
        if replies:
            work.notes.add(at, "quick replies on a message that no answer follows are left out")
        work.draft.step("say", "send", {"text": text})


def _localized(work: Import, action: Action, key: str, text: str, at: str) -> Any:
    """A text by language, or as it stands when there is one."""
    own = language_of(work.flow.language)
    told = {own: template(work, text, at).strip()}
    for language, translations in work.flow.localization.items():
        translated: Any = translations.get(action.uuid, {}).get(key)
        said = translated[0] if isinstance(translated, list) and translated else translated
        if isinstance(said, str) and said.strip():
            told.setdefault(language_of(language), template(work, said, at).strip())
    told = {language: said for language, said in told.items() if said}
    if not told.get(own):
        return ""
    return told if len(told) > 1 or len(work.shared.languages) > 1 else told[own]


def set_field(work: Import, node: Node, action: Action) -> None:
    """`set`, of a contact's field"""
    key = slug(action.field.key or action.field.name) if action.field else ""
    if not key:
        work.draft.missing("set_field", work.place("set_contact_field"), "it names no field")
        return
    work.shared.contact[key] = dict(TEXT)
    work.draft.step(
        "set_field", "set", {"contact": {key: text(work, action.value, work.place("set_contact_field"))}}
    )


def set_name(work: Import, node: Node, action: Action) -> None:
    """`set`, of the contact's name"""
    work.draft.step(
        "set_name", "set", {"contact": {"name": text(work, action.name, work.place("set_contact_name"))}}
    )


def set_language(work: Import, node: Node, action: Action) -> None:
    """`set`, of the contact's language"""
    work.draft.step("set_language", "set", {"contact": {"language": quoted(language_of(action.language))}})


def set_result(work: Import, node: Node, action: Action) -> None:
    """`set`, of a field of the flow's data"""
    value = text(work, action.value, work.place("set_run_result"))
    work.draft.step("set_result", "set", {"data": {work.keep(action.name): value}})


def tag(work: Import, node: Node, action: Action) -> None:
    """`tag`: a group is a tag of its name"""
    names = [" ".join(clean(one.name).replace(",", " ").split())[:100] for one in action.groups]
    names = [name for name in dict.fromkeys(names) if name and "@" not in name]
    if not names:
        work.draft.missing("tag", work.place(action.type), "groups that an expression names, or all groups")
        return
    key = "add" if action.type == "add_contact_groups" else "remove"
    work.draft.step("tag", "tag", {key: names})


def _results(flow: Flow) -> set[str]:
    """The fields in which the import of a flow keeps its results."""
    named = [node.router.result_name for node in flow.nodes if node.router]
    named += [one.name for node in flow.nodes for one in node.actions if one.type == "set_run_result"]
    return {slug(name)[:40] for name in named if name}


def call(work: Import, node: Node, action: Action) -> None:
    """`call`; with `terminal`, the flow ends after it"""
    child = action.flow.uuid if action.flow else ""
    flow = work.shared.flows.get(child)
    if flow is None:
        name = action.flow.name if action.flow else "?"
        work.draft.missing("call", work.place("enter_flow"), f"the flow “{name}” is not in the file")
        return
    asked = sorted(set(re.findall(r"child\.results\.(\w+)", str(work.flow.model_dump()))))
    there = _results(next(one for one in work.shared.export.flows if one.uuid == child))
    outputs = {
        work.keep(f"child_{result}"): f'string(result.?{result}.orValue(""))' if result in there else '""'
        for result in asked
    }
    work.draft.step("call", "call", {"flow": flow, **({"outputs": outputs} if outputs else {})})
    if action.terminal:
        work.draft.jump(None)


def request(work: Import, node: Node, action: Action) -> None:
    """`webhook`; the router after it becomes `done` and `failed`"""
    at = work.place("call_webhook")
    url = template(work, action.url, at).strip()
    if not url.startswith(("http://", "https://", "{{")):
        work.draft.missing("request", at, "it has no address")
        return
    if action.body.strip():
        work.notes.add(at, "its body is a template of TextIt's: write it as `json`")
    method = action.method.upper()
    failed = f"{node.uuid} failed"
    headers = {clean(key): template(work, value, at) for key, value in action.headers.items() if slug(key)}
    router = node.router
    reads_it = router is not None and router.wait is None and action is node.actions[-1]
    if reads_it:
        work.called[node.uuid] = failed
    else:
        failed = f"{action.uuid} done"
    work.draft.step(
        "request",
        "webhook",
        {
            "url": url,
            "method": method if method in ("GET", "POST", "PUT", "PATCH", "DELETE") else "GET",
            **({"headers": headers} if headers else {}),
        },
        {"failed": failed, "timeout": failed},
        "2m",
    )
    work.draft.label(f"{action.uuid} done")


def ticket(work: Import, node: Node, action: Action) -> None:
    """`handoff` to the team `support`, and on when they give it back"""
    at = work.place("open_ticket")
    work.notes.add(at, "the bot waits until people give the conversation back; name the team")
    note = template(work, action.note or action.body, at).strip()
    if isinstance(action.topic, Known) and action.topic.name:
        note = f"{literal(action.topic.name)}: {note}".strip(": ")
    work.draft.step("people", "handoff", {"team": "support", **({"note": note} if note else {})}, {}, "1d")


ACTIONS: Mapping[str, Callable[[Import, Node, Action], None]] = {
    "send_msg": say,
    "set_contact_field": set_field,
    "set_contact_name": set_name,
    "set_contact_language": set_language,
    "set_run_result": set_result,
    "add_contact_groups": tag,
    "remove_contact_groups": tag,
    "enter_flow": call,
    "call_webhook": request,
    "open_ticket": ticket,
}
