/** What a call is for. Given per instance, per derived instance (`with`) or per call; the nearest wins, objects are merged. */
export type CallMetadata = {
  feature?: string;
  /** The customer's end user. */
  userId?: string;
  /** Id or slug of a team of the key's organization. */
  teamId?: string;
  /** Id or slug of a project of the key's organization. */
  projectId?: string;
  environment?: string;
  sessionId?: string;
  traceId?: string;
  /** Groups attempts and steps that serve one logical operation. The client's own retries get one by themselves. */
  operationId?: string;
  tags?: Record<string, string>;
  /** Free JSON, at most 16 KB and 64 keys. */
  metadata?: Record<string, unknown>;
};

export function mergeMetadata(base: CallMetadata, over: CallMetadata): CallMetadata {
  const merged: CallMetadata = { ...base, ...withoutUndefined(over) };
  if (base.tags && over.tags) merged.tags = { ...base.tags, ...over.tags };
  if (base.metadata && over.metadata) merged.metadata = { ...base.metadata, ...over.metadata };
  return merged;
}

/** The fields as the API names them, within its limits: a label that is too long must not cost the numbers it labels. */
export function wireMetadata(data: CallMetadata) {
  return {
    feature: label(data.feature),
    user_id: label(data.userId),
    team_id: label(data.teamId),
    project_id: label(data.projectId),
    environment: label(data.environment, 64),
    session_id: label(data.sessionId),
    trace_id: label(data.traceId),
    operation_id: label(data.operationId),
    tags: data.tags && Object.fromEntries(Object.entries(data.tags).map(([name, value]) => [name, String(value)])),
    metadata: data.metadata,
  };
}

/** What JavaScript callers pass is not always text. */
function label(value: unknown, length = 200): string | undefined {
  if (typeof value === "string") return value.slice(0, length);
  return typeof value === "number" || typeof value === "boolean" || typeof value === "bigint" ? String(value) : undefined;
}

const withoutUndefined = (data: CallMetadata): CallMetadata =>
  Object.fromEntries(Object.entries(data).filter(([, value]) => value !== undefined));
