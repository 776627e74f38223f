import { as, makeApiKey, makeOrganization, type Organization } from "./people.ts";
import type { TestStack } from "./stack.ts";

export type StoredCall = Record<string, unknown> & { request_id: string };

/** An organization with a key, and what it has stored: whole records as its owner reads them, oldest first. */
export async function meteredOrganization(stack: TestStack) {
  const organization: Organization = await makeOrganization(stack);
  const key = await makeApiKey(stack, organization);
  return {
    organization,
    key,
    records: () =>
      as(
        stack,
        organization.owner,
        (tx) => tx<{ record: StoredCall }[]>`
          select public.usage_request(${organization.id}, r.request_id) as record
          from public.usage_requests(${organization.id}, now() - interval '40 days', now() + interval '1 day', p_limit => 1000) r
          order by r."timestamp"`,
      ).then((rows) => rows.map(({ record }) => record)),
    differences: () =>
      as(stack, organization.owner, (tx) => tx`select * from public.verify_usage(${organization.id})`).then((rows) => [...rows]),
  };
}
