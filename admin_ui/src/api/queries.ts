/**
 * What was read from the server. The first word of a key is the live topic, where there is one: `["numbers"]`,
 * `["conversations", number, conversation]`, `["drafts", bot]`, `["jobs"]`; else the API's name of the resource.
 */
import { MutationCache, QueryClient } from "@tanstack/react-query";
import { toast } from "../ui/toast";
import { actDone } from "./once";
import { Problem, words } from "./problems";

declare module "@tanstack/react-query" {
  interface Register {
    mutationMeta: {
      /** The form shows its problems itself; else a toast does. */
      shown?: boolean;
    };
  }
}

export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      retry: (count, error) => error instanceof Problem && error.passing && count < 3,
      retryDelay: (count, error) =>
        error instanceof Problem && error.retryAfter
          ? error.retryAfter * 1000
          : Math.min(500 * 2 ** count, 5_000),
    },
    // Without a net an act fails here and now: later the person may not mean it any more.
    mutations: { networkMode: "always" },
  },
  mutationCache: new MutationCache({
    onSuccess: actDone,
    onError(error, _given, _kept, mutation) {
      if (error instanceof Problem && error.code === "idempotency.answer_lost") actDone();
      if (mutation.meta?.shown !== true) toast.problem(words(error));
    },
  }),
});

/** An act that no component waits for, such as what takes another back: a toast says what went wrong. */
export function act(does: () => Promise<unknown>): void {
  const mutation = queries.getMutationCache().build(queries, { mutationFn: does });
  mutation.execute(undefined).catch(() => undefined);
}
