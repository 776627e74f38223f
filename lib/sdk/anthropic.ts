// Types only: after `import "@tokentra/sdk/anthropic"` the requests of the official client know the property `tokentra`.
import type {} from "@anthropic-ai/sdk/resources/messages/messages";
import type { CallMetadata } from "./metadata.ts";

declare module "@anthropic-ai/sdk/resources/messages/messages" {
  interface MessageCreateParamsBase {
    /** What this call is for; taken out before the vendor sees it. */
    tokentra?: CallMetadata & { requestId?: string };
  }
}
