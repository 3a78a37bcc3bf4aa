/**
 * What lists in Temporal's UI can filter by. Closed values only: ids of the configuration, never
 * agent text. Registered before a worker starts; an unregistered one would fail a workflow for ever.
 */
export const SEARCH_ATTRIBUTES = {
  CountersignStatus: { name: "CountersignStatus", type: "KEYWORD" },
  ActionType: { name: "ActionType", type: "KEYWORD" },
  AgentId: { name: "AgentId", type: "KEYWORD" },
  Target: { name: "Target", type: "KEYWORD" },
  Environment: { name: "Environment", type: "KEYWORD" },
  PolicyRule: { name: "PolicyRule", type: "KEYWORD" },
  WaitingFor: { name: "WaitingFor", type: "KEYWORD_LIST" },
  DecideBy: { name: "DecideBy", type: "DATETIME" },
  ApprovalsMissing: { name: "ApprovalsMissing", type: "INT" },
} as const;

/** Most groups one request lists as waited for. */
export const WAITING_FOR_MAX = 20;
