import { randomBytes } from "node:crypto";
import { parseDocument } from "yaml";
import type { Directory } from "../../../core/principal.ts";
import type { ConfigurationFiles } from "../../apply-configuration.ts";
import { nameOf } from "../credentials.ts";
import type { SlackEnvironment } from "../slack.ts";
import type { SlackDouble, Workspace } from "./double.ts";

/** Everybody of the configuration with an account of their own, and one conversation. Its secrets live as long as it. */
export function doubleWorkspace({ people }: Directory): Workspace {
  const active = people.filter((person) => person.active);
  const users = active.map(({ id, name, email }, at) => {
    return { id: accountId(nameOf(id), at), name: nameOf(id), realName: name, email };
  });
  const secret = () => randomBytes(16).toString("hex");
  return {
    team: "T0DOUBLE",
    app: {
      id: "A0COUNTERSIGN",
      botUser: "U0COUNTERSIGN",
      botToken: `xoxb-double-${secret()}`,
      appToken: `xapp-double-${secret()}`,
      signingSecret: secret(),
    },
    users,
    channels: [{ id: APPROVALS, name: "approvals", members: users.map(({ id }) => id) }],
  };
}

const APPROVALS = "C0APPROVALS";

/** Where the cards are, and what the double's page calls the people one can act as. */
export function whereToAct({ users }: Workspace, { url }: SlackDouble) {
  return {
    url: `${url}/archives/${APPROVALS}`,
    called: (name: string) => users.find((user) => user.name === name)?.realName ?? name,
  };
}

/**
 * countersign.yaml as it is with the double's accounts in it, for this start only: the file stays as it is. The
 * double draws no rich text, hence `plain`.
 */
export function withDouble({ configuration, policies }: ConfigurationFiles, workspace: Workspace): ConfigurationFiles {
  const document = parseDocument(configuration.text);
  const people = document.toJS().people as { id: string }[];
  for (const [at, { id }] of people.entries()) {
    const user = workspace.users.find(({ name }) => name === id);
    if (user === undefined) document.deleteIn(["people", at, "slack"]);
    else document.setIn(["people", at, "slack"], user.id);
  }
  const conversations = workspace.channels.map(({ id }) => ({ id }));
  document.set("slack", document.createNode({ team: workspace.team, block_style: "plain", conversations }));
  return { configuration: { ...configuration, text: document.toString({ lineWidth: 0 }) }, policies };
}

export function doubleEnvironment({ app }: Workspace, apiUrl: string, surfaceSecret: string): SlackEnvironment {
  const shared = {
    SLACK_BOT_TOKEN: app.botToken,
    SLACK_API_URL: apiUrl,
    COUNTERSIGN_SURFACE_SECRET: surfaceSecret,
  };
  // Nobody limits the double: a card is there as soon as it can be.
  return {
    api: { ...shared, SLACK_SIGNING_SECRET: app.signingSecret, SLACK_APP_ID: app.id },
    channels: { ...shared, COUNTERSIGN_SLACK_POST_MS: "0" },
  };
}

/** As Slack's ids look, readable, and nobody's twice. */
function accountId(name: string, at: number): string {
  const letters = name.toUpperCase().replaceAll(/[^A-Z0-9]/g, "");
  return `U${String(at + 1).padStart(3, "0")}${letters}`.slice(0, 20);
}
