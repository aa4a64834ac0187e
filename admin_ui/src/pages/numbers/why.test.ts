import i18next from "i18next";
import { beforeAll, expect, test } from "vitest";
import numbers from "../../locales/it/numbers.json";
import problems from "../../locales/it/problems.json";
import { wordsOf } from "./why";

beforeAll(() =>
  i18next.init({
    lng: "it",
    resources: { it: { numbers, problems } },
    interpolation: { escapeValue: false },
  }),
);

test("a reason is said in the person's language, with its facts", () => {
  const why = { why: "WhatsApp refuses", why_code: "session.refused", why_facts: { reason: 503 } };
  expect(wordsOf(why)).toEqual({
    text: "WhatsApp rifiuta la connessione (motivo 503). Si riprova da sé.",
    lang: undefined,
  });
});

test("a problem is said in the words of problems", () => {
  const said = wordsOf({ why: "slow", why_code: "channel.throttled", why_facts: { why: "x" } });
  const { title, detail } = problems.channel.throttled;
  expect(said).toEqual({ text: `${title}. ${detail}`, lang: undefined });
});

test("what has no code, or one of a newer server, is said in its sentence", () => {
  for (const why_code of ["", "session.of_tomorrow"])
    expect(wordsOf({ why: "A sentence.", why_code, why_facts: {} })).toEqual({
      text: "A sentence.",
      lang: "en",
    });
});

test("the cause in a reason is said in the person's language too", () => {
  const facts = {
    failures: 2,
    pause_s: 4,
    cause: "Its process ended (-9).",
    cause_code: "number.process_ended",
  };
  const why = { why: "…", why_code: "number.tried_again", why_facts: { ...facts, exit_code: -9 } };
  expect(wordsOf(why).text).toBe("Il suo processo è terminato (-9). Errore numero 2: si riprova dopo 4 s.");
  const unknown = {
    ...why,
    why_facts: { ...facts, cause: "Something new.", cause_code: "number.of_tomorrow" },
  };
  expect(wordsOf(unknown).text).toBe("Something new. Errore numero 2: si riprova dopo 4 s.");
});
