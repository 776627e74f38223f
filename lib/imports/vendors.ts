/** Names of vendors as tools write them, in the words of the price list. What is not here stays as it is written. */
const vendorOf: Record<string, string> = {
  azure_ai: "azure",
  azure_openai: "azure",
  "azure openai": "azure",
  "amazon bedrock": "aws",
  bedrock: "aws",
  bedrock_converse: "aws",
  gemini: "google",
  google_genai: "google",
  "google ai": "google",
  vertex_ai: "google",
  vertexai: "google",
  "vertex ai": "google",
  together_ai: "together",
  togetherai: "together",
  fireworks_ai: "fireworks",
  xai: "x-ai",
};

/** `vertex_ai-language-models` and the like of some tools belong to what stands before the hyphen. */
export function vendorNamed(name: string): string {
  const plain = name.trim().toLowerCase();
  return vendorOf[plain] ?? vendorOf[plain.split("-")[0] ?? ""] ?? plain;
}

const byModel: [RegExp, string][] = [
  [/^(gpt-|o[1345](-|$)|chatgpt-|text-embedding-|davinci|whisper|tts-|dall-e|codex-|computer-use)/, "openai"],
  [/^claude/, "anthropic"],
  [/^(gemini|gemma|text-bison|chat-bison)/, "google"],
  [/^(mistral|magistral|ministral|codestral|pixtral|open-mi[sx]tral|devstral)/, "mistral"],
  [/^deepseek/, "deepseek"],
  [/^grok/, "x-ai"],
  [/^sonar/, "perplexity"],
];

/** Whose a model is when the file does not say; null when the name does not tell either. */
export function vendorOfModel(model: string): string | null {
  return byModel.find(([pattern]) => pattern.test(model.toLowerCase()))?.[1] ?? null;
}

const prefixes =
  /^(openai|azure|azure_ai|anthropic|bedrock|vertex_ai|gemini|mistral|groq|deepseek|together_ai|fireworks_ai|xai|openrouter|perplexity|cohere)\//;

/** `azure/gpt-4o` → azure and gpt-4o; a name without a known prefix stays whole. */
export function splitModel(name: string): { vendor: string | null; model: string } {
  const prefix = prefixes.exec(name)?.[1];
  return prefix === undefined ? { vendor: null, model: name } : { vendor: prefix, model: name.slice(prefix.length + 1) };
}
