// What the simulator's page says, in the language of the web UI (which keeps it), else of the browser.

const ITALIAN = {
  "Begin anew, as a new contact": "Ricomincia, come un nuovo contatto",
  "Bot: ": "Bot: ",
  "Chatloom does not answer. Is it running? This page goes on by itself when it is back.":
    "Chatloom non risponde. È acceso? Questa pagina riprende da sola quando torna.",
  Choose: "Scegli",
  Close: "Chiudi",
  "connecting…": "connessione…",
  Conversation: "Conversazione",
  Delivered: "Consegnato",
  Hello: "Ciao",
  Location: "Posizione",
  Message: "Messaggio",
  "no bot is assigned": "nessun bot assegnato",
  "No bot answers here yet.": "Qui non risponde ancora nessun bot.",
  "no connection": "nessuna connessione",
  "No connection to Chatloom.": "Chatloom non si raggiunge.",
  "No connection to Chatloom. Your message was not sent.":
    "Chatloom non si raggiunge. Il tuo messaggio non è partito.",
  "Not sent": "Non inviato",
  "Not sent.": "Non inviato.",
  "online · simulated number {name}": "online · numero simulato {name}",
  paused: "in pausa",
  "Read by the bot": "Letto dal bot",
  "Say hello": "Saluta",
  Send: "Invia",
  Sending: "Invio in corso",
  Simulator: "Simulatore",
  stopped: "fermo",
  "The bot is writing": "Il bot sta scrivendo",
  "This message could not be sent.": "Questo messaggio non è partito.",
  "This visit has ended. Ask for a new link: chatloom simulator":
    "Questa visita è finita. Apri di nuovo la chat dalla pagina del numero, o con: chatloom simulator",
  "To the latest message": "All’ultimo messaggio",
  Today: "Oggi",
  "Try again": "Riprova",
  "You: ": "Tu: ",
  "You write as a contact would. No phone is involved.":
    "Scrivi come farebbe un contatto. Non serve nessun telefono.",
  "You write to “{name}” as a contact would. No phone is involved.":
    "Scrivi a “{name}” come farebbe un contatto. Non serve nessun telefono.",
};

function kept() {
  try {
    return localStorage.getItem("chatloom.language");
  } catch {
    return null; // a browser that keeps nothing
  }
}

export const language = [kept(), ...navigator.languages]
  .map((each) => (each ?? "").slice(0, 2))
  .find((each) => each === "en" || each === "it") ?? "en";

export function told(english, facts = {}) {
  const said = (language === "it" && ITALIAN[english]) || english;
  return said.replace(/\{(\w+)\}/g, (whole, name) => facts[name] ?? whole);
}

// What stands in the page from the first.
export function translate() {
  document.documentElement.lang = language;
  for (const node of document.querySelectorAll("body *")) {
    for (const name of ["title", "aria-label", "placeholder"])
      if (node.hasAttribute(name)) node.setAttribute(name, told(node.getAttribute(name)));
    if (node.childElementCount === 0 && node.textContent in ITALIAN) node.textContent = told(node.textContent);
  }
}
