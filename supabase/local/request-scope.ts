import { AsyncLocalStorage } from "node:async_hooks";

export type RequestScope = {
  /** Request headers: lite hands them to SQL for functions only, PostgREST for every request. */
  headers: Record<string, string>;
  /** `redirect_to` of an Auth request. */
  redirectTo?: string;
};

/** The HTTP request being served, for code that lite calls without it. */
export const requestScope = new AsyncLocalStorage<RequestScope>();
