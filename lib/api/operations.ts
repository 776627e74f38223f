import type { z } from "zod";
import { ExportQuery } from "../exports/schema.ts";
import * as examples from "./examples.ts";
import {
  CostsAnswer,
  CostsQuery,
  OverviewAnswer,
  PricesAnswer,
  PricesQuery,
  RequestAnswer,
  RequestsAnswer,
  RequestsQuery,
  UsageAnswer,
  UsageQuery,
} from "./schema.ts";

/** One thing that can be asked: the document is written from it, and the door answers it. */
export type Operation = {
  path: string;
  id: string;
  summary: string;
  description: string;
  query?: z.ZodObject;
  /** What is answered as JSON, with an example; or the media types of a stream. */
  answer?: z.ZodType;
  example?: unknown;
  stream?: string[];
};

export const operations: Operation[] = [
  {
    path: "/api/v1/overview",
    id: "getOverview",
    summary: "The first page in one document",
    description:
      "Today and this month beside the same part of yesterday and last month, by day and provider, top consumers, the last hour.",
    answer: OverviewAnswer,
    example: examples.overview,
  },
  {
    path: "/api/v1/costs",
    id: "getCosts",
    summary: "What was spent, by time and dimension",
    description: "Parts sum exactly to the total. Amounts are decimal strings in US dollars; requests without a known price are in no sum.",
    query: CostsQuery,
    answer: CostsAnswer,
    example: examples.costs,
  },
  {
    path: "/api/v1/usage",
    id: "getUsage",
    summary: "What was used, by time and dimension",
    description: "Requests, errors, tokens and latency. input_tokens and output_tokens include their parts.",
    query: UsageQuery,
    answer: UsageAnswer,
    example: examples.usage,
  },
  {
    path: "/api/v1/requests",
    id: "listRequests",
    summary: "Single requests, newest first",
    description: "Pages by cursor over (timestamp, id): what arrives while you page shifts nothing.",
    query: RequestsQuery,
    answer: RequestsAnswer,
    example: examples.requests,
  },
  {
    path: "/api/v1/requests/{request_id}",
    id: "getRequest",
    summary: "One request with its receipt",
    description: "The amounts of the receipt sum to the cost.",
    answer: RequestAnswer,
    example: examples.request,
  },
  {
    path: "/api/v1/prices",
    id: "listPrices",
    summary: "The price book: list prices and yours",
    description: "By provider, model, unit, tier, input size and time. Rates are US dollars for `per` units.",
    query: PricesQuery,
    answer: PricesAnswer,
    example: examples.prices,
  },
  {
    path: "/api/v1/exports",
    id: "exportUsage",
    summary: "Everything, as a file",
    description:
      "Streams any number of rows as CSV, JSON lines, Parquet or FOCUS 1.2. Costs sum to those of /costs for the same window, to the last digit. A connection that breaks in the middle means that the file is not whole.",
    query: ExportQuery,
    stream: ["text/csv", "application/jsonl", "application/vnd.apache.parquet"],
  },
];
