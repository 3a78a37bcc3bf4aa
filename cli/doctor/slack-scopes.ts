import type { SlackSettings } from "../../config/configuration.ts";

/** Every scope the bot token needs, and what for; deploy/slack-manifest.yaml asks for the same. */
export const SCOPES: readonly { scope: string; why: string; needed: (slack: SlackSettings) => boolean }[] = [
  { scope: "chat:write", why: "to post cards and keep them up to date", needed: always },
  { scope: "commands", why: "to take /approvals", needed: always },
  { scope: "im:write", why: "to tell owners and reviewers in private", needed: always },
  { scope: "users:read", why: "to look, at each answer, whether the account is a full member's", needed: always },
  { scope: "channels:read", why: "to look whether it is in a public conversation", needed: posts },
  { scope: "groups:read", why: "to look whether it is in a private conversation", needed: posts },
  { scope: "channels:history", why: "to find its own card again after a lost answer", needed: posts },
  { scope: "groups:history", why: "to find its own card again in a private conversation", needed: posts },
  { scope: "im:history", why: "to find what it told somebody in private after a lost answer", needed: always },
  {
    scope: "users:read.email",
    why: "to match addresses, as slack.email_domains wants",
    needed: ({ emailDomains }) => emailDomains.length > 0,
  },
  {
    scope: "usergroups:read",
    why: "to import members, as slack.user_groups wants",
    needed: ({ userGroups }) => userGroups.length > 0,
  },
];

function always(): boolean {
  return true;
}

function posts({ conversations }: SlackSettings): boolean {
  return conversations.length > 0;
}
