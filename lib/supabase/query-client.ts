import { QueryClient } from "@tanstack/react-query";

/** Reads stay fresh by pings, not by polling; without a ping they are good for 30 s. */
export function makeQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 30_000,
        gcTime: 10 * 60_000,
        retry: 1,
        refetchOnWindowFocus: true,
        placeholderData: (previous: unknown) => previous,
      },
    },
  });
}
