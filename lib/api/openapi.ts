import { z } from "zod";
import { errorTable } from "../core/errors.ts";
import { type Operation, operations } from "./operations.ts";

type Json = Record<string, unknown>;

/** JSON Schema 2020-12 of a zod schema, which is what OpenAPI 3.1 speaks. The pattern behind a date-time says less than its name. */
function jsonSchema(schema: z.ZodType, io: "input" | "output"): Json {
  const {
    $schema: _,
    additionalProperties: __,
    ...rest
  } = z.toJSONSchema(schema, {
    io,
    override: ({ jsonSchema: found }) => {
      if (found.format === "date-time" || found.format === "uuid") delete found.pattern;
    },
  }) as Json;
  return rest;
}

function parameters({ path, query }: Operation): Json[] {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string", maxLength: 200 },
  }));
  if (query === undefined) return inPath;
  const { properties = {} } = jsonSchema(query, "input") as { properties?: Record<string, Json> };
  const inQuery = Object.entries(properties).map(([name, { description, ...schema }]) => ({
    name,
    in: "query",
    ...(description === undefined ? {} : { description }),
    ...(schema.type === "array" ? { style: "form", explode: true } : {}),
    schema,
  }));
  return [...inPath, ...inQuery];
}

const text = { type: "string" };

const errorSchema = {
  type: "object",
  required: ["error"],
  properties: {
    error: {
      type: "object",
      required: ["code", "type", "message", "param", "request_id"],
      properties: {
        code: { type: "string", enum: Object.keys(errorTable) },
        type: text,
        message: text,
        param: { type: ["string", "null"], description: "The parameter at fault." },
        request_id: { ...text, description: "The same as the x-request-id header." },
      },
    },
  },
};

const refusals = {
  400: "invalid",
  401: "unauthenticated",
  403: "forbidden",
  404: "not_found",
  429: "rate_limited",
  503: "unavailable",
} as const;

const responses = Object.fromEntries(
  Object.values(refusals).map((code) => [
    code,
    {
      description: errorTable[code].message,
      ...(errorTable[code].retry ? { headers: { "Retry-After": { description: "Seconds.", schema: { type: "integer" } } } } : {}),
      content: { "application/json": { schema: { $ref: "#/components/schemas/Error" } } },
    },
  ]),
);

const limitHeaders = {
  "RateLimit-Policy": { description: "What may be asked: q requests in w seconds.", schema: text },
  RateLimit: { description: "What is left: r requests, all back in t seconds.", schema: text },
};

function describe(operation: Operation): Json {
  const { id, summary, description, answer, example, stream } = operation;
  const name = `${id.charAt(0).toUpperCase()}${id.slice(1)}Answer`;
  const content =
    answer === undefined
      ? Object.fromEntries((stream ?? []).map((media) => [media, { schema: text }]))
      : { "application/json": { schema: { $ref: `#/components/schemas/${name}` }, example } };
  return {
    operationId: id,
    summary,
    description,
    parameters: parameters(operation),
    responses: {
      200: { description: summary, headers: limitHeaders, content },
      ...Object.fromEntries(Object.entries(refusals).map(([status, code]) => [status, { $ref: `#/components/responses/${code}` }])),
    },
  };
}

/** The OpenAPI 3.1 document of this API, written from the schemas that validate it. */
export function openApiDocument(): Json {
  const schemas = operations.flatMap(({ id, answer }) =>
    answer === undefined ? [] : [[`${id.charAt(0).toUpperCase()}${id.slice(1)}Answer`, jsonSchema(answer, "output")]],
  );
  return {
    openapi: "3.1.0",
    info: {
      title: "TokenTRA API",
      version: "1",
      description:
        "What your organization spends on language models. Windows are half-open, amounts are exact decimal strings in US dollars.",
    },
    servers: [{ url: "/" }],
    security: [{ apiKey: [] }],
    paths: Object.fromEntries(operations.map((operation) => [operation.path, { get: describe(operation) }])),
    components: {
      securitySchemes: { apiKey: { type: "http", scheme: "bearer", description: "An API key of scope read: tt_live_… or tt_test_…" } },
      schemas: { Error: errorSchema, ...Object.fromEntries(schemas) },
      responses,
    },
  };
}
