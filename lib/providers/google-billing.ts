// Google Cloud's billing export in BigQuery: what Vertex AI and the Gemini API cost by day, project and SKU, credits deducted.
// https://cloud.google.com/billing/docs/how-to/export-data-bigquery-tables/detailed-usage
import { Decimal } from "decimal.js";
import { z } from "zod";
import { type BillingAdapter, type BillingContext, BillingError, type BillingWindow, billedLines, usageBuckets } from "./billing.ts";
import { ExactDecimal, readBilling, text, toDay, walkPages } from "./billing-http.ts";
import { componentOf, modelOf, tierOfLine, tokensPer, unitOf } from "./cloud-line.ts";
import { signJwt } from "./web-crypto.ts";

const ServiceAccount = z.object({ client_email: z.string(), private_key: z.string().includes("PRIVATE KEY"), project_id: z.string() });
const Token = z.object({ access_token: z.string() });
const Cell = z.object({ v: z.string().nullable() });
const Rows = z.object({
  jobComplete: z.boolean(),
  jobReference: z.object({ jobId: z.string(), location: text }),
  rows: z.array(z.object({ f: z.array(Cell).length(6) })).optional(),
  pageToken: z.string().nullish(),
});
const Line = z.tuple([z.iso.date(), text, z.string(), text, ExactDecimal, ExactDecimal]);

const maxPolls = 30;

function accountOf(context: BillingContext): z.infer<typeof ServiceAccount> {
  try {
    return ServiceAccount.parse(JSON.parse(context.credential));
  } catch {
    throw new BillingError("credential", "This is no service account key: it has to be the whole JSON file.");
  }
}

async function signIn(context: BillingContext): Promise<{ project: string; authorization: string }> {
  const { client_email, private_key, project_id } = accountOf(context);
  const now = Math.floor(context.now() / 1000);
  const scope = "https://www.googleapis.com/auth/bigquery.readonly";
  const claims = { iss: client_email, scope, aud: "https://oauth2.googleapis.com/token", iat: now, exp: now + 3600 };
  const assertion = await signJwt(claims, private_key).catch(() => {
    throw new BillingError("credential", "The private key in the service account file cannot be read.");
  });
  const body = new URLSearchParams({ grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer", assertion }).toString();
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  const { access_token } = await readBilling(
    context,
    { who: "Google", url: `${context.baseUrls.login}/token`, method: "POST", headers, body },
    Token,
  );
  return { project: project_id, authorization: `Bearer ${access_token}` };
}

/** The table's name stands in the statement itself, where no parameter can: only its plain form is let through. */
function tableOf(context: BillingContext): string {
  const table = String(context.settings.table ?? "").replaceAll("`", "");
  if (!/^[a-z][a-z0-9-]{3,60}\.\w{1,200}\.[\w-]{1,200}$/i.test(table)) {
    throw new BillingError("settings", "The table has to be named project.dataset.table.");
  }
  return table;
}

const statement = (table: string) => `
  select format_date('%F', date(usage_start_time)) as day, project.id as project, sku.description as sku, usage.unit as unit,
    cast(sum(cast(usage.amount as bignumeric)) as string) as quantity,
    cast(sum((cast(cost as bignumeric) + ifnull((select sum(cast(c.amount as bignumeric)) from unnest(credits) c), 0))
      / cast(ifnull(currency_conversion_rate, 1) as bignumeric)) as string) as amount
  from \`${table}\`
  where usage_start_time >= timestamp(@from) and usage_start_time < timestamp(@to)
    and regexp_contains(service.description, r'(?i)vertex ai|gemini|generative language')
  group by day, project, sku, unit order by day, project, sku, unit`;

async function run(context: BillingContext, { from, to }: BillingWindow, put: (line: z.infer<typeof Line>) => void): Promise<void> {
  const query = statement(tableOf(context));
  const { project, authorization } = await signIn(context);
  const base = `${context.baseUrls.api}/bigquery/v2/projects/${encodeURIComponent(project)}/queries`;
  const headers = { authorization, "content-type": "application/json" };
  const parameters = Object.entries({ from, to }).map(([name, value]) => ({
    name,
    parameterType: { type: "STRING" },
    parameterValue: { value },
  }));
  const body = JSON.stringify({
    query,
    useLegacySql: false,
    parameterMode: "NAMED",
    queryParameters: parameters,
    maxResults: 10_000,
    timeoutMs: 20_000,
  });
  let page = await readBilling(context, { who: "BigQuery", url: base, method: "POST", headers, body }, Rows);
  const { jobId, location } = page.jobReference;
  const more = (fields: Record<string, string>) => {
    const url = `${base}/${encodeURIComponent(jobId)}?${new URLSearchParams({ location, maxResults: "10000", ...fields })}`;
    return readBilling(context, { who: "BigQuery", url, headers }, Rows);
  };
  for (let poll = 0; !page.jobComplete; poll++) {
    if (poll === maxPolls) throw new BillingError("unavailable", "BigQuery did not finish the question in time.");
    await context.wait(1000);
    page = await more({});
  }
  await walkPages("BigQuery", async (cursor) => {
    if (cursor !== null) page = await more({ pageToken: cursor });
    for (const { f } of page.rows ?? []) {
      const line = Line.safeParse(f.map(({ v }) => v));
      if (!line.success) throw new BillingError("malformed", "A row of the billing export has another shape than expected.");
      put(line.data);
    }
    return page.pageToken ?? null;
  });
}

export const googleBilling: BillingAdapter = {
  provider: "google",
  baseUrls: { api: "https://bigquery.googleapis.com", login: "https://oauth2.googleapis.com" },

  async test(context) {
    const today = toDay(context.now());
    await run(context, { from: today, to: toDay(context.now() + 86_400_000) }, () => {});
  },

  async report(context, window) {
    const usage = usageBuckets();
    const costs = billedLines();
    await run(context, window, ([day, project, sku, unit, quantity, amount]) => {
      const component = componentOf(sku);
      const model = modelOf(sku);
      costs.put({ day, project, provider_key: "", line_item: `${sku} · ${unit}`, model, component, amount });
      const per = tokensPer(unit);
      const counted = unitOf(component);
      if (per === null || counted === null || model === "") return;
      const bucket = { day, project: `${project} · ${sku}`, provider_key: "", model, service_tier: tierOfLine(sku), region: "" };
      usage.put({ ...bucket, unit: counted, quantity: new Decimal(quantity).times(per).toFixed() });
    });
    return { usage: usage.rows(), costs: costs.rows() };
  },
};
