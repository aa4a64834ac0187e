/** What the page of contacts reads. */
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api, given, type Schemas } from "../../api/client";
import type { Shown } from "./routes";

export type Contact = Schemas["ContactOut"];
export type ContactRow = Schemas["ContactRow"];
export type Field = Schemas["FieldOut"];

export function contactsQuery({ open: _, ...wanted }: Shown) {
  return infiniteQueryOptions({
    queryKey: ["contacts", "list", wanted],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) =>
      given(
        api.GET("/api/v1/contacts", {
          params: { query: { limit: 50, ...wanted, ...(pageParam ? { after: pageParam } : {}) } },
          signal,
        }),
      ),
    getNextPageParam: (page) => page.next ?? undefined,
  });
}

export function contactQuery(contact: string) {
  return queryOptions({
    queryKey: ["contacts", contact],
    queryFn: ({ signal }) =>
      given(api.GET("/api/v1/contacts/{contact}", { params: { path: { contact } }, signal })),
  });
}

export const fieldsQuery = queryOptions({
  queryKey: ["contact-fields"],
  queryFn: ({ signal }) =>
    given(api.GET("/api/v1/contact-fields", { params: { query: { limit: 100 } }, signal })),
});
