// Types only: after `import "@tokentra/sdk/openai"` the requests of the official client know the property `tokentra`.
import type {} from "openai/resources/audio/speech";
import type {} from "openai/resources/audio/transcriptions";
import type {} from "openai/resources/audio/translations";
import type {} from "openai/resources/batches";
import type {} from "openai/resources/chat/completions/completions";
import type {} from "openai/resources/embeddings";
import type {} from "openai/resources/images";
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

declare module "openai/resources/images" {
  interface ImageGenerateParamsBase {
    /** What this call is for; taken out before the vendor sees it. */
    tokentra?: Tagged;
  }
  interface ImageEditParamsBase {
    /** What this call is for; taken out before the vendor sees it. */
    tokentra?: Tagged;
  }
  interface ImageCreateVariationParams {
    /** What this call is for; taken out before the vendor sees it. */
    tokentra?: Tagged;
  }
}

declare module "openai/resources/audio/transcriptions" {
  interface TranscriptionCreateParamsBase {
    /** What this call is for; taken out before the vendor sees it. */
    tokentra?: Tagged;
  }
}

declare module "openai/resources/audio/translations" {
  interface TranslationCreateParams {
    /** What this call is for; taken out before the vendor sees it. */
    tokentra?: Tagged;
  }
}

declare module "openai/resources/audio/speech" {
  interface SpeechCreateParams {
    /** What this call is for; taken out before the vendor sees it. */
    tokentra?: Tagged;
  }
}

declare module "openai/resources/batches" {
  interface BatchCreateParams {
    /** What this call is for; taken out before the vendor sees it. */
    tokentra?: Tagged;
  }
}
