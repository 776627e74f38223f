import type { Hono } from "hono";
import { z } from "zod";
import { AppError } from "../core/errors.ts";
import { createObservedApp, type DoorEnvironment, type DoorTools, refuseOtherMethods } from "../log/observe.ts";
import { type SyncTools, syncDue } from "./sync.ts";

export type SyncAppOptions = DoorTools & SyncTools & { path: string; open: (token: string) => Promise<boolean> };

const Call = z.object({ token: z.string().min(1).max(200) });

/** The worker's door: the scheduler posts a token that opens once, and the answer comes when nothing is due any more. */
export function createSyncApp(options: SyncAppOptions): Hono<DoorEnvironment> {
  const app = createObservedApp(options);
  app.post(options.path, async (context) => {
    const call = Call.safeParse(await context.req.json().catch(() => null));
    if (!call.success || !(await options.open(call.data.token))) throw new AppError("unauthenticated", "This call is not expected.");
    return context.json(await syncDue(options));
  });
  refuseOtherMethods(app, options.path, "POST");
  return app;
}
