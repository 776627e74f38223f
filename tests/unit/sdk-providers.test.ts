import { expect, test } from "vitest";
import { findEndpoint, modelIn, providerOf, regionIn } from "../../lib/sdk/endpoint.ts";
import { prepareForm, prepareRequest } from "../../lib/sdk/request-body.ts";

test.each([
  ["https://api.openai.com/v1/chat/completions", "openai", "chat.completions"],
  ["https://eu.api.openai.com/v1/responses", "openai", "responses"],
  ["https://acme.openai.azure.com/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21", "azure", "chat.completions"],
  ["https://api.anthropic.com/v1/messages", "anthropic", "messages"],
  ["https://api.anthropic.com/v1/messages?beta=true", "anthropic", "messages"],
  ["https://api.deepseek.com/chat/completions", "deepseek", "chat.completions"],
  ["https://api.x.ai/v1/embeddings", "x-ai", "embeddings"],
  ["https://generativelanguage.googleapis.com/v1beta/openai/chat/completions", "google", "chat.completions"],
  ["http://localhost:8000/v1/completions", "localhost", "completions"],
  ["https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash:generateContent", "google", "generate_content"],
  [
    "https://us-central1-aiplatform.googleapis.com/v1/projects/p/locations/us-central1/publishers/google/models/gemini-2.5-flash:streamGenerateContent?alt=sse",
    "google-vertex",
    "generate_content",
  ],
  [
    "https://aiplatform.eu.rep.googleapis.com/v1/projects/p/locations/eu/publishers/anthropic/models/claude-opus-4-5:rawPredict",
    "google-vertex",
    "messages",
  ],
  ["https://api.openai.com/v1/images/edits", "openai", "images"],
  ["https://acme.openai.azure.com/openai/deployments/whisper/audio/transcriptions?api-version=2024-10-21", "azure", "audio"],
  ["https://evilapi.openai.com.example.org/v1/responses", "evilapi.openai.com.example.org", "responses"],
])("%s is %s, %s", (address, provider, endpoint) => {
  const url = new URL(address);
  expect(providerOf(url)).toBe(provider);
  expect(findEndpoint("POST", url)?.name).toBe(endpoint);
});

test.each([
  ["GET", "https://api.openai.com/v1/chat/completions/chatcmpl-1"],
  ["GET", "https://api.openai.com/v1/responses"],
  ["POST", "https://api.openai.com/v1/responses/resp_1/cancel"],
  ["POST", "https://api.openai.com/v1/files"],
  ["POST", "https://api.anthropic.com/v1/messages/count_tokens"],
  ["POST", "https://api.anthropic.com/v1/messages/batches"],
  ["POST", "https://api.openai.com/v1/batches"],
  ["POST", "https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash:countTokens"],
])("%s %s is no call of a model", (method, address) => {
  expect(findEndpoint(method, new URL(address))).toBeUndefined();
});

test("model and place are read from an address that names them", () => {
  const vertex = new URL(
    "https://x.googleapis.com/v1/projects/p/locations/us-central1/publishers/google/models/gemini-2.5-flash:generateContent",
  );
  expect([modelIn(vertex), regionIn(vertex)]).toEqual(["gemini-2.5-flash", "us-central1"]);
  expect(modelIn(new URL("https://acme.openai.azure.com/openai/deployments/my%20whisper/audio/speech"))).toBe("my whisper");
  expect(modelIn(new URL("https://api.openai.com/v1/responses"))).toBeUndefined();
});

test("what is ours is taken out of a form, and everything else stays in its order", () => {
  const form = new FormData();
  for (const [name, value] of Object.entries({
    model: "whisper-1",
    "tokentra[feature]": "notes",
    stream: "true",
    "tokentra[tags][plan]": "pro",
  })) {
    form.append(name, value);
  }
  form.append("file", new Blob(["RIFF"]), "speech.wav");
  const { body, metadata, model, isStream } = prepareForm(form);
  expect([metadata, model, isStream]).toEqual([{ feature: "notes", tags: { plan: "pro" } }, "whisper-1", true]);
  expect([...(body as FormData).keys()]).toEqual(["model", "stream", "file"]);
  expect(((body as FormData).get("file") as File).name).toBe("speech.wav");
  form.delete("tokentra[feature]");
  form.delete("tokentra[tags][plan]");
  expect(prepareForm(form).body).toBe(form);
});

test("a request without anything of ours is sent as the very text it was", () => {
  const text = '{ "model": "m",\n "messages": [], "stream": false }';
  expect(prepareRequest(text, true)?.body).toBe(text);
  expect(prepareRequest("not json", true)).toBeUndefined();
  expect(prepareRequest("[1]", true)).toBeUndefined();
});

test("usage is asked for in streams that would not tell it, beside whatever else was asked", () => {
  const body = (request: object, mustAsk = true) => JSON.parse(String(prepareRequest(JSON.stringify(request), mustAsk)!.body)) as unknown;
  expect(body({ stream: true })).toEqual({ stream: true, stream_options: { include_usage: true } });
  expect(body({ stream: true, stream_options: { include_obfuscation: false, include_usage: false } })).toEqual({
    stream: true,
    stream_options: { include_obfuscation: false, include_usage: true },
  });
  expect(body({ stream: true }, false)).toEqual({ stream: true });
  expect(body({ stream: false })).toEqual({ stream: false });
});

test("pictures in a prompt are not counted as text", () => {
  const request = {
    messages: [{ role: "user", content: [{ type: "image_url", image_url: { url: `data:image/png;base64,${"A".repeat(5_000)}` } }] }],
  };
  expect(prepareRequest(JSON.stringify(request), true)!.inputCharacters()).toBe("user".length + "image_url".length);
});
