import { expect, test } from "vitest";
import { eventsOf } from "./happening";

test("the event that is waited for comes first, then all that flows name, each once", () => {
  const files = {
    "bot.yaml": "events: [no]\n",
    "flows/a.yaml":
      "id: a\ntriggers: [{event: {name: lead.new}}, {message: {words: [x]}}]\nsteps:\n- {id: w, action: wait, with: {event: paid}}\n",
    "flows/b.yaml":
      "id: b\nsteps:\n- {id: w, action: wait, with: {event: sent}}\n- {id: v, action: wait, with: {event: paid}}\n- {id: m, action: wait, with: {message: true}}\n",
    "flows/broken.yaml": "id: [",
  };
  expect(eventsOf(files, "b", "w")).toEqual(["sent", "lead.new", "paid"]);
  expect(eventsOf(files, "", "")).toEqual(["lead.new", "paid", "sent"]);
  expect(eventsOf({}, "", "")).toEqual([]);
});
