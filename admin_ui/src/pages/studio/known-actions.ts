import { useQuery } from "@tanstack/react-query";
import { api, given } from "../../api/client";

/** The actions that a step can be, and the query that reads them. */
export function useActions() {
  return useQuery({
    queryKey: ["schemas", "actions"],
    staleTime: 60_000,
    queryFn: ({ signal }) => given(api.GET("/api/v1/schemas/actions", { signal })),
  });
}
