// A program's OpenTelemetry set-up: the real SDK with a real exporter, told where to send to as the documentation says.
import { context, propagation, trace } from "@opentelemetry/api";
import { OTLPTraceExporter as JsonExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { OTLPTraceExporter as ProtobufExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import { BatchSpanProcessor, NodeTracerProvider, SimpleSpanProcessor, type SpanExporter } from "@opentelemetry/sdk-trace-node";

export type Encoding = "http/json" | "http/protobuf";

type Options = { encoding?: Encoding; isGzip?: boolean; isBatched?: boolean };

function exporterFor(site: string, key: string, { encoding = "http/protobuf", isGzip = true }: Options) {
  const settings = {
    OTEL_EXPORTER_OTLP_ENDPOINT: `${site}/api/otlp`,
    OTEL_EXPORTER_OTLP_HEADERS: `authorization=Bearer%20${key}`,
    OTEL_EXPORTER_OTLP_COMPRESSION: isGzip ? "gzip" : "none",
  };
  Object.assign(process.env, settings);
  try {
    return encoding === "http/json" ? new JsonExporter() : new ProtobufExporter();
  } finally {
    for (const name of Object.keys(settings)) delete process.env[name];
  }
}

/** Lets one export end before the next begins: spans that go alone arrive in the order in which they ended, and do not race. */
function oneByOne(exporter: SpanExporter): SpanExporter {
  let last: Promise<void> = Promise.resolve();
  return {
    export(spans, done) {
      last = last.then(
        () =>
          new Promise((resolve) =>
            exporter.export(spans, (result) => {
              done(result);
              resolve();
            }),
          ),
      );
    },
    forceFlush: () => last,
    shutdown: () => last.then(() => exporter.shutdown()),
  };
}

/** Starts tracing. Batched, everything goes in one request when it stops; otherwise every span goes alone as it ends. */
export function startTracing(site: string, key: string, options: Options = {}) {
  const exporter = exporterFor(site, key, options);
  const processor = (options.isBatched ?? true) ? new BatchSpanProcessor(exporter) : new SimpleSpanProcessor(oneByOne(exporter));
  const provider = new NodeTracerProvider({ spanProcessors: [processor] });
  provider.register();
  return {
    provider,
    tracer: provider.getTracer("program"),
    /** Sends what is left and makes room for the next set-up. */
    async stop() {
      await provider.shutdown();
      trace.disable();
      context.disable();
      propagation.disable();
    },
  };
}
