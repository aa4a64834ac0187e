/** What the pages of conversations read, and what an agent does in one. */
import {
  infiniteQueryOptions,
  type QueryClient,
  queryOptions,
  useMutation,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";
import { useMemo } from "react";
import { api, given, type Schemas } from "../../api/client";
import { ONCE } from "../../api/once";
import { useMay } from "../../api/session";
import type { Status } from "./routes";

export type Conversation = Schemas["ConversationOut"];
export type Line = Schemas["LineOut"];
export type Turn = Schemas["TurnOut"];
export type Place = { number: string; conversation: string };

const LIST = 30;
const LINES = 40;

export const numbersQuery = queryOptions({
  queryKey: ["numbers", "all"],
  queryFn: ({ signal }) => given(api.GET("/api/v1/numbers", { params: { query: { limit: 100 } }, signal })),
});

export const channelsQuery = queryOptions({
  queryKey: ["channels"],
  staleTime: Number.POSITIVE_INFINITY,
  queryFn: ({ signal }) => given(api.GET("/api/v1/channels", { signal })),
});

/** `number` undefined: of all numbers. */
export function listQuery(number: string | undefined, status: Status | undefined) {
  return infiniteQueryOptions({
    queryKey: ["conversations", number ?? "everywhere", "list", status ?? "all"],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) => {
      const query = {
        limit: LIST,
        ...(pageParam ? { after: pageParam } : {}),
        ...(status === "mine" || status === "failed" ? { [status]: true } : status ? { status } : {}),
      };
      return given(
        number === undefined
          ? api.GET("/api/v1/conversations", { params: { query }, signal })
          : api.GET("/api/v1/numbers/{number}/conversations", {
              params: { path: { number }, query },
              signal,
            }),
      );
    },
    getNextPageParam: (page) => page.next ?? undefined,
  });
}

/** What is said with these words. `number` undefined: on all numbers. */
export function foundQuery(number: string | undefined, text: string) {
  return infiniteQueryOptions({
    queryKey: ["messages", number ?? "everywhere", text],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) => {
      const query = {
        text,
        limit: LIST,
        ...(number ? { number } : {}),
        ...(pageParam ? { after: pageParam } : {}),
      };
      return given(api.GET("/api/v1/messages", { params: { query }, signal }));
    },
    getNextPageParam: (page) => page.next ?? undefined,
  });
}

/** What is typed, where it may be a phone number. */
export function asPhone(text: string): string | undefined {
  return /^\+?[\d\s().-]{6,25}$/.test(text) ? text : undefined;
}

/** The conversations of who has a phone number. */
export function ofPhoneQuery(number: string | undefined, phone: string) {
  return queryOptions({
    queryKey: ["conversations", number ?? "everywhere", "phone", phone],
    queryFn: async ({ signal }) => {
      const people = await given(api.GET("/api/v1/contacts", { params: { query: { phone } }, signal }));
      const contact = people.items[0]?.id;
      if (contact === undefined) return [];
      const query = { contact, limit: LIST };
      const page = await given(
        number === undefined
          ? api.GET("/api/v1/conversations", { params: { query }, signal })
          : api.GET("/api/v1/numbers/{number}/conversations", {
              params: { path: { number }, query },
              signal,
            }),
      );
      return page.items;
    },
  });
}

export function conversationQuery({ number, conversation }: Place) {
  return queryOptions({
    queryKey: ["conversations", number, conversation, "row"],
    queryFn: ({ signal }) =>
      given(
        api.GET("/api/v1/numbers/{number}/conversations/{conversation}", {
          params: { path: { number, conversation } },
          signal,
        }),
      ),
  });
}

/** Where a page of a transcript is: before or after a place, or around a message; neither: at the end. */
type Where = { after?: string; newer?: string; around?: string };

/** `at`: the message at which it is opened; undefined: at the end. */
export function transcriptQuery({ number, conversation }: Place, at: string | undefined) {
  return infiniteQueryOptions({
    queryKey: ["conversations", number, conversation, "transcript", at ?? "end"],
    initialPageParam: (at ? { around: at } : {}) as Where,
    queryFn: ({ pageParam, signal }) =>
      given(
        api.GET("/api/v1/numbers/{number}/conversations/{conversation}/transcript", {
          params: {
            path: { number, conversation },
            query: { limit: LINES, ...pageParam },
          },
          signal,
        }),
      ),
    getNextPageParam: (page): Where | undefined => (page.next ? { after: page.next } : undefined),
    getPreviousPageParam: (page): Where | undefined => (page.newer ? { newer: page.newer } : undefined),
  });
}

export function turnsQuery({ number, conversation }: Place) {
  return queryOptions({
    queryKey: ["conversations", number, conversation, "turns"],
    queryFn: ({ signal }) =>
      given(
        api.GET("/api/v1/numbers/{number}/conversations/{conversation}/turns", {
          params: { path: { number, conversation }, query: { limit: 100 } },
          signal,
        }),
      ),
  });
}

export function notesQuery({ number, conversation }: Place) {
  return queryOptions({
    queryKey: ["conversations", number, conversation, "notes"],
    queryFn: ({ signal }) =>
      given(
        api.GET("/api/v1/numbers/{number}/conversations/{conversation}/notes", {
          params: { path: { number, conversation }, query: { limit: 100 } },
          signal,
        }),
      ),
  });
}

/** Who can be given a conversation: all of them, to be searched as one types. */
export const assigneesQuery = queryOptions({
  queryKey: ["users", "assignees"],
  queryFn: ({ signal }) =>
    all((after) =>
      given(api.GET("/api/v1/threads/assignees", { params: { query: { limit: 200, after } }, signal })),
    ),
});

/** What a colleague is called, where only the address is told; whoever else acted (a key, the operator) as told. */
export function useCalled(): (by: string) => string {
  const people = useQuery({ ...assigneesQuery, enabled: useMay("agent") });
  const names = useMemo(() => new Map(people.data?.map((each) => [each.email, each.name])), [people.data]);
  return (by) => names.get(by) || by;
}

export const teamsQuery = queryOptions({
  queryKey: ["teams", "all"],
  queryFn: ({ signal }) =>
    all((after) => given(api.GET("/api/v1/teams", { params: { query: { limit: 200, after } }, signal }))),
});

async function all<T>(page: (after: string) => Promise<{ items: T[]; next: string | null }>): Promise<T[]> {
  const found: T[] = [];
  for (let after: string | null = ""; after !== null; ) {
    const { items, next } = await page(after);
    found.push(...items);
    after = next;
  }
  return found;
}

/** Each time that people handled it, the latest first. */
export function threadsQuery({ number, conversation }: Place) {
  return queryOptions({
    queryKey: ["conversations", number, conversation, "threads"],
    queryFn: ({ signal }) =>
      given(api.GET("/api/v1/threads", { params: { query: { conversation, limit: 20 } }, signal })),
  });
}

export function tasksQuery({ number, conversation }: Place) {
  return queryOptions({
    queryKey: ["conversations", number, conversation, "tasks"],
    queryFn: ({ signal }) =>
      given(
        api.GET("/api/v1/tasks", {
          params: { query: { conversation, sort: "-created_at", limit: 100 } },
          signal,
        }),
      ),
  });
}

export function contactQuery(contact: string) {
  return queryOptions({
    queryKey: ["contacts", contact],
    queryFn: ({ signal }) =>
      given(api.GET("/api/v1/contacts/{contact}", { params: { path: { contact } }, signal })),
  });
}

/** The approved templates of a number, all of them. */
export function templatesQuery(number: string) {
  return queryOptions({
    queryKey: ["templates", number],
    queryFn: async ({ signal }) => {
      const found: Schemas["TemplateOut"][] = [];
      let after: string | null | undefined;
      do {
        const page = await given(
          api.GET("/api/v1/numbers/{number}/templates", {
            params: {
              path: { number },
              query: { limit: 100, status: "APPROVED", ...(after ? { after } : {}) },
            },
            signal,
          }),
        );
        found.push(...page.items);
        after = page.next;
      } while (after);
      return found;
    },
  });
}

export type Reply = Schemas["ReplyIn"];
export type Act =
  | { does: "take-over" | "give-back" | "end" | "restart" }
  | { does: "reply"; body: Reply }
  | { does: "send-again"; message: string };

/** What an agent does. It takes effect at the conversation's next turn: the live stream tells of it. */
export function useAct({ number, conversation }: Place) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (act: Act) => {
      const params = { path: { number, conversation }, header: ONCE };
      const at = "/api/v1/numbers/{number}/conversations/{conversation}";
      switch (act.does) {
        case "take-over":
          return given(api.POST(`${at}/take-over`, { params }));
        case "give-back":
          return given(api.POST(`${at}/give-back`, { params }));
        case "end":
          return given(api.POST(`${at}/end`, { params }));
        case "restart":
          return given(api.POST(`${at}/restart`, { params }));
        case "reply":
          return given(api.POST(`${at}/reply`, { params, body: act.body }));
        case "send-again":
          return given(
            api.POST(`${at}/messages/{message}/send-again`, {
              params: { ...params, path: { ...params.path, message: act.message } },
            }),
          );
      }
    },
    onSettled: () => refresh(client),
  });
}

function refresh(client: QueryClient): Promise<void> {
  return client.invalidateQueries({ queryKey: ["conversations"] });
}
