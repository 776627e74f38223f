// Azure Cost Management: what Azure OpenAI cost by day, resource and meter.
// https://learn.microsoft.com/rest/api/cost-management/query/usage

import { Decimal } from "decimal.js";
import { z } from "zod";
import { type BillingAdapter, type BillingContext, BillingError, type BillingWindow, billedLines, usageBuckets } from "./billing.ts";
import { ExactDecimal, readBilling, toDay, walkPages } from "./billing-http.ts";
import { componentOf, modelOf, tierOfLine, unitOf } from "./cloud-line.ts";

const Token = z.object({ access_token: z.string() });
const Page = z.object({
  properties: z.object({
    nextLink: z.string().nullish(),
    columns: z.array(z.object({ name: z.string() })),
    rows: z.array(z.array(z.union([z.string(), z.number(), z.null()]))),
  }),
});
const Row = z.object({
  CostUSD: ExactDecimal,
  UsageQuantity: ExactDecimal,
  UsageDate: z
    .union([z.string(), z.number()])
    .transform((value) => String(value).replace(/^(\d{4})(\d\d)(\d\d)$/, "$1-$2-$3"))
    .pipe(z.iso.date()),
  ResourceId: z.string(),
  Meter: z.string(),
  UnitOfMeasure: z.string(),
});

const Settings = z.object({ tenant_id: z.uuid(), client_id: z.uuid(), subscription_id: z.uuid() });

function settingsOf(context: BillingContext): z.infer<typeof Settings> {
  const read = Settings.safeParse(context.settings);
  if (read.success) return read.data;
  throw new BillingError(
    "settings",
    `${String(read.error.issues[0]?.path[0] ?? "A setting").replaceAll("_", " ")} has to be an id like 00000000-….`,
  );
}

async function signIn(context: BillingContext): Promise<string> {
  const { tenant_id, client_id } = settingsOf(context);
  const url = `${context.baseUrls.login}/${tenant_id}/oauth2/v2.0/token`;
  const scope = "https://management.azure.com/.default";
  const body = new URLSearchParams({ grant_type: "client_credentials", client_id, client_secret: context.credential, scope }).toString();
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  return (await readBilling(context, { who: "Microsoft Entra", url, method: "POST", headers, body }, Token)).access_token;
}

async function run(context: BillingContext, { from, to }: BillingWindow, put: (row: z.infer<typeof Row>) => void): Promise<void> {
  const { subscription_id } = settingsOf(context);
  const authorization = `Bearer ${await signIn(context)}`;
  const path = `/subscriptions/${subscription_id}/providers/Microsoft.CostManagement/query?api-version=2023-11-01`;
  const last = toDay(Date.parse(`${to}T00:00:00Z`) - 86_400_000);
  const body = JSON.stringify({
    type: "ActualCost",
    timeframe: "Custom",
    // Both ends belong to the period.
    timePeriod: { from: `${from}T00:00:00Z`, to: `${last}T23:59:59Z` },
    dataset: {
      granularity: "Daily",
      aggregation: { cost: { name: "CostUSD", function: "Sum" }, quantity: { name: "UsageQuantity", function: "Sum" } },
      grouping: ["ResourceId", "Meter", "UnitOfMeasure"].map((name) => ({ type: "Dimension", name })),
      filter: { dimensions: { name: "ServiceName", operator: "In", values: ["Cognitive Services", "Azure OpenAI", "Foundry Models"] } },
    },
  });
  await walkPages("Azure", async (cursor) => {
    // The next page is named by its whole address: only one of the same host gets the token.
    const url = new URL(cursor ?? path, context.baseUrls.api);
    if (url.origin !== new URL(context.baseUrls.api ?? "").origin)
      throw new BillingError("malformed", "Azure names a next page elsewhere.");
    const headers = { authorization, "content-type": "application/json" };
    const { properties } = await readBilling(context, { who: "Azure", url: url.href, method: "POST", headers, body }, Page);
    for (const cells of properties.rows) {
      const row = Row.safeParse(Object.fromEntries(properties.columns.map(({ name }, place) => [name, cells[place]])));
      if (!row.success)
        throw new BillingError(
          "malformed",
          `A row of Azure's answer has another shape than expected, at ${row.error.issues[0]?.path.join(".")}.`,
        );
      put(row.data);
    }
    return properties.nextLink || null;
  });
}

/** `1K`, `1M`, `100`, `1 Hour` → how many tokens; null for hours and the like. */
function tokensPerMeasure(measure: string): string | null {
  const match = /^([\d,.]+)\s*([KM])?(?:\s*tokens?)?$/i.exec(measure.trim());
  if (!match?.[1]) return null;
  const scale = { K: 1000, M: 1_000_000 }[match[2]?.toUpperCase() ?? ""] ?? 1;
  return new Decimal(match[1].replaceAll(",", "")).times(scale).toFixed();
}

export const azureBilling: BillingAdapter = {
  provider: "azure",
  baseUrls: { api: "https://management.azure.com", login: "https://login.microsoftonline.com" },

  async test(context) {
    const yesterday = toDay(context.now() - 86_400_000);
    await run(context, { from: yesterday, to: toDay(context.now()) }, () => {});
  },

  async report(context, window) {
    const usage = usageBuckets();
    const costs = billedLines();
    await run(context, window, ({ CostUSD, UsageQuantity, UsageDate: day, ResourceId, Meter, UnitOfMeasure }) => {
      const component = componentOf(Meter);
      const model = modelOf(Meter);
      const project = ResourceId.split("/").at(-1) ?? "";
      costs.put({
        day,
        project: ResourceId,
        provider_key: "",
        line_item: `${Meter} · ${UnitOfMeasure}`,
        model,
        component,
        amount: CostUSD,
      });
      const per = tokensPerMeasure(UnitOfMeasure);
      const unit = unitOf(component);
      if (per === null || unit === null || model === "") return;
      const bucket = { day, project: `${project} · ${Meter}`, provider_key: "", model, service_tier: tierOfLine(Meter), region: "" };
      usage.put({ ...bucket, unit, quantity: new Decimal(UsageQuantity).times(per).toFixed() });
    });
    return { usage: usage.rows(), costs: costs.rows() };
  },
};
