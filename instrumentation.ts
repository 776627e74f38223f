import type { Instrumentation } from "next";

/** Ties the number that an error page shows to the request in the log. One JSON line, like every other line of the server. */
export const onRequestError: Instrumentation.onRequestError = async (error, request, context) => {
  if (process.env.NEXT_RUNTIME !== "nodejs") return;
  const { createPinoLog } = await import("./lib/log/pino-log.ts");
  const { describeError } = await import("./lib/log/log.ts");
  const digest = typeof error === "object" && error !== null && "digest" in error ? error.digest : undefined;
  const requestId = request.headers["x-request-id"];
  const log = createPinoLog(process.env.LOG_LEVEL ?? "info");
  log.error(
    {
      error_number: digest,
      request_id: requestId,
      method: request.method,
      path: request.path.split("?")[0],
      route: context.routePath,
      error: describeError(error),
    },
    "page failed",
  );
  log.flush();
};
