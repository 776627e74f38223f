// Types only: after `import "@tokentra/sdk/openai"` the requests of the official client know the property `tokentra`.
import type {} from "openai/resources/chat/completions/completions";
import type {} from "openai/resources/embeddings";
import type {} from "openai/resources/responses/responses";
import type { CallMetadata } from "./metadata.ts";

type Tagged = CallMetadata & { requestId?: string };

declare module "openai/resources/chat/completions/completions" {
  interface ChatCompletionCreateParamsBase {
    /** What this call is for; taken out before the vendor sees it. */
    tokentra?: Tagged;
  }
}

declare module "openai/resources/responses/responses" {
  interface ResponseCreateParamsBase {
    /** What this call is for; taken out before the vendor sees it. */
    tokentra?: Tagged;
  }
}

declare module "openai/resources/embeddings" {
  interface EmbeddingCreateParams {
    /** What this call is for; taken out before the vendor sees it. */
    tokentra?: Tagged;
  }
}
