/** What the engine notes in a trace, in the person's language. */
import i18next from "i18next";

/** Sentences of the engine (flows/machine.py, flows/scheduled.py) that say the same each time. */
const NOTES = {
  "people have the floor": "floor",
  "people have the floor: what waited is theirs": "floor_theirs",
  "throttled: stored, not fed": "throttled",
  "opted out: stored, not fed": "opted_out",
  "opted out: the event is stored, not fed": "event_opted_out",
  "a result that nothing waits for": "unawaited",
  "the owner did something on his phone": "owner_did",
  "the owner wrote on his phone": "owner_wrote",
  "the owner wrote on his phone: he has the floor": "owner_floor",
  "the owner has written no more: the bot has the floor again": "bot_floor",
  "given back, though nobody had it": "given_back",
  "nothing takes this message": "untaken",
  "a schedule passes: the contact opted out": "schedule_opted_out",
  "a schedule passes: it is more than an hour late": "schedule_late",
  "a schedule passes: no flow takes it now": "schedule_untaken",
} as const;

/** The note in words; one that names something of its own stays as the engine wrote it. */
export function noteWords(note: string): string {
  const key = NOTES[note as keyof typeof NOTES];
  return key === undefined ? note : i18next.t(`chat:note.${key}`);
}
