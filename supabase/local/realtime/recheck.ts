// A member who was removed must not go on listening: open private channels are asked again, all of them in few transactions.
import { readPermissions, sqlStateOf } from "./authorization.ts";
import type { Channel } from "./channel.ts";
import { type Realtime, shutDown } from "./context.ts";

const QUESTIONS_PER_TRANSACTION = 100;

/** Asks the read policy for every open private channel once and closes those that may no longer be read. */
export async function recheckPrivateChannels(realtime: Realtime): Promise<void> {
  const sharing = new Map<string, Channel[]>();
  for (const channel of realtime.hub.all()) {
    if (!channel.options.isPrivate) continue;
    const key = `${channel.topic} ${JSON.stringify(channel.identity)}`;
    const group = sharing.get(key);
    if (group) group.push(channel);
    else sharing.set(key, [channel]);
  }
  const groups = [...sharing.values()];
  for (let start = 0; start < groups.length; start += QUESTIONS_PER_TRANSACTION) {
    await recheck(realtime, groups.slice(start, start + QUESTIONS_PER_TRANSACTION));
  }
}

/** One failing policy would fail the whole transaction: then each group is asked by itself. */
async function recheck(realtime: Realtime, groups: Channel[][]): Promise<void> {
  const questions = groups.map(([channel]) => ({ identity: channel!.identity, topic: channel!.name }));
  const identities = questions.map(({ identity }) => JSON.stringify(identity));
  try {
    const answers = await readPermissions(realtime.sql, questions);
    answers.forEach((read, index) => {
      for (const channel of groups[index]!) {
        // A token that was refreshed meanwhile has been asked for by itself.
        if (JSON.stringify(channel.identity) !== identities[index]) continue;
        channel.read = read;
        channel.write = undefined;
        if (!read.broadcast && !read.presence) revoke(realtime, channel);
      }
    });
  } catch (error) {
    if (groups.length > 1) for (const group of groups) await recheck(realtime, [group]);
    else if (isPolicyFailure(error)) for (const channel of groups[0]!) revoke(realtime, channel);
    else realtime.log("private channels could not be checked again", error);
  }
}

function revoke(realtime: Realtime, channel: Channel): void {
  if (realtime.hub.has(channel))
    shutDown(realtime, channel, `You no longer have permission to read from this Channel topic: ${channel.name}`);
}

/** A lost connection, a shutdown or a time-out says nothing about permission, and while it lasts nothing is delivered either. */
function isPolicyFailure(error: unknown): boolean {
  const state = sqlStateOf(error);
  return state !== undefined && !/^(08|53|57|58)/.test(state);
}
