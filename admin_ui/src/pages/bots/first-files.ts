/** What only its authors and its team read, in the language of who makes it. */
const WORDS = {
  en: {
    note: "Somebody wants to talk",
    test: `test: somebody asks for the opening hours
contact: {language: en}
talk:
  - user: hello
  - bot: {contains: What can I do}
  - user: {choose: Opening hours}
  - bot: {contains: from 9:00}
`,
  },
  it: {
    note: "Qualcuno vuole parlare",
    test: `test: qualcuno chiede gli orari
contact: {language: it}
talk:
  - user: ciao
  - bot: {contains: Ciao!}
  - user: {choose: Orari}
  - bot: {contains: dalle 9:00}
`,
  },
};

/** What a new bot begins with: it greets, offers two ways, and says goodbye. */
export function firstFiles(bot: string, language: string): Record<string, string> {
  const other = language === "it" ? "en" : "it";
  const { note, test } = WORDS[language === "it" ? "it" : "en"];
  return {
    "bot.yaml": `chatloom: bot/v1
id: ${bot}
title: ${bot}
languages: [${language}, ${other}]
flows: [greeting]
fallback: greeting
`,
    "flows/greeting.yaml": `chatloom: flow/v1
id: greeting
title: {en: Greeting, it: Saluto}
triggers:
  - message: {words: [hello, hi, ciao]}
steps:
  - id: welcome
    action: menu
    with:
      text:
        en: "Hello! What can I do for you?"
        it: "Ciao! Che cosa posso fare per te?"
      choices:
        hours: {en: Opening hours, it: Orari}
        person: {en: Talk to a person, it: Parla con qualcuno}
    then: {hours: hours, person: person, other: welcome}

  - id: hours
    action: send
    with:
      text:
        en: "We are here from 9:00 to 18:00."
        it: "Siamo qui dalle 9:00 alle 18:00."
    next: stop

  - id: person
    action: handoff
    with: {team: support, note: ${note}}
`,
    "tests/greeting.yaml": test,
  };
}
