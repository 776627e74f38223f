import { TokenTRA, type TokenTRAOptions } from "../../lib/sdk/client.ts";
import { startTrackServer, type Tracked } from "./track-server.ts";
import { type Answer, startVendor } from "./vendor-server.ts";

/** A vendor that answers as told, an ingest door that takes everything, and the SDK between them. */
export async function metered(answers: Answer[], options: Partial<TokenTRAOptions> = {}, start = startVendor) {
  const vendor = await start(...answers);
  const door = await startTrackServer();
  const drops: unknown[] = [];
  const tokentra = new TokenTRA({ apiKey: "tt_test_key", baseUrl: door.url, onDrop: (drop) => drops.push(drop), ...options });
  return {
    vendor,
    tokentra,
    drops,
    /** What reached the door, once `count` events did. */
    async events(count = 1): Promise<Tracked[]> {
      for (const deadline = Date.now() + 5_000; Date.now() < deadline && tokentra.pending + door.events.length < count; ) {
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      await tokentra.flush();
      if (door.events.length !== count) throw new Error(`expected ${count} events, got ${JSON.stringify(door.events)}`);
      return door.events;
    },
    async [Symbol.asyncDispose]() {
      await tokentra.shutdown();
      await vendor.close();
      await door.close();
    },
  };
}
