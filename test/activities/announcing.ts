import { afterAll, beforeAll, beforeEach } from "vitest";
import { CATALOGUE } from "../../actions/catalogue.ts";
import type { AnnounceContext } from "../../activities/context.ts";
import { createSlackClient } from "../../channels/slack/client.ts";
import { createSlackChannel } from "../../channels/slack/slack-channel.ts";
import type { Configuration, SlackSettings } from "../../config/configuration.ts";
import type { AccountId, GroupId, PersonId } from "../../core/principal.ts";
import { digestOf } from "../../crypto/digest.ts";
import { createSurfaceTokens } from "../../crypto/surface-token.ts";
import { compilePolicies } from "../../policy/compile.ts";
import { vocabularyOf } from "../../policy/vocabulary.ts";
import { type World, world } from "../db/world.ts";
import { type Fields, type SlackMessage, wordsOf } from "../support/slack/driver.ts";
import { type Slack, startSlack } from "../support/slack/slack.ts";
import { ACCOUNTS, CHANNELS, WORKSPACE } from "../support/slack/workspace.ts";

export const SURFACE_SECRET = "a-surface-secret-for-tests-only-0123456789abcdef";

export type Shown = { ts: string; words: string; blocks: Fields[]; thread: SlackMessage[] };

export type Announcing = World & {
  slack: Slack;
  /** What an operator has applied; a test changes it as it likes. */
  configuration: Configuration;
  settings: SlackSettings;
  /** Lines of the log: what was said and with what. */
  said: { data: object; text: string }[];
  /** Time goes on for every process of the test. */
  pass(seconds: number): void;
  now(): number;
  /** Messages that show this request, with their threads. */
  shown(id: string, channel?: string): Promise<Shown[]>;
  /** A process that announces, without a pace unless it is given one. */
  process(tweak?: Partial<AnnounceContext>): AnnounceContext;
};

/** A database and a workspace for one test file, and as many announcing processes as it likes. */
export function announcing(): Announcing {
  const made = world() as Announcing;
  let count = 0;
  let ahead = 0;
  made.now = () => Date.now() + ahead;
  made.pass = (seconds) => {
    ahead += seconds * 1000;
  };
  beforeEach(async () => {
    ahead = 0;
    await made.admin.sql`delete from conversation_paces`;
    made.slack.proxy.faults.clear();
  });
  beforeAll(async () => {
    made.slack = await startSlack({ transport: "http", deliverTo: null });
    made.said = [];
  });
  afterAll(() => made.slack.stop());
  const settings: SlackSettings = {
    team: WORKSPACE.team,
    allowDecisions: true,
    blockStyle: "plain",
    conversations: [{ id: CHANNELS.approvals, groups: [] }],
    emailDomains: [],
    userGroups: [],
  };
  made.settings = settings;
  made.configuration = configuration(settings);
  made.shown = async (id, channel = CHANNELS.approvals) => {
    const all = await made.slack.messages(channel);
    const roots = all.filter((one) => one.thread_ts === undefined && wordsOf(one.blocks).includes(id));
    return roots.map((root) => {
      const thread = all.filter((one) => one.thread_ts === root.ts);
      return { ts: root.ts, words: wordsOf(root.blocks), blocks: root.blocks ?? [], thread };
    });
  };
  made.process = (tweak = {}) => {
    const log = {
      info: (data: object, text: string) => void made.said.push({ data, text }),
      warn: (data: object, text: string) => void made.said.push({ data, text }),
    };
    const client = createSlackClient({ botToken: WORKSPACE.app.botToken, apiUrl: made.slack.apiUrl }, log);
    const policies = compilePolicies([], vocabularyOf(made.configuration, CATALOGUE), digestOf);
    return {
      db: made.app,
      log,
      now: made.now,
      inForce: async () => ({ configuration: made.configuration, policies }),
      verifier: () => ({ verify: () => Promise.reject(new Error("nobody has linked an account")) }),
      channel: createSlackChannel(client),
      tokens: createSurfaceTokens(SURFACE_SECRET),
      publicUrl: "https://countersign.example",
      postMs: 0,
      me: `process_${++count}`,
      ...tweak,
    };
  };
  return made;
}

/** The people of test/db/fixture.ts, with accounts. */
function configuration(slack: SlackSettings): Configuration {
  const groups: GroupId[] = ["group:data", "group:security", "group:leads", "group:auditors"];
  const person = (name: string, account: string, theirs: GroupId[]) => ({
    id: `person:${name.toLowerCase()}` as PersonId,
    name,
    email: null,
    groups: theirs,
    active: true,
    sameAs: null,
    accounts: [`slack:${WORKSPACE.team}/${account}` as AccountId],
  });
  const people = [
    person("Dana", ACCOUNTS.dana, ["group:data"]),
    person("Alice", ACCOUNTS.alice, ["group:data", "group:security"]),
    person("Otto", ACCOUNTS.omar, []),
  ];
  const agents = [
    {
      id: "agent:reporter" as const,
      name: "Reporter",
      owner: people[2]?.id ?? "person:otto",
      groups: [],
      active: true,
    },
  ];
  return {
    version: 7,
    appliedAt: 0,
    directory: { groups, people, agents },
    agents: [],
    targets: [],
    issuers: [],
    slack,
    imported: [],
    reasonCodes: [],
    policies: [],
  };
}
