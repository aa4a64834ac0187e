/** The keys of all catalogues, so that a key that is not there does not compile. English is the pattern. */
import type bots from "./locales/en/bots.json";
import type calls from "./locales/en/calls.json";
import type chat from "./locales/en/chat.json";
import type contacts from "./locales/en/contacts.json";
import type conversations from "./locales/en/conversations.json";
import type frame from "./locales/en/frame.json";
import type home from "./locales/en/home.json";
import type numbers from "./locales/en/numbers.json";
import type preview from "./locales/en/preview.json";
import type problems from "./locales/en/problems.json";
import type publishing from "./locales/en/publishing.json";
import type settings from "./locales/en/settings.json";
import type signIn from "./locales/en/sign-in.json";
import type studio from "./locales/en/studio.json";
import type wholeBot from "./locales/en/whole-bot.json";

declare module "i18next" {
  interface CustomTypeOptions {
    defaultNS: "frame";
    resources: {
      bots: typeof bots;
      calls: typeof calls;
      chat: typeof chat;
      contacts: typeof contacts;
      conversations: typeof conversations;
      frame: typeof frame;
      home: typeof home;
      numbers: typeof numbers;
      preview: typeof preview;
      problems: typeof problems;
      publishing: typeof publishing;
      settings: typeof settings;
      "sign-in": typeof signIn;
      studio: typeof studio;
      "whole-bot": typeof wholeBot;
    };
  }
}
