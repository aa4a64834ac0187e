import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api, given, type Schemas } from "../../api/client";

export type Num = Schemas["NumberOut"];
export type Channel = Schemas["ChannelOut"];
export type Figures = Schemas["NumberFigures"];

export const numbersQuery = infiniteQueryOptions({
  queryKey: ["numbers", "pages"],
  queryFn: ({ pageParam, signal }) =>
    given(api.GET("/api/v1/numbers", { params: { query: { limit: 100, after: pageParam } }, signal })),
  initialPageParam: "",
  getNextPageParam: (page) => page.next ?? undefined,
});

export const numberQuery = (number: string) =>
  queryOptions({
    queryKey: ["numbers", "one", number],
    queryFn: ({ signal }) =>
      given(api.GET("/api/v1/numbers/{number}", { params: { path: { number } }, signal })),
  });

export const statesQuery = (number: string) =>
  infiniteQueryOptions({
    queryKey: ["numbers", "states", number],
    queryFn: ({ pageParam, signal }) =>
      given(
        api.GET("/api/v1/numbers/{number}/states", {
          params: { path: { number }, query: { limit: 20, after: pageParam } },
          signal,
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (page) => page.next ?? undefined,
  });

/** Where a linked number's session stands. */
export const sessionQuery = (number: string) =>
  queryOptions({
    queryKey: ["numbers", "session", number],
    queryFn: ({ signal }) =>
      given(api.GET("/api/v1/numbers/{number}/session", { params: { path: { number } }, signal })),
  });

export const channelsQuery = queryOptions({
  queryKey: ["channels"],
  queryFn: ({ signal }) => given(api.GET("/api/v1/channels", { signal })),
  staleTime: Number.POSITIVE_INFINITY,
});

/** Its key is not under a live topic: each message would count all anew. It is looked at now and then. */
export const overviewQuery = queryOptions({
  queryKey: ["overview"],
  queryFn: ({ signal }) => given(api.GET("/api/v1/overview", { signal })),
  refetchInterval: 20_000,
});

export const botsQuery = queryOptions({
  queryKey: ["drafts", "bots"],
  queryFn: ({ signal }) => given(api.GET("/api/v1/bots", { params: { query: { limit: 200 } }, signal })),
});

export const versionsQuery = (bot: string) =>
  queryOptions({
    queryKey: ["drafts", "versions", bot],
    queryFn: ({ signal }) =>
      given(
        api.GET("/api/v1/bots/{name}/versions", {
          params: { path: { name: bot }, query: { limit: 50 } },
          signal,
        }),
      ),
    enabled: bot !== "",
  });

export const appsQuery = queryOptions({
  queryKey: ["apps"],
  queryFn: ({ signal }) => given(api.GET("/api/v1/apps", { params: { query: { limit: 200 } }, signal })),
});
