import { randomBytes } from "node:crypto";
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { exportJWK, generateKeyPair, type JWK } from "jose";
import { z } from "zod";

const secretsSchema = z.object({
  /** Database passwords by role. */
  passwords: z.object({ supabase_admin: z.string(), postgres: z.string(), supabase_lite: z.string() }),
  publishableKey: z.string(),
  secretKey: z.string(),
  /** HS256 secret of the tokens lite itself reads; never leaves the gateway. */
  jwtSecret: z.string(),
  /** ES256 key pair (private JWK) that signs what clients see; its public half is the JWKS. */
  signingKey: z.record(z.string(), z.unknown()),
  vaultKey: z.string(),
});

export type Secrets = Omit<z.infer<typeof secretsSchema>, "signingKey"> & { signingKey: JWK };

const random = (bytes: number) => randomBytes(bytes).toString("base64url");

async function generate(): Promise<Secrets> {
  const pair = await generateKeyPair("ES256", { extractable: true });
  const jwk = await exportJWK(pair.privateKey);
  return {
    // Hex: they are put into connection URLs and into `alter role`.
    passwords: {
      supabase_admin: randomBytes(24).toString("hex"),
      postgres: randomBytes(24).toString("hex"),
      supabase_lite: randomBytes(24).toString("hex"),
    },
    publishableKey: `sb_publishable_${random(24)}`,
    secretKey: `sb_secret_${random(24)}`,
    jwtSecret: random(48),
    signingKey: { ...jwk, kid: random(12), alg: "ES256", use: "sig" },
    vaultKey: random(32),
  };
}

/** Reads `<dataDir>/secrets.json`, generating it (mode 0600) at the first start. */
export async function loadSecrets(dataDir: string): Promise<Secrets> {
  const file = join(dataDir, "secrets.json");
  try {
    return secretsSchema.parse(JSON.parse(await readFile(file, "utf8"))) as Secrets;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  const secrets = await generate();
  await mkdir(dataDir, { recursive: true });
  await writeFile(file, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600, flag: "wx" });
  await chmod(file, 0o600);
  return secrets;
}
