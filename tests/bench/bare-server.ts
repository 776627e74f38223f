/**
 * What the machine gives at most: the same library as the door, reading the same JSON and answering as the door does, with nothing in
 * between. Prints its port.
 */
import { createServer } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { Hono } from "hono";
import { listen } from "../../lib/server/http-server.ts";

const app = new Hono();
app.post("/api/sdk/v1/track", async (c) => {
  const { events } = await c.req.json<{ events: unknown[] }>();
  return c.json({ accepted: events.length, duplicates: 0, rejected: [] });
});
const server = createServer(getRequestListener(app.fetch, { overrideGlobalObjects: false }));
process.stdout.write(`${await listen(server, 0, "127.0.0.1")}\n`);
