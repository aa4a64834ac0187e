/**
 * What was read from the server. The first word of a key is the live topic, where there is one: `["numbers"]`,
 * `["conversations", number, conversation]`, `["drafts", bot]`, `["jobs"]`; else the API's name of the resource.
 */
import { MutationCache, QueryClient } from "@tanstack/react-query";
import { toast } from "../ui/toast";
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
  },
  mutationCache: new MutationCache({
    onError(error, _given, _kept, mutation) {
      if (mutation.meta?.shown !== true) toast.problem(words(error));
    },
  }),
});
