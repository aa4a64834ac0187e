import { expect, test } from "vitest";
import { filled, fits, sampleOf, slotsOf } from "./templates";

const VISIT = [
  { type: "HEADER", format: "TEXT", text: "Hello {{1}}", example: { header_text: ["Ana"] } },
  {
    type: "BODY",
    text: "Your visit is on {{1}} at {{2}}. Again: {{1}}.",
    example: { body_text: [["Monday", "17:30"]] },
  },
  { type: "FOOTER", text: "Reply STOP to end" },
  {
    type: "BUTTONS",
    buttons: [
      { type: "QUICK_REPLY", text: "I come" },
      { type: "URL", text: "Map", url: "https://example.com/{{1}}" },
      { type: "COPY_CODE", text: "Copy" },
    ],
  },
];
const VALUES = {
  "header.1": "Bea",
  "body.1": "Friday",
  "body.2": "9:00",
  "button.1": "rome",
  "button.2": "X5",
};

test("a template asks for each variable once, with its example", () => {
  expect(slotsOf(VISIT).map((slot) => [slot.at, slot.kind, slot.example])).toEqual([
    ["header.1", "text", "Ana"],
    ["body.1", "text", "Monday"],
    ["body.2", "text", "17:30"],
    ["button.1", "text", ""],
    ["button.2", "code", ""],
  ]);
});

test("what is filled in goes as the channel takes it", () => {
  expect(filled(VISIT, VALUES)).toEqual([
    { type: "header", parameters: [{ type: "text", text: "Bea" }] },
    {
      type: "body",
      parameters: [
        { type: "text", text: "Friday" },
        { type: "text", text: "9:00" },
      ],
    },
    { type: "button", sub_type: "url", index: "1", parameters: [{ type: "text", text: "rome" }] },
    {
      type: "button",
      sub_type: "copy_code",
      index: "2",
      parameters: [{ type: "coupon_code", coupon_code: "X5" }],
    },
  ]);
});

test("variables by name, and a file as header", () => {
  const parts = [
    { type: "HEADER", format: "IMAGE" },
    {
      type: "BODY",
      text: "Dear {{first_name}}",
      example: { body_text_named_params: [{ param_name: "first_name", example: "Leo" }] },
    },
  ];
  expect(slotsOf(parts)[1]?.example).toBe("Leo");
  expect(filled(parts, { header: "https://example.com/a.png", "body.first_name": "Ida" })).toEqual([
    { type: "header", parameters: [{ type: "image", image: { link: "https://example.com/a.png" } }] },
    { type: "body", parameters: [{ type: "text", parameter_name: "first_name", text: "Ida" }] },
  ]);
});

test("how it reads: what is not filled in stands as the template has it", () => {
  const sample = sampleOf(VISIT, { "body.1": "Friday" });
  expect(sample.body).toBe("Your visit is on Friday at {{2}}. Again: Friday.");
  expect(sample).toMatchObject({
    header: "Hello {{1}}",
    footer: "Reply STOP to end",
    buttons: ["I come", "Map", "Copy"],
  });
});

test("what cannot be filled in here is known", () => {
  expect(fits(VISIT)).toBe(true);
  expect(fits([{ type: "CAROUSEL", cards: [] }])).toBe(false);
  expect(fits([{ type: "HEADER", format: "LOCATION" }])).toBe(false);
  expect(fits([{ type: "BUTTONS", buttons: [{ type: "FLOW", text: "Book" }] }])).toBe(false);
});
