import { queryOptions } from "@tanstack/react-query";
import { api, given, type Schemas } from "../api/client";

export type Canary = Schemas["CanaryOut"];

/** The version that a share of a bot's new runs gets, or the last that was tried so; null: none ever was. */
export const canaryQuery = (bot: string) =>
  queryOptions<Canary | null>({
    queryKey: ["drafts", "canary", bot],
    queryFn: ({ signal }) =>
      given(api.GET("/api/v1/bots/{name}/canary", { params: { path: { name: bot } }, signal })),
  });
