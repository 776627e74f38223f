import type { CodeSample } from "@/components/ui/code-block.tsx";

/** The first event in three languages, with the person's own key and this installation's own address. */
export function firstEventSamples(apiKey: string, siteUrl: string): CodeSample[] {
  return [
    { id: "typescript", label: "TypeScript", code: typescript(apiKey, siteUrl) },
    { id: "python", label: "Python", code: python(apiKey, siteUrl) },
    { id: "curl", label: "curl", code: curl(apiKey, siteUrl) },
  ];
}

function typescript(apiKey: string, siteUrl: string): string {
  return `// npm install @tokentra/sdk openai
import OpenAI from "openai";
import { TokenTRA } from "@tokentra/sdk";

const tokentra = new TokenTRA({
  apiKey: "${apiKey}",
  baseUrl: "${siteUrl}",
});
const openai = tokentra.wrap(new OpenAI());

await openai.chat.completions.create({
  model: "gpt-4o-mini",
  messages: [{ role: "user", content: "Hello" }],
});
await tokentra.flush();`;
}

function python(apiKey: string, siteUrl: string): string {
  return `# pip install requests
import datetime, uuid, requests

requests.post(
    "${siteUrl}/api/sdk/v1/track",
    headers={"Authorization": "Bearer ${apiKey}"},
    json={"events": [{
        "request_id": str(uuid.uuid4()),
        "timestamp": datetime.datetime.now(datetime.timezone.utc).isoformat(),
        "provider": "openai",
        "model": "gpt-4o-mini",
        "input_tokens": 1200,
        "output_tokens": 350,
        "feature": "first-event",
    }]},
    timeout=10,
).raise_for_status()`;
}

function curl(apiKey: string, siteUrl: string): string {
  return `curl ${siteUrl}/api/sdk/v1/track \\
  -H "Authorization: Bearer ${apiKey}" \\
  -H "Content-Type: application/json" \\
  -d '{"events": [{
    "request_id": "'"first-$(date +%s)"'",
    "timestamp": "'"$(date -u +%Y-%m-%dT%H:%M:%SZ)"'",
    "provider": "openai",
    "model": "gpt-4o-mini",
    "input_tokens": 1200,
    "output_tokens": 350,
    "feature": "first-event"
  }]}'`;
}
