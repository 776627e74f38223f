import { hex, hmacSha256, sha256Hex } from "./web-crypto.ts";

export type AwsCredential = { access_key_id: string; secret_access_key: string };
export type AwsRequest = { url: string; region: string; service: string; headers: Record<string, string>; body: string };

/**
 * Headers of a POST signed with AWS Signature Version 4.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 * @param now milliseconds since 1970
 */
export async function signAws(
  { url, region, service, headers, body }: AwsRequest,
  credential: AwsCredential,
  now: number,
): Promise<Record<string, string>> {
  const { host, pathname } = new URL(url);
  const stamp = new Date(now).toISOString().replace(/[-:]|\.\d{3}/g, "");
  const day = stamp.slice(0, 8);
  const signed: Record<string, string> = { ...headers, host, "x-amz-date": stamp };
  const names = Object.keys(signed).sort();
  const request = [
    "POST",
    pathname,
    "",
    ...names.map((name) => `${name}:${signed[name]?.trim()}`),
    "",
    names.join(";"),
    await sha256Hex(body),
  ];
  const scope = `${day}/${region}/${service}/aws4_request`;
  const text = ["AWS4-HMAC-SHA256", stamp, scope, await sha256Hex(request.join("\n"))].join("\n");
  let key: ArrayBuffer | string = `AWS4${credential.secret_access_key}`;
  for (const part of [day, region, service, "aws4_request"]) key = await hmacSha256(key, part);
  const signature = hex(await hmacSha256(key, text));
  const { host: _host, ...sent } = signed;
  return {
    ...sent,
    authorization: `AWS4-HMAC-SHA256 Credential=${credential.access_key_id}/${scope}, SignedHeaders=${names.join(";")}, Signature=${signature}`,
  };
}
