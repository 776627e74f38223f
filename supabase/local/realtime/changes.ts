// From committed row changes to subscribers: who asked for the row, who may see it.
import type { Sql } from "postgres";
import { assume, sqlStateOf } from "./authorization.ts";
import { type Change, changeMessage, refusedMessage } from "./change-message.ts";
import { passes } from "./changes-filter.ts";
import { isAbout, type Subscription } from "./changes-subscription.ts";
import type { Channel } from "./channel.ts";
import type { Hub } from "./hub.ts";
import type { Relation } from "./relation.ts";

/** Changes of one table that one person may have to see, and, once asked, which of them that person does see. */
type Audience = { channel: Channel; relation: Relation; changes: Set<Change>; visible: Set<Change> };

type Delivery = { change: Change; channel: Channel; subscriptions: Subscription[]; audience: Audience };

/**
 * Delivers changes in commit order. Visibility is asked once per batch, table and person, not once per row:
 * everybody with the same claims shares the answer.
 */
export async function deliverChanges(sql: Sql, hub: Hub, changes: Change[], onError: (error: unknown) => void): Promise<void> {
  const listeners = [...hub.all()]
    .filter((channel) => channel.subscriptions.length > 0)
    .map((channel) => ({ channel, person: JSON.stringify(channel.identity) }));
  const audiences = new Map<string, Audience>();
  const deliveries: Delivery[] = [];
  for (const change of changes) {
    for (const { channel, person } of listeners) {
      const subscriptions = channel.subscriptions.filter((subscription) => isWanted(subscription, change));
      if (subscriptions.length === 0) continue;
      const { relation } = change;
      const key = `${relation.schema}.${relation.table} ${person}`;
      const audience = audiences.get(key) ?? { channel, relation, changes: new Set(), visible: new Set() };
      audiences.set(key, audience);
      audience.changes.add(change);
      deliveries.push({ change, channel, subscriptions, audience });
    }
  }
  await Promise.all([...audiences.values()].map((audience) => findVisible(sql, audience).catch(onError)));
  for (const delivery of deliveries) await deliver(delivery).catch(onError);
}

function isWanted(subscription: Subscription, { type, relation, record, old }: Change): boolean {
  if (!isAbout(subscription, type, relation.schema, relation.table)) return false;
  return passes(subscription.conditions, record ?? old ?? {}, relation.types);
}

/** Row-level security as the subscriber: can that role with those claims select the row, by its key, now? */
async function findVisible(sql: Sql, { channel, relation, changes, visible }: Audience): Promise<void> {
  const living = [...changes].filter((change) => change.type !== "DELETE");
  if (!relation.isIsolated || relation.keys.length === 0) {
    for (const change of changes) visible.add(change);
    return;
  }
  for (const change of changes) if (change.type === "DELETE") visible.add(change);
  if (living.length === 0) return;

  const names = relation.keys.map((_, index) => `k${index}`);
  const cells = relation.keys.map((key) => living.map((change) => change.record?.[key.name] ?? null));
  const matches = relation.keys.map((key, index) => `t.${quote(key.name)} = p.k${index}::${key.sqlType}`);
  const rows = await sql
    .begin(async (tx) => {
      await assume(tx, channel.identity, "");
      return tx.unsafe<{ n: number }[]>(
        `select p.n::int as n from unnest(${cells.map((_, index) => `$${index + 1}::text[]`).join(", ")})
           with ordinality as p(${names.join(", ")}, n)
         where exists (select from ${quote(relation.schema)}.${quote(relation.table)} t where ${matches.join(" and ")})`,
        cells,
      );
    })
    .catch((error: unknown) => {
      // No right on the table or its schema: deliver() tells the subscriber so.
      if (sqlStateOf(error) === "42501") return [];
      throw error;
    });
  for (const { n } of rows) visible.add(living[n - 1]!);
}

async function deliver({ change, channel, subscriptions, audience }: Delivery): Promise<void> {
  const { relation, type } = change;
  const columns = await relation.columnsOf(channel.identity.claims.role);
  const send = (group: Subscription[], data: unknown) =>
    channel.push("postgres_changes", { ids: group.map((subscription) => subscription.id), data });

  if (type !== "DELETE" && relation.isIsolated && relation.keys.length === 0) {
    return send(subscriptions, refusedMessage(change, "Error 400: Bad Request, no primary key"));
  }
  if (columns.size === 0 || (type !== "DELETE" && relation.keys.some((key) => !columns.has(key.name)))) {
    return send(subscriptions, refusedMessage(change, "Error 401: Unauthorized"));
  }
  if (!audience.visible.has(change)) return;
  const selections = new Set(subscriptions.map(selectionOf));
  for (const selection of selections) {
    const group = subscriptions.filter((subscription) => selectionOf(subscription) === selection);
    send(group, changeMessage(change, columns, group[0]!.binding.select));
  }
}

const selectionOf = ({ binding }: Subscription): string => (binding.select ? [...binding.select].sort().join() : "");

const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;
