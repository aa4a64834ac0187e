// The sandbox's page: draws the state that it is sent at each change, and posts what is done on a phone.

const find = (id) => document.getElementById(id);
const phones = new Map();
let state = { screen: {}, phones: [] };

const icons = {
  one: "m3 7 3.500 3.500L13 3.500",
  two: "m1 7 3.500 3.500L11 3.500M8 10l.5.5L15.500 3.500",
  plus: "M12 5v14M5 12h14",
  send: "M4 12 20 4l-5 16-3.500-6.500z",
  net: "M4 9a12 12 0 0 1 16 0M7 13a7 7 0 0 1 10 0M12 17.500v.1",
  scan: "M4 8V5a1 1 0 0 1 1-1h3M16 4h3a1 1 0 0 1 1 1v3M20 16v3a1 1 0 0 1-1 1h-3M8 20H5a1 1 0 0 1-1-1v-3M4 12h16",
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

function button(label, act, cls = "") {
  const node = make("button", cls, label);
  node.type = "button";
  node.addEventListener("click", act);
  return node;
}

let quiet = 0;
function say(text) {
  find("said").textContent = text;
  clearTimeout(quiet);
  quiet = setTimeout(() => { find("said").textContent = ""; }, 6000);
}

// Whether it was done; what was refused is said.
async function post(path, body) {
  try {
    const answer = await fetch(`api/${path}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    const said = await answer.json();
    if (said.error) say(said.error);
    return !said.error;
  } catch {
    say("The sandbox does not answer.");
    return false;
  }
}

const clock = new Intl.DateTimeFormat(undefined, { timeStyle: "short" });

// One phone of the page. What its owner has begun (the chosen chat, a draft) stays when the state is drawn anew.
class Phone {
  constructor(number) {
    this.number = number;
    this.to = "";
    this.known = new Set();
    this.drawn = "";
    this.typed = 0;
    this.read = new Set();
    this.build();
  }

  build() {
    this.name = make("h3", "");
    this.name.id = `name-${this.number}`;
    this.line = make("p", "", `+${this.number}`);
    this.avatar = make("span", "avatar");
    this.avatar.setAttribute("aria-hidden", "true");
    this.net = button("", () => this.post("away", { away: !this.seen.away }), "round");
    this.net.append(icon("net"));
    this.scan = button("", () => this.post("scan", {}), "round");
    this.scan.append(icon("scan"));
    this.scan.title = "Scan the code that the number shows";
    this.scan.setAttribute("aria-label", this.scan.title);
    const bar = make("header", "bar", this.avatar, make("div", "who", this.name, this.line), this.scan, this.net);
    this.choice = make("select", "");
    this.choice.setAttribute("aria-label", "Chat with");
    this.choice.addEventListener("change", () => { this.to = this.choice.value; this.drawn = ""; this.draw(this.seen); });
    this.linked = make("ul", "linked");
    this.told = make("p", "told");
    this.told.setAttribute("role", "alert");
    this.lines = make("ol", "lines");
    this.lines.setAttribute("role", "log");
    this.empty = make("p", "empty");
    this.typing = make("p", "typing");
    this.talk = make("div", "talk", this.empty, this.lines, this.typing);
    this.talk.tabIndex = 0;
    this.talk.setAttribute("role", "region");
    this.talk.setAttribute("aria-label", "Conversation");
    this.text = make("textarea", "");
    this.text.rows = 1;
    this.text.placeholder = "Message";
    this.text.setAttribute("aria-label", "Message");
    this.text.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); this.send(); }
    });
    this.text.addEventListener("input", () => this.tellTyping());
    const submit = make("button", "send", icon("send"));
    submit.setAttribute("aria-label", "Send");
    const more = make("summary", "round", icon("plus"));
    more.setAttribute("aria-label", "Send something else");
    const menu = make("div", "",
      button("Picture", () => this.other({ kind: "image" })),
      button("Location", () => this.other({ kind: "location" })),
      button("Contact card", () => this.other({ kind: "contact" })));
    this.menu = make("details", "menu", more, menu);
    this.menu.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && this.menu.open) { this.menu.open = false; more.focus(); }
    });
    const form = make("form", "write", this.menu, this.text, submit);
    form.addEventListener("submit", (event) => { event.preventDefault(); this.send(); });
    this.node = make("article", "phone", bar, make("div", "with", "Chat with", this.choice), this.linked, this.told, this.talk, form);
    this.node.dataset.number = this.number;
    this.node.setAttribute("aria-labelledby", this.name.id);
  }

  post(action, body) {
    return post(`phones/${this.number}/${action}`, body);
  }

  async send() {
    const text = this.text.value;
    if (!text.trim()) return;
    this.text.value = "";
    const done = this.editing
      ? await this.post("edit", { to: this.to, id: this.editing, text })
      : await this.post("send", { to: this.to, text });
    this.editing = "";
    if (done && this.number === state.phones[0].number) find("steps").children[2].classList.add("done");
    if (!done && !this.text.value) this.text.value = text;
  }

  other(body) {
    this.menu.open = false;
    return this.post("send", { to: this.to, ...body });
  }

  tellTyping() {
    if (Date.now() - this.typed < 3000) return;
    this.typed = Date.now();
    this.post("typing", { to: this.to, typing: true });
  }

  draw(seen) {
    this.seen = seen;
    const owner = seen.number === state.phones[0].number;
    const online = seen.away ? "away" : "online";
    this.name.textContent = owner ? `${seen.name} (the owner)` : seen.name;
    this.line.textContent = `+${seen.number} · ${online}`;
    this.avatar.textContent = seen.name.slice(0, 1);
    this.node.classList.toggle("away", seen.away);
    this.net.setAttribute("aria-pressed", String(seen.away));
    this.net.title = seen.away ? "Come back" : "Go offline";
    this.net.setAttribute("aria-label", this.net.title);
    this.scan.hidden = !state.screen.qr;
    this.drawChoice(seen, owner);
    this.linked.replaceChildren(...seen.linked.map(({ device, online: there }) =>
      make("li", "", make("span", "", `Linked device ${device}, ${there ? "connected" : "not connected"}`),
        button("Unlink", () => this.post("unlink", { device })))));
    this.told.textContent = seen.notices[0] || "";
    this.told.hidden = !seen.notices.length;
    this.drawTalk(seen);
  }

  drawChoice(seen, owner) {
    const others = state.phones.filter((phone) => phone.number !== seen.number)
      .map((phone) => [phone.number, phone.name]);
    for (const chat of seen.chats) if (!others.some(([to]) => to === chat.to)) others.push([chat.to, chat.name]);
    if (!this.to || (owner && !this.chosen && seen.chats.length)) {
      this.to = owner ? (seen.chats.at(-1)?.to ?? others[0]?.[0] ?? "") : others[0][0];
      if (seen.chats.length) this.chosen = true;
    }
    const key = JSON.stringify(others);
    if (key !== this.others) {
      this.others = key;
      this.choice.replaceChildren(...others.map(([to, name]) => {
        const option = make("option", "", name);
        option.value = to;
        return option;
      }));
    }
    this.choice.value = this.to;
  }

  drawTalk(seen) {
    const chat = seen.chats.find((each) => each.to === this.to) || { messages: [], typing: "", name: "" };
    const stay = this.talk.scrollHeight - this.talk.scrollTop - this.talk.clientHeight < 80 || !this.drawn;
    this.typing.textContent = chat.typing ? `${chat.name} is ${chat.typing === "recording" ? "recording" : "typing"}…` : "";
    this.typing.hidden = !chat.typing;
    this.empty.hidden = chat.messages.length > 0;
    this.empty.textContent = "No messages yet.";
    const key = this.to + JSON.stringify(chat.messages);
    if (key !== this.drawn) {
      const focus = document.activeElement?.closest?.("[data-id]")?.dataset.id;
      this.drawn = key;
      this.lines.replaceChildren(...chat.messages.map((line) => this.row(line)));
      this.known = new Set(chat.messages.map((line) => line.id));
      if (focus) this.lines.querySelector(`[data-id="${CSS.escape(focus)}"] button`)?.focus();
    }
    if (stay) this.talk.scrollTop = this.talk.scrollHeight;
    const unread = seen.away ? [] : chat.messages.filter((line) => !line.mine && !this.read.has(line.id)).map((line) => line.id);
    if (unread.length) {
      for (const id of unread) this.read.add(id);
      this.post("read", { to: this.to, ids: unread });
    }
  }

  row(line) {
    const row = make("li", `row${line.mine ? " mine" : ""}${this.known.has(line.id) ? "" : " fresh"}`);
    row.dataset.id = line.id;
    const ticks = line.mine && line.ticks ? make("span", `ticks ${line.ticks}`, icon(line.ticks === "sent" ? "one" : "two", "0 0 17 14")) : null;
    if (ticks) { ticks.setAttribute("role", "img"); ticks.setAttribute("aria-label", line.ticks); }
    const when = make("p", "when", line.edited ? "edited · " : "", clock.format(new Date(line.at * 1000)), ticks);
    row.append(make("div", "bubble", make("span", "unseen", line.mine ? "You: " : `${line.by}: `), ...this.content(line), when));
    if (line.reactions.length) row.append(make("span", "hearts", line.reactions.join(" ")));
    const about = { to: this.to, id: line.id };
    const tools = line.mine
      ? [button("Delete", () => this.post("delete", about))]
      : [button("👍", () => this.post("react", { ...about, emoji: "👍" }))];
    if (line.mine && line.kind === "text") tools.push(button("Edit", () => { this.editing = line.id; this.text.value = line.text; this.text.focus(); }));
    tools[0].setAttribute("aria-label", line.mine ? "Delete for everyone" : "Like");
    row.append(make("div", "tools", ...tools));
    return row;
  }

  content(line) {
    const words = line.text ? make("p", "words", line.text) : null;
    const quote = line.quote ? make("p", "quote", line.quote) : null;
    switch (line.kind) {
      case "image": {
        const picture = make("img", "");
        picture.src = `api/phones/${this.number}/files/${encodeURIComponent(line.id)}`;
        picture.alt = line.text || "Picture";
        return [quote, picture, words];
      }
      case "poll":
        return [words, make("div", "poll", ...line.options.map(({ name, votes }) => {
          const vote = button("", () => this.post("vote", { to: this.to, id: line.id, options: [name] }));
          vote.append(make("span", "", name), make("span", "", votes ? String(votes) : ""));
          vote.disabled = line.mine;
          return vote;
        }))];
      case "location":
        return [make("p", "words", `📍 ${line.text || "Location"}`), make("p", "small", line.address || "")];
      case "text":
        return [quote, words];
      default:
        return [quote, make("p", "small", line.kind), words];
    }
  }
}

const BAD = ["conflict", "banned", "passkey_needed", "logged_out", "stuck", "timelocked", "stopped"];
let drawnQr = "";

function drawNumber() {
  const { screen } = state;
  const linkable = Boolean(screen.name);
  find("number-name").textContent = screen.name ? `Number “${screen.name}”` : "Phones only";
  find("state").parentElement.hidden = !linkable;
  find("steps").hidden = !linkable;
  find("state").textContent = (screen.state || "starting").replaceAll("_", " ");
  find("state").className = `badge ${screen.state === "online" ? "online" : BAD.includes(screen.state) ? "bad" : ""}`;
  find("why").textContent = screen.why || "";
  const showsQr = Boolean(screen.qr && screen.svg);
  find("qr").hidden = !showsQr;
  if (showsQr && screen.svg !== drawnQr) {
    drawnQr = screen.svg;
    const picture = make("img", "");
    picture.src = `data:image/svg+xml,${encodeURIComponent(screen.svg)}`;
    picture.alt = "The number's QR code";
    find("qr").replaceChildren(picture);
  }
  find("code").hidden = !screen.code;
  find("code").textContent = screen.code || "";
  find("scan").hidden = !showsQr && !screen.code;
  find("scan").textContent = screen.code ? "Type it on the shop’s phone" : "Scan with the shop’s phone";
  find("by-code").hidden = !linkable || !showsQr;
  find("again").hidden = !linkable || !["unlinked", "logged_out"].includes(screen.state);
  const online = screen.state === "online";
  const [owner, ...contacts] = state.phones;
  const wrote = contacts.some((phone) => phone.chats.some((chat) => chat.to === owner.number && chat.messages.some((line) => !line.mine)));
  find("steps").children[0].classList.toggle("done", online);
  find("steps").children[1].classList.toggle("done", wrote);
}

function draw() {
  drawNumber();
  find("more").disabled = state.phones.length >= 10;
  for (const seen of state.phones) {
    let phone = phones.get(seen.number);
    if (!phone) {
      phone = new Phone(seen.number);
      phones.set(seen.number, phone);
      find("phones").append(phone.node);
    }
    phone.draw(seen);
  }
}

find("scan").addEventListener("click", () => {
  const [owner] = state.phones;
  const { code } = state.screen;
  post(`phones/${owner.number}/${code ? "type" : "scan"}`, code ? { code } : {});
});
find("by-code").addEventListener("click", () => post("pair", { phone: state.phones[0].number }));
find("again").addEventListener("click", () => post("pair", {}));
find("more").addEventListener("click", () => post("phones", {}));

const events = new EventSource("api/events");
events.addEventListener("message", ({ data }) => {
  state = JSON.parse(data);
  find("lost").hidden = true;
  draw();
});
events.addEventListener("error", () => { find("lost").hidden = false; });
