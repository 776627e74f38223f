import { fileURLToPath } from "node:url";
import { runServer } from "./lib/server/run.ts";

/**
 * The one process of the product: `node server.ts`, or `node server.ts --dev` while developing. Machine doors are answered directly,
 * pages by Next, on one port.
 */
const isDevelopment = process.argv.includes("--dev");
Object.assign(process.env, { NODE_ENV: isDevelopment ? "development" : "production" });

await runServer(async (httpServer, port) => {
  const { default: next } = await import("next");
  const app = next({ dev: isDevelopment, dir: fileURLToPath(new URL(".", import.meta.url)), httpServer, port });
  await app.prepare();
  const handle = app.getRequestHandler();
  return {
    listener: (request, response) => void handle(request, response),
    close: () => app.close(),
  };
});
