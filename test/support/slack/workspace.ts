import type { Workspace } from "../../../cli/dev/slack-double/double.ts";
import type { UserFlags } from "./strictness.ts";

/** Slack accounts of the tests' people, by the person's name in test/support/configuration.ts; and of some who are nobody. */
export const ACCOUNTS = {
  alice: "U0ALICE01",
  bob: "U0BOB0001",
  carol: "U0CAROL01",
  frank: "U0FRANK01",
  dana: "U0DANA001",
  "dana-private": "U0DANAP01",
  erin: "U0ERIN001",
  omar: "U0OMAR001",
  /** In the workspace, in no configuration. */
  guest: "U0GUEST01",
  bot: "U0ROBOT01",
  stranger: "U0STRANGE",
} as const;
export type Account = keyof typeof ACCOUNTS;

/** Why the last three are nobody who may answer, as `users.info` says it. */
export const FLAGS = {
  guest: { is_restricted: true },
  bot: { is_bot: true },
  stranger: { is_stranger: true, team_id: "T0FOREIGN" },
} satisfies Partial<Record<Account, UserFlags>>;

export const CHANNELS = { approvals: "C0APPROVE", privacy: "C0PRIVACY", elsewhere: "C0ELSEWHR" } as const;

export const WORKSPACE: Workspace = {
  team: "T0DOUBLE1",
  app: {
    id: "A0COUNTER",
    botUser: "U0COUNTER",
    botToken: "xoxb-double-0123456789-abcdefghijklmnop",
    appToken: "xapp-double-0123456789-abcdefghijklmnop",
    signingSecret: "0123456789abcdef0123456789abcdef",
  },
  users: Object.entries(ACCOUNTS).map(([name, id]) => ({
    id,
    name,
    realName: `${name[0]?.toUpperCase()}${name.slice(1)}`,
    email: `${name}@example.com`,
    bot: name === "bot",
  })),
  channels: Object.entries(CHANNELS).map(([name, id]) => ({ id, name, members: Object.values(ACCOUNTS) })),
};
