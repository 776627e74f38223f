import { AsyncLocalStorage } from "node:async_hooks";

/** Headers of the HTTP request being served: lite hands them to SQL for functions only, PostgREST for every request. */
export const requestHeaders = new AsyncLocalStorage<Record<string, string>>();
