import type { Span } from "./span.ts";
import type { CallFamily } from "./span-role.ts";

/** The first of these attributes that holds text, of the span before its resource. */
export type TextAt = (...names: string[]) => string | undefined;

export const textIn =
  (span: Span): TextAt =>
  (...names) => {
    for (const name of names) {
      const value = span.attributes.get(name) ?? span.resource.get(name);
      if (typeof value === "string" && value.trim() !== "") return value;
      if (typeof value === "number") return String(value);
    }
    return undefined;
  };

/** Names that conventions and SDKs give the vendors, where they differ from ours. Others are matched by the aliases of the price book. */
const providerNames: Record<string, string> = {
  "az.ai.inference": "azure",
  "az.ai.openai": "azure",
  "azure.ai.inference": "azure",
  "azure.ai.openai": "azure",
  "gcp.gemini": "google",
  "gcp.gen_ai": "google",
  "google.generative-ai": "google",
  mistral_ai: "mistral",
  x_ai: "x-ai",
  xai: "x-ai",
};

/** "openai.chat", "anthropic.messages", "google.vertex.chat": a vendor and the interface that was called. */
const interfaceSuffix = /\.(chat|responses|completion|completions|messages|embedding|textEmbedding|image|speech|transcription)$/i;

/** OpenInference's LangChain names the vendor nowhere but in LangChain's own metadata, a JSON text. */
function langChainProvider(metadata: string | undefined): string | undefined {
  return /"ls_provider":"([\w.-]{1,64})"/.exec(metadata ?? "")?.[1]?.toLowerCase();
}

/** Who was called, under the name that the price book knows where conventions use another. */
export function providerOf(text: TextAt): string {
  const sent = text(
    "gen_ai.provider.name",
    "gen_ai.system",
    "llm.provider",
    "llm.system",
    "llm.vendor",
    "ai.model.provider",
  )?.toLowerCase();
  if (sent !== undefined) {
    const name = sent.replace(interfaceSuffix, "");
    return providerNames[name] ?? name;
  }
  return langChainProvider(text("metadata")) ?? text("server.address") ?? "unknown";
}

/** The model as served; what was asked for only when nothing else is known. */
export const modelOf = (text: TextAt): string | undefined =>
  text("gen_ai.response.model", "llm.response.model_name", "llm.response.model", "ai.response.model") ??
  text("llm.model_name", "embedding.model_name", "reranker.model_name") ??
  text("gen_ai.request.model", "llm.request.model_name", "llm.request.model", "ai.model.id");

const endpoints: Record<CallFamily, string> = {
  generation: "chat",
  embedding: "embeddings",
  rerank: "rerank",
  image: "images",
  audio: "audio",
};

/** What was called, as far as the span says. */
export function endpointOf(text: TextAt, family: CallFamily): string {
  if (family !== "generation") return endpoints[family];
  const suffix = text("openai.api.type") ?? interfaceSuffix.exec(text("ai.model.provider", "gen_ai.system") ?? "")?.[1];
  if (suffix === "chat_completions" || suffix === "chat") return "chat.completions";
  if (suffix === "responses" || suffix === "messages") return suffix;
  return text("gen_ai.operation.name") ?? endpoints[family];
}

/** The served tier; the requested one only where it decides by itself. */
export function serviceTierOf(text: TextAt): string | undefined {
  const served = text("openai.response.service_tier", "gen_ai.openai.response.service_tier", "anthropic.response.service_tier");
  const asked = text("openai.request.service_tier", "gen_ai.openai.request.service_tier", "anthropic.request.service_tier");
  const tier = served ?? (asked === "auto" ? undefined : asked);
  return tier === "default" || tier === "standard_only" ? "standard" : tier;
}
