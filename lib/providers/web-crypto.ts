const encoder = new TextEncoder();

export const hex = (bytes: ArrayBuffer): string => Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");

export const sha256Hex = async (text: string): Promise<string> => hex(await crypto.subtle.digest("SHA-256", encoder.encode(text)));

export async function hmacSha256(key: ArrayBuffer | string, text: string): Promise<ArrayBuffer> {
  const raw = typeof key === "string" ? encoder.encode(key) : key;
  const imported = await crypto.subtle.importKey("raw", raw, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return crypto.subtle.sign("HMAC", imported, encoder.encode(text));
}

const base64Url = (bytes: Uint8Array): string =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replace(/=+$/, "");

/** A JSON Web Token signed RS256 (RFC 7515) with a PKCS #8 key in PEM. */
export async function signJwt(claims: Record<string, unknown>, pem: string): Promise<string> {
  const body = pem.replace(/-----[^-]+-----|\s/g, "");
  const key = Uint8Array.from(atob(body), (character) => character.charCodeAt(0));
  const algorithm = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
  const imported = await crypto.subtle.importKey("pkcs8", key, algorithm, false, ["sign"]);
  const content = [{ alg: "RS256", typ: "JWT" }, claims].map((part) => base64Url(encoder.encode(JSON.stringify(part)))).join(".");
  const signature = await crypto.subtle.sign(algorithm, imported, encoder.encode(content));
  return `${content}.${base64Url(new Uint8Array(signature))}`;
}
