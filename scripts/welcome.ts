import type { DemoAccess } from "../supabase/seeds/demo/load.ts";
import type { Backend } from "./backend.ts";

/** What a person reads when everything is up: where to look, how to sign in, and a command that works as it is. */
export function welcome(url: string, backend: Backend, demo: DemoAccess | null): string {
  const lines = ["", `  TokenTRA   ${url}`];
  if (backend.mailboxUrl) lines.push(`  Mailbox    ${backend.mailboxUrl}   (every mail the product sends on this machine)`);
  if (demo) {
    const event = {
      request_id: "hello-$(date +%s)",
      timestamp: "$(date -u +%Y-%m-%dT%H:%M:%SZ)",
      provider: "openai",
      model: "gpt-5-mini",
      input_tokens: 1200,
      output_tokens: 350,
      feature: "hello",
    };
    const body = JSON.stringify({ events: [event] }).replaceAll('"', '\\"');
    lines.push(
      `  Sign in    ${demo.email}   ${demo.password}`,
      "",
      "  Send an event and watch it arrive:",
      "",
      `  curl -s ${url}/api/sdk/v1/track -H "Authorization: Bearer ${demo.api_key}" -H "Content-Type: application/json" \\`,
      `    -d "${body}"`,
    );
  }
  lines.push("", "  Ctrl-C stops everything.", "");
  return `${lines.join("\n")}\n`;
}
