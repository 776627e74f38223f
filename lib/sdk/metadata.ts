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

/** The fields as the API names them. */
export function wireMetadata(data: CallMetadata) {
  return {
    feature: data.feature,
    user_id: data.userId,
    team_id: data.teamId,
    project_id: data.projectId,
    environment: data.environment,
    session_id: data.sessionId,
    trace_id: data.traceId,
    operation_id: data.operationId,
    tags: data.tags,
    metadata: data.metadata,
  };
}

const withoutUndefined = (data: CallMetadata): CallMetadata =>
  Object.fromEntries(Object.entries(data).filter(([, value]) => value !== undefined));
