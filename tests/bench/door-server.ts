/**
 * The product's server without its pages, so that a benchmark or a crash test needs no build: the same listener, doors, pools and log
 * as `server.ts`, which adds Next to them.
 */
import { runServer } from "../../lib/server/run.ts";

await runServer(null);
