// AWS Cost Explorer: what Bedrock cost by day, service and usage type. Models of third parties are services of their own
// ("Claude 3.5 Sonnet (Amazon Bedrock Edition)"), so that every service is asked for and those of Bedrock are kept.
// https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_GetCostAndUsage.html
import { Decimal } from "decimal.js";
import { z } from "zod";
import { signAws } from "./aws-signature.ts";
import { type BillingAdapter, type BillingContext, BillingError, type BillingWindow, billedLines, usageBuckets } from "./billing.ts";
import { ExactDecimal, readBilling, toDay, walkPages } from "./billing-http.ts";
import { componentOf, modelOf, tierOfLine, tokensPer, unitOf } from "./cloud-line.ts";

const Metric = z.object({ Amount: ExactDecimal, Unit: z.string() });
const Page = z.object({
  ResultsByTime: z.array(
    z.object({
      TimePeriod: z.object({ Start: z.string().regex(/^\d{4}-\d\d-\d\d/) }),
      Groups: z.array(
        z.object({ Keys: z.tuple([z.string(), z.string()]), Metrics: z.object({ UnblendedCost: Metric, UsageQuantity: Metric }) }),
      ),
    }),
  ),
  NextPageToken: z.string().nullish(),
});

const Credential = z.object({ access_key_id: z.string(), secret_access_key: z.string() });

// Cost Explorer answers from one region for all.
const region = "us-east-1";

async function ask(context: BillingContext, { from, to }: BillingWindow, cursor: string | null): Promise<z.infer<typeof Page>> {
  const url = `${context.baseUrls.api}/`;
  const headers = { "content-type": "application/x-amz-json-1.1", "x-amz-target": "AWSInsightsIndexService.GetCostAndUsage" };
  const body = JSON.stringify({
    TimePeriod: { Start: from, End: to },
    Granularity: "DAILY",
    Metrics: ["UnblendedCost", "UsageQuantity"],
    GroupBy: ["SERVICE", "USAGE_TYPE"].map((Key) => ({ Type: "DIMENSION", Key })),
    ...(cursor === null ? {} : { NextPageToken: cursor }),
  });
  const credential = Credential.parse(JSON.parse(context.credential));
  const signed = await signAws({ url, region, service: "ce", headers, body }, credential, context.now());
  return readBilling(context, { who: "AWS Cost Explorer", url, method: "POST", headers: signed, body }, Page);
}

export const awsBilling: BillingAdapter = {
  provider: "aws",
  baseUrls: { api: "https://ce.us-east-1.amazonaws.com" },

  async test(context) {
    const today = toDay(context.now());
    await ask(context, { from: toDay(context.now() - 86_400_000), to: today }, null);
  },

  async report(context, window) {
    const usage = usageBuckets();
    const costs = billedLines();
    await walkPages("AWS Cost Explorer", async (cursor) => {
      const page = await ask(context, window, cursor);
      for (const { TimePeriod, Groups } of page.ResultsByTime) {
        const day = TimePeriod.Start.slice(0, 10);
        for (const { Keys, Metrics } of Groups) {
          const [service, usageType] = Keys;
          if (!/bedrock/i.test(service)) continue;
          const { UnblendedCost: cost, UsageQuantity: quantity } = Metrics;
          if (cost.Unit !== "USD") throw new BillingError("malformed", `AWS bills in ${cost.Unit}, not in US dollars.`);
          const line = `${service} · ${usageType}`;
          const component = componentOf(usageType);
          const model = modelOf(line);
          if (cost.Amount !== "0")
            costs.put({ day, project: "", provider_key: "", line_item: line, model, component, amount: cost.Amount });
          const per = tokensPer(quantity.Unit);
          const unit = unitOf(component);
          if (per === null || unit === null || model === "") continue;
          const bucket = { day, project: line, provider_key: "", model, service_tier: tierOfLine(usageType), region: "" };
          usage.put({ ...bucket, unit, quantity: new Decimal(quantity.Amount).times(per).toFixed() });
        }
      }
      return page.NextPageToken ?? null;
    });
    return { usage: usage.rows(), costs: costs.rows() };
  },
};
