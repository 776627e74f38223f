import { createClient } from "@supabase/supabase-js";
import { expect, it } from "vitest";
import { toAppError } from "../../lib/core/database-errors.ts";
import { requestIdOf, withRequestIds } from "../../lib/supabase/request-id.ts";

const url = "http://project.test";

/** What a query throws when the gateway answers like this, and the id it was asked under. */
async function failedQuery(answer: () => Response | Promise<Response>, signal?: AbortSignal) {
  let sent = "";
  const db = createClient(url, "key", {
    global: {
      fetch: withRequestIds(async (_, init) => {
        sent = new Headers(init?.headers).get("x-request-id") ?? "";
        return answer();
      }),
    },
  });
  const call = db.rpc("spend_summary", { p: 1 });
  const { error } = await (signal ? call.abortSignal(signal) : call);
  return { sent, thrown: toAppError(error) };
}

it("finds an error under the id that the request carried", async () => {
  const { sent, thrown } = await failedQuery(() => Response.json({ code: "57014", message: "cancelled" }, { status: 500 }));
  expect(sent).toMatch(/^req_[0-9a-z]{26}$/);
  expect(thrown).toMatchObject({ code: "unavailable" });
  expect(requestIdOf(thrown)).toBe(sent);
});

it("prefers the gateway's own id, which its log knows", async () => {
  const { thrown } = await failedQuery(() => Response.json({ code: "42501" }, { status: 403, headers: { "sb-request-id": "sb-1" } }));
  expect(thrown).toMatchObject({ code: "forbidden" });
  expect(requestIdOf(thrown)).toBe("sb-1");
});

it.each(["<html>bad gateway</html>", "", "[]"])("names an id though a proxy answered %j", async (body) => {
  const { sent, thrown } = await failedQuery(() => new Response(body, { status: 502, headers: { "content-type": "text/html" } }));
  expect(thrown.code).toBe("internal");
  expect(requestIdOf(thrown)).toBe(sent);
});

it("says that the way is broken when no answer came, with an id to look for", async () => {
  const { sent, thrown } = await failedQuery(() => Promise.reject(new TypeError("Failed to fetch")));
  expect(thrown.code).toBe("unavailable");
  expect(requestIdOf(thrown)).toBe(sent);
});

it("lets a cancelled question be cancelled", async () => {
  const { thrown } = await failedQuery(() => Promise.reject(new DOMException("aborted", "AbortError")), AbortSignal.abort());
  expect(requestIdOf(thrown)).toBeNull();
});

it("leaves good answers and everything but the database alone", async () => {
  const seen: [string, string | null][] = [];
  const send = withRequestIds(async (input, init) => {
    seen.push([String(input), new Headers(init?.headers).get("x-request-id")]);
    return Response.json([{ a: 1 }], { status: String(input).includes("auth") ? 400 : 200 });
  });
  expect(await (await send(`${url}/rest/v1/teams`)).json()).toEqual([{ a: 1 }]);
  expect(await (await send("http://project.test/auth/v1/token")).json()).toEqual([{ a: 1 }]);
  expect(seen).toEqual([
    [`${url}/rest/v1/teams`, expect.stringMatching(/^req_/)],
    ["http://project.test/auth/v1/token", null],
  ]);
  expect(requestIdOf(new Error("no request"))).toBeNull();
});
