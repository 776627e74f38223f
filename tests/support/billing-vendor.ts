// A local stand-in for providers' billing APIs: it answers by the shapes they document and keeps what it was asked.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export type BillingQuestion = { method: string; path: string; query: URLSearchParams; headers: Record<string, string>; body: string };
export type BillingAnswer = { status?: number; headers?: Record<string, string>; body: unknown };

/** Answers with what `answer` says; a string body is sent as it is, so that numbers keep their digits. */
export async function startBillingVendor(answer: (question: BillingQuestion, turn: number) => BillingAnswer) {
  const asked: BillingQuestion[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const url = new URL(request.url ?? "/", "http://vendor");
    const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
    const question = {
      method: request.method ?? "",
      path: url.pathname,
      query: url.searchParams,
      headers,
      body: Buffer.concat(chunks).toString(),
    };
    asked.push(question);
    const { status = 200, headers: own = {}, body } = answer(question, asked.length);
    response.writeHead(status, { "content-type": "application/json", ...own });
    response.end(typeof body === "string" ? body : JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A call as OpenAI would count it. Tokens: input includes cached. */
export type OpenAiCall = {
  day: string;
  key: string;
  model: string;
  tier?: "batch" | "flex";
  input: number;
  cached: number;
  output: number;
};
export type OpenAiCost = { day: string; key: string; line: string; amount: string };

const seconds = (day: string) => Date.parse(`${day}T00:00:00Z`) / 1000;

/**
 * OpenAI's organization usage and costs over calls and billed lines, in pages of `pageDays` days. Amounts are JSON numbers, as there.
 */
export function openAiBilling(calls: readonly OpenAiCall[], costs: readonly OpenAiCost[], pageDays = 3) {
  return ({ path, query }: BillingQuestion): BillingAnswer => {
    const from = Number(query.get("start_time"));
    const to = Number(query.get("end_time") ?? from + 86_400);
    const first = from + Number(query.get("page") ?? 0) * 86_400;
    const last = Math.min(first + pageDays * 86_400, to);
    const days: number[] = [];
    for (let at = first; at < last; at += 86_400) days.push(at);
    const results = (at: number): string[] =>
      path.endsWith("/costs")
        ? costs
            .filter(({ day }) => seconds(day) === at)
            .map(
              ({ key, line, amount }) =>
                `{"object":"organization.costs.result","amount":{"value":${amount},"currency":"usd"},"line_item":${JSON.stringify(line)},"project_id":"proj_1","api_key_id":${JSON.stringify(key)}}`,
            )
        : calls
            .filter(({ day }) => seconds(day) === at)
            .map((call) =>
              JSON.stringify({
                object: "organization.usage.completions.result",
                input_tokens: call.input,
                input_cached_tokens: call.cached,
                output_tokens: call.output,
                num_model_requests: 1,
                project_id: "proj_1",
                api_key_id: call.key,
                model: call.model,
                batch: call.tier === "batch",
                service_tier: call.tier && call.tier !== "batch" ? call.tier : "default",
              }),
            );
    const buckets = days.map(
      (at) => `{"object":"bucket","start_time":${at},"end_time":${at + 86_400},"results":[${results(at).join(",")}]}`,
    );
    const next = last < to ? `"${(last - from) / 86_400}"` : "null";
    return { body: `{"object":"page","data":[${buckets.join(",")}],"has_more":${last < to},"next_page":${next}}` };
  };
}
