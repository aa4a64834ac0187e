// The simulator's page: reads the transcript as server-sent events, posts what the visitor writes or taps.
// What it has posted stands at once, and is replaced by the transcript's line of the same provider id.

import { language, told, translate } from "/static/simulator-words.js";

const find = (id) => document.getElementById(id);
const base = location.pathname.replace(/\/$/, "");
const talk = find("talk"), list = find("lines"), text = find("text"), send = find("send");
const TYPING_MS = 12000;
const AWAY_MS = 2500;
const keyboard = matchMedia("(hover: hover) and (pointer: fine)").matches;

translate();

let lines = [];
let pending = [];
let known = new Set();
let typingUntil = 0;
let first = true;

const icons = {
  clock: "M8.5 2.5a5 5 0 1 1 0 10 5 5 0 0 1 0-10zM8.5 5v2.700l1.7 1",
  one: "m3 7 3.5 3.500L13 3.5",
  two: "m1 7 3.5 3.500L11 3.500M8 10l.5.5L15.5 3.5",
  tap: "M9 11V5a2 2 0 0 1 4 0v6l5 1.500c1 .4 1.5 1 1.3 2L18 21h-8l-4-5.500c-.6-1 .8-2 1.6-1.300z",
  rows: "M5 7h14M5 12h14M5 17h9",
  link: "M10 6H6v12h12v-4M13 5h6v6M19 5l-9 9",
  file: "M7 3h7l4 4v14H7zM14 3v4h4",
  place: "M12 21s6-6 6-11a6 6 0 0 0-12 0c0 5 6 11 6 11zM12 8.500a1.5 1.5 0 1 1 0 3 1.5 1.5 0 0 1 0-3",
};

function make(tag, cls, ...inside) {
  const node = document.createElement(tag);
  if (cls) node.className = cls;
  node.append(...inside.filter((each) => each !== null && each !== undefined && each !== ""));
  return node;
}

function icon(name, box = "0 0 24 24") {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", box);
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(space, "path");
  path.setAttribute("d", icons[name]);
  svg.append(path);
  return svg;
}

// *bold*, _italic_, ~struck~, `code` and links, as WhatsApp shows them; built as nodes, never as HTML.
const marks = /(https?:\/\/[^\s<>"]+[^\s<>".,;:!?)])|(?<![\w*])\*(\S(?:[^*\n]*\S)?)\*(?![\w*])|(?<![\w_])_(\S(?:[^_\n]*\S)?)_(?![\w_])|(?<![\w~])~(\S(?:[^~\n]*\S)?)~(?![\w~])|`([^`\n]+)`/g;
function words(said) {
  const node = make("p", "words");
  let from = 0;
  for (const hit of said.matchAll(marks)) {
    node.append(said.slice(from, hit.index));
    from = hit.index + hit[0].length;
    const [, url, bold, italic, struck, code] = hit;
    if (url) {
      const link = make("a", "", url);
      link.href = url;
      link.target = "_blank";
      link.rel = "noopener noreferrer";
      node.append(link);
    } else if (bold) node.append(make("b", "", bold));
    else if (italic) node.append(make("i", "", italic));
    else if (struck) node.append(make("s", "", struck));
    else node.append(make("code", "", code));
  }
  node.append(said.slice(from));
  return node;
}

function piece(symbol, title, below) {
  const texts = make("div", "", make("b", "", title));
  if (below) texts.append(make("small", "foot", below));
  return make("div", "file", make("span", "", icon(symbol)), texts);
}

function content(body) {
  const parts = [];
  if (body.header) parts.push(make("p", "head", body.header));
  switch (body.kind) {
    case "choice":
      parts.push(make("p", "tap", icon("tap"), body.title || body.id));
      break;
    case "location":
      parts.push(piece("place", body.name || told("Location"), body.address || `${body.latitude}, ${body.longitude}`));
      break;
    case "contacts":
      for (const card of body.contacts || []) parts.push(piece("file", card.name, (card.phones || []).join(", ")));
      break;
    case "reaction":
      parts.push(words(body.emoji || "reaction taken back"));
      break;
    case "template":
      parts.push(piece("file", body.name, `template, ${body.language}`));
      break;
    case "image": case "video": case "audio": case "document": case "sticker":
      parts.push(piece("file", body.filename || body.kind, body.mime));
      if (body.caption) parts.push(words(body.caption));
      break;
    default:
      parts.push(body.text ? words(body.text) : make("p", "foot", `(${body.kind || "message"})`));
  }
  if (body.footer) parts.push(make("p", "foot", body.footer));
  return parts;
}

function choices(line, open, chosen) {
  const body = line.body;
  const box = make("div", "choices");
  if (body.kind === "buttons") {
    for (const each of body.buttons || []) {
      const button = make("button", each.id === chosen ? "chosen" : "", each.title);
      button.type = "button";
      button.disabled = !open;
      button.addEventListener("click", () => tap(each, line));
      box.append(button);
    }
  } else if (body.kind === "list") {
    const button = make("button", "", icon("rows"), body.open_label || told("Choose"));
    button.type = "button";
    button.disabled = !open;
    button.setAttribute("aria-haspopup", "dialog");
    button.addEventListener("click", () => openSheet(line));
    box.append(button);
  } else if (body.kind === "link") {
    const link = make("a", "", icon("link"), body.label);
    if (/^https?:\/\//.test(body.url)) link.href = body.url;
    link.target = "_blank";
    link.rel = "noopener noreferrer";
    box.append(link);
  }
  return box.childElementCount ? box : null;
}

const clock = new Intl.DateTimeFormat(language === "en" ? undefined : language, { timeStyle: "short" });
const dayName = new Intl.DateTimeFormat(language === "en" ? undefined : language, { weekday: "long", day: "numeric", month: "long" });

function moment(at) {
  const node = make("time", "", clock.format(at));
  node.dateTime = at.toISOString();
  node.title = at.toLocaleString();
  return node;
}

function ticks(line) {
  if (line.from !== "in") return null;
  const state = line.failed ? "failed" : line.waiting ? "waiting" : line.answered ? "read" : "delivered";
  const label = told({ waiting: "Sending", delivered: "Delivered", read: "Read by the bot", failed: "Not sent" }[state]);
  const node = make("span", `ticks ${state}`, icon(state === "waiting" || state === "failed" ? "clock" : "two", "0 0 17 14"));
  node.setAttribute("role", "img");
  node.setAttribute("aria-label", label);
  return node;
}

// The contact is the visitor: what came in from him stands on the right.
function draw() {
  const shown = [...lines, ...pending];
  const last = shown.at(-1);
  const stay = first || talk.scrollHeight - talk.scrollTop - talk.clientHeight < 90;
  const nodes = [];
  let day = "", side = "";
  shown.forEach((line, place) => {
    const at = new Date(line.at);
    const today = at.toDateString();
    if (today !== day) {
      const name = today === new Date().toDateString() ? told("Today") : dayName.format(at);
      nodes.push(make("li", "day", make("span", "", name)));
      day = today;
      side = "";
    }
    const mine = line.from === "in";
    const laterTap = shown.slice(place + 1).find((other) => other.from === "in");
    line.answered = mine && shown.slice(place + 1).some((other) => other.from === "out");
    const row = make("li", `row ${mine ? "out" : "in"}${side === line.from ? " same" : ""}`);
    if (!known.has(line.id) && !first) row.classList.add("fresh");
    const when = make("p", "when", line.by ? `${line.by} · ` : "", moment(at), ticks(line));
    const bubble = make("div", "bubble", make("span", "unseen", mine ? told("You: ") : told("Bot: ")), ...content(line.body), when);
    row.append(bubble);
    if (!mine) {
      const box = choices(line, !laterTap, laterTap && laterTap.body.kind === "choice" ? laterTap.body.id : "");
      if (box) row.append(box);
      if (line.status === "failed") row.append(make("p", "failed", line.error || told("This message could not be sent.")));
    }
    if (line.failed) {
      const again = make("button", "", told("Try again"));
      again.type = "button";
      again.addEventListener("click", () => deliver(line));
      row.append(make("div", "failed", told("Not sent."), again));
    }
    nodes.push(row);
    side = line.from;
  });
  list.replaceChildren(...nodes);
  known = new Set(shown.map((line) => line.id));
  find("empty").hidden = shown.length > 0 || first;
  const waits = Boolean(last && last.from === "in" && !last.failed && Date.now() < typingUntil);
  find("typing").hidden = !waits;
  if (stay) talk.scrollTop = talk.scrollHeight;
}

function openSheet(line) {
  const sheet = find("sheet"), rows = find("rows");
  find("sheet-title").textContent = line.body.open_label || told("Choose");
  rows.replaceChildren();
  for (const section of line.body.sections || []) {
    if (section.title) rows.append(make("h3", "", section.title));
    for (const each of section.rows) {
      const button = make("button", "", make("b", "", each.title), each.description ? make("small", "", each.description) : null);
      button.type = "button";
      button.addEventListener("click", () => { sheet.close(); tap(each, line); });
      rows.append(button);
    }
  }
  sheet.showModal();
}

function tap(each, line) {
  if (keyboard) text.focus();
  say({ kind: "choice", choice: each.id, title: each.title, reply_to: line.provider_id || "" }, { kind: "choice", id: each.id, title: each.title });
}

function say(request, body) {
  const id = crypto.randomUUID ? crypto.randomUUID() : `${Date.now()}-${Math.random().toString(16).slice(2)}`;
  const line = { id, from: "in", body, at: new Date().toISOString(), waiting: true, request: { ...request, id } };
  pending.push(line);
  talk.scrollTop = talk.scrollHeight;
  deliver(line);
}

async function deliver(line) {
  line.failed = false;
  line.waiting = true;
  typingUntil = Date.now() + TYPING_MS;
  draw();
  talk.scrollTop = talk.scrollHeight;
  try {
    const answer = await fetch(`${base}/messages`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(line.request),
    });
    if (answer.status === 401) return over();
    if (!answer.ok) throw new Error((await answer.json()).detail);
    line.provider_id = (await answer.json()).provider_id;
    line.waiting = false;
    notice("");
    settle();
  } catch (error) {
    line.failed = true;
    line.waiting = false;
    notice(error instanceof TypeError ? told("No connection to Chatloom. Your message was not sent.") : error.message);
  }
  draw();
  setTimeout(draw, TYPING_MS + 50);
}

function settle() {
  const there = new Set(lines.map((line) => line.provider_id));
  pending = pending.filter((line) => !line.provider_id || !there.has(line.provider_id));
}

function notice(what) {
  find("notice").textContent = what;
  find("notice").hidden = !what;
}

let ended = false;
function over() {
  ended = true;
  notice(told("This visit has ended. Ask for a new link: chatloom simulator"));
  text.disabled = send.disabled = find("restart").disabled = true;
  source.close();
}

function presence(what) {
  if (find("presence").textContent !== what) find("presence").textContent = what;
}

async function look() {
  try {
    const answer = await fetch(`${base}/about`);
    if (answer.status === 401) return over();
    const about = await answer.json();
    const name = about.title || about.name;
    find("name").textContent = name;
    find("invite").textContent = about.has_bot ? told("You write to “{name}” as a contact would. No phone is involved.", { name }) : told("No bot answers here yet.");
    document.title = `${name} · Chatloom`;
    const why = about.why ? `: ${about.why}` : "";
    presence(!about.has_bot ? told("no bot is assigned") : about.state === "online" ? told("online · simulated number {name}", about) : `${told(about.state)}${why}`);
    return about.state === "online";
  } catch {
    presence(told("no connection"));
  }
  return false;
}

async function watch() {
  const online = await look();
  if (ended) return;
  setTimeout(watch, online ? 5000 : 1000);
}

// The browser connects anew by itself, except after an answer that is no stream: then we do.
let source, away = 0;
function connect() {
  source = new EventSource(`${base}/events`);
  source.addEventListener("transcript", (event) => {
    const before = lines.length;
    lines = JSON.parse(event.data);
    settle();
    if (lines.length > before && lines.at(-1).from === "out") typingUntil = 0;
    draw();
    first = false;
    draw();
  });
  source.addEventListener("open", () => {
    clearTimeout(away);
    away = 0;
    notice("");
    look();
  });
  source.addEventListener("error", () => {
    if (ended) return;
    presence(told("connecting…"));
    away ||= setTimeout(() => notice(told("Chatloom does not answer. Is it running? This page goes on by itself when it is back.")), AWAY_MS);
    if (source.readyState === EventSource.CLOSED) setTimeout(connect, 1000);
  });
}

function fit() {
  text.style.height = "auto";
  text.style.height = `${Math.min(148, text.scrollHeight + 2)}px`;
  send.disabled = !text.value.trim();
}
text.addEventListener("input", fit);
text.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    find("write").requestSubmit();
  }
});
find("write").addEventListener("submit", (event) => {
  event.preventDefault();
  const said = text.value.trim();
  if (!said) return;
  text.value = "";
  fit();
  say({ kind: "text", text: said }, { kind: "text", text: said });
  text.focus();
});
find("hello").addEventListener("click", () => { say({ kind: "text", text: told("Hello") }, { kind: "text", text: told("Hello") }); text.focus(); });
find("restart").addEventListener("click", async () => {
  try {
    const answer = await fetch(`${base}/restart`, { method: "POST" });
    if (answer.status === 401) return over();
    location.replace((await answer.json()).path);
  } catch {
    notice(told("No connection to Chatloom."));
  }
});
talk.addEventListener("scroll", () => {
  find("down").hidden = talk.scrollHeight - talk.scrollTop - talk.clientHeight < 160;
});
find("down").addEventListener("click", () => { talk.scrollTop = talk.scrollHeight; });
connect();
watch();
if (keyboard) text.focus();
