import type { Workspace } from "../../../cli/dev/slack-double/double.ts";
import { messageProblems, viewProblems } from "./block-rules.ts";
import type { Fields } from "./driver.ts";
import { isFields, listOf } from "./text-rules.ts";

/** What `users.info` says of an account; the rest of a profile is the double's. */
export type UserFlags = {
  deleted?: boolean;
  is_bot?: boolean;
  is_restricted?: boolean;
  is_ultra_restricted?: boolean;
  is_invited_user?: boolean;
  is_stranger?: boolean;
  is_email_confirmed?: boolean;
  team_id?: string;
  profile?: { email?: string };
};

/** Slack as the double does not know it: what it refuses, and what it remembers. */
export type Strictness = {
  /** By user id. */
  users: Map<string, UserFlags>;
  /** Members by user group id. */
  userGroups: Map<string, string[]>;
  scopes: string[];
  /** No two posts into one conversation closer than this, in milliseconds; 0: no pace. */
  minimumPostMs: number;
  /** What each person's home shows. */
  homes: Map<string, Fields>;
  /** How long a trigger opens a view. */
  triggerMs: number;
  /** Everything that was refused because of its blocks; empty in a healthy run. */
  refusedBlocks: string[];
  /** Every post that arrived, when. */
  posts: { conversation: string; at: number; ts: string }[];
  /** A trigger that a person has just been given. */
  issue(trigger: string): void;
  /** An answer that needs no double; null: ask it. */
  refuse(method: string, args: Fields, token: string): Refusal | null;
  complete(method: string, args: Fields, answer: Fields): Fields;
};
export type Refusal = { status: number; retryAfter?: number; answer: Fields };

export const SCOPES = [
  ...["chat:write", "commands", "users:read", "users:read.email", "usergroups:read", "im:write"],
  ...["channels:history", "groups:history", "im:history", "channels:read", "groups:read"],
];

export function createStrictness(workspace: Workspace): Strictness {
  const triggers = new Map<string, { at: number; used: boolean }>();
  const metadata = new Map<string, unknown>();
  const lastPost = new Map<string, number>();
  const strict: Strictness = {
    users: new Map(),
    userGroups: new Map(),
    scopes: SCOPES,
    minimumPostMs: 0,
    homes: new Map(),
    triggerMs: 3_000,
    refusedBlocks: [],
    posts: [],
    issue: (trigger) => void triggers.set(trigger, { at: Date.now(), used: false }),
    refuse(method, args, token) {
      const { app } = workspace;
      if (token !== (method === "apps.connections.open" ? app.appToken : app.botToken)) return refusal("invalid_auth");
      const group = answerOfUserGroups(method, args, strict.userGroups);
      if (group !== null) return { status: 200, answer: group };
      const trigger = args.trigger_id === undefined ? null : spend(triggers, strict.triggerMs, args);
      if (trigger !== null) return refusal(trigger);
      const problems = problemsOf(method, args);
      if (problems.length > 0) {
        strict.refusedBlocks.push(...problems.map((problem) => `${method} ${problem}`));
        return refusal("invalid_blocks", { response_metadata: { messages: problems } });
      }
      if (method !== "chat.postMessage") return null;
      const conversation = String(args.channel);
      const now = Date.now();
      if (now - (lastPost.get(conversation) ?? 0) < strict.minimumPostMs) {
        return { status: 429, retryAfter: 1, answer: { ok: false, error: "ratelimited" } };
      }
      lastPost.set(conversation, now);
      return null;
    },
    complete(method, args, answer) {
      if (answer.ok !== true) return answer;
      switch (method) {
        case "chat.postMessage":
        case "chat.update": {
          const { channel, ts } = answer as { channel: string; ts: string };
          if (method === "chat.postMessage") strict.posts.push({ conversation: channel, at: Date.now(), ts });
          if (args.metadata !== undefined) metadata.set(`${channel} ${ts}`, args.metadata);
          return answer;
        }
        case "views.publish":
          strict.homes.set(String(args.user_id), answer.view as Fields);
          return answer;
        case "conversations.history":
        case "conversations.replies":
          return historyOf(args, answer, (ts) => metadata.get(`${String(args.channel)} ${ts}`));
        case "users.info":
          return { ...answer, user: flagged(answer.user as Fields, strict.users.get(String(args.user)) ?? {}) };
        case "users.lookupByEmail":
          return { ...answer, user: flagged(answer.user as Fields, strict.users.get(userId(answer.user)) ?? {}) };
        default:
          return answer;
      }
    },
  };
  return strict;
}

function refusal(error: string, more: Fields = {}): Refusal {
  return { status: 200, answer: { ok: false, error, ...more } };
}

function problemsOf(method: string, args: Fields): string[] {
  if (method === "views.open" || method === "views.push" || method === "views.update" || method === "views.publish") {
    return viewProblems(args.view);
  }
  const posts = ["chat.postMessage", "chat.update", "chat.postEphemeral", "response_url"].includes(method);
  return posts && args.delete_original === undefined ? messageProblems(args) : [];
}

function spend(triggers: Map<string, { at: number; used: boolean }>, limitMs: number, args: Fields): string | null {
  const trigger = triggers.get(String(args.trigger_id));
  if (trigger === undefined) return "invalid_trigger_id";
  if (Date.now() - trigger.at > limitMs) return "expired_trigger_id";
  if (trigger.used) return "exchanged_trigger_id";
  trigger.used = true;
  return null;
}

function answerOfUserGroups(method: string, args: Fields, groups: Map<string, string[]>): Fields | null {
  if (method === "usergroups.users.list") {
    const users = groups.get(String(args.usergroup));
    return users === undefined ? { ok: false, error: "no_such_subteam" } : { ok: true, users };
  }
  if (method !== "usergroups.list") return null;
  const usergroups = [...groups].map(([id, users]) => ({ id, handle: id.toLowerCase(), name: id, users }));
  return { ok: true, usergroups };
}

function flagged(user: Fields, { profile, ...flags }: UserFlags): Fields {
  const usual = { is_restricted: false, is_ultra_restricted: false, is_email_confirmed: true, is_app_user: false };
  return { ...usual, ...user, ...flags, profile: { ...(user.profile as Fields), ...profile } };
}

function userId(user: unknown): string {
  return isFields(user) ? String(user.id) : "";
}

/** The double gives everything, whatever was asked: here the window, the pages and the metadata are Slack's. */
function historyOf(args: Fields, answer: Fields, metadataOf: (ts: string) => unknown): Fields {
  const inclusive = String(args.inclusive) === "true";
  const within = (ts: string) => {
    const { oldest, latest } = args;
    if (oldest !== undefined && (inclusive ? ts < String(oldest) : ts <= String(oldest))) return false;
    return latest === undefined || (inclusive ? ts <= String(latest) : ts < String(latest));
  };
  const all = listOf(answer.messages).filter(({ ts, subtype }) => within(String(ts)) && subtype !== "ephemeral");
  const from = Number(args.cursor ?? 0);
  const page = all.slice(from, from + Number(args.limit ?? 100));
  const more = from + page.length < all.length;
  const shown = String(args.include_all_metadata) === "true";
  return {
    ok: true,
    messages: page.map((message) => {
      const kept = metadataOf(String(message.ts));
      return shown && kept !== undefined ? { ...message, metadata: kept } : message;
    }),
    has_more: more,
    response_metadata: { next_cursor: more ? String(from + page.length) : "" },
  };
}
