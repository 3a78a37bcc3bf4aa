import { Command, Option } from "commander";
import type { Configuration } from "../config/configuration.ts";
import { LIMITS } from "../core/limits.ts";
import type { PrincipalId } from "../core/principal.ts";
import { isPerson } from "../core/principal.ts";
import { newApiKey } from "../crypto/api-key.ts";
import type { Database } from "../db/client.ts";
import { createCredential, listCredentials, revokeCredential } from "../db/credentials.ts";
import { createSignInLink } from "../db/sessions.ts";
import type { Credential } from "../db/types.ts";
import { configurationInForce, withDatabase } from "./administration.ts";
import { fromNow, inWords, secondsOf } from "./durations.ts";
import { CommandFailure, usage } from "./exit-codes.ts";
import { newSignInLink } from "./sign-in-link.ts";
import { remark, say, sayJson, table } from "./terminal.ts";

/** What a credential may be limited to; as api/auth/identity.ts reads it. */
const SCOPES = ["read", "ask", "answer", "operate"];

export function credentialCommand(): Command {
  return new Command("credential")
    .description("Keys and tokens for agents and people, and sign-in links. For operators, at the database.")
    .addCommand(createCommand())
    .addCommand(revokeCommand())
    .addCommand(listCredentialsCommand())
    .addCommand(signInLinkCommand())
    .addHelpText(
      "after",
      "\nNeeds COUNTERSIGN_DATABASE_URL with the administrator's role.\n\nExample:\n  $ countersign credential create agent:reporting-bot --expires 90d",
    );
}

function createCommand(): Command {
  return new Command("create")
    .description("Make a key for an agent or a token for a person. It is printed once and kept nowhere.")
    .argument("<principal>", "agent:NAME or person:NAME of the configuration in force")
    .option("--expires <time>", "how long it works, e.g. 12h or 90d", "90d")
    .addOption(new Option("--scope <scopes...>", "limit it to these").choices(SCOPES))
    .option("--json", "print id, text and expiry as JSON")
    .addHelpText("after", "\nExample:\n  $ countersign credential create person:rita --expires 12h --scope read answer")
    .action(create);
}

async function create(
  principal: string,
  options: { expires: string; scope?: string[]; json?: boolean },
): Promise<void> {
  const now = Date.now();
  const expiresAt = now + secondsOf(options.expires) * 1000;
  await withDatabase(async (database) => {
    const id = await knownPrincipal(database, principal);
    const kind = isPerson(id) ? "person-token" : "agent-key";
    const key = newApiKey(kind);
    const scopes = options.scope ?? [];
    await createCredential(database, {
      id: key.id,
      hash: key.hash,
      kind,
      principal: id,
      scopes,
      createdAt: now,
      expiresAt,
    });
    if (options.json) {
      return sayJson({
        id: key.id,
        principal: id,
        text: key.text,
        scopes,
        expiresAt: new Date(expiresAt).toISOString(),
      });
    }
    // Only the key is on standard output, so that it can go straight into a file.
    remark(`${key.id} for ${id}, ${fromNow(expiresAt, now)} it expires. This is the only time it is shown:`);
    say(key.text);
  });
}

function revokeCommand(): Command {
  return new Command("revoke")
    .description("End a credential at once.")
    .argument("<credential>", "its id, cred_…, from `countersign credential list`")
    .option("--json", "print the answer as JSON")
    .addHelpText("after", "\nExample:\n  $ countersign credential revoke cred_4x…")
    .action(async (id: string, options: { json?: boolean }) => {
      await withDatabase(async (database) => {
        if (!(await revokeCredential(database, id, Date.now()))) {
          throw new CommandFailure("refused", "NOT_FOUND", `There is no credential ${id} that still works.`, {
            next: "`countersign credential list` shows them.",
          });
        }
        if (options.json) return sayJson({ id, revoked: true });
        say(`${id} is revoked.`);
      });
    });
}

function listCredentialsCommand(): Command {
  return new Command("list")
    .description("Credentials, newest first; never their text.")
    .option("--principal <id>", "only this agent's or person's")
    .option("--json", "print them as JSON")
    .addHelpText("after", "\nExample:\n  $ countersign credential list --principal agent:reporting-bot")
    .action(async (options: { principal?: string; json?: boolean }) => {
      await withDatabase(async (database) => {
        const list = await listCredentials(database, (options.principal ?? null) as PrincipalId | null);
        if (options.json) return sayJson({ items: list.map(inTimes) });
        if (list.length === 0) return remark("There are none.");
        const now = Date.now();
        say(
          ...table(
            ["CREDENTIAL", "FOR", "SCOPES", "STATE", "LAST USED"],
            list.map((one) => row(one, now)),
          ),
        );
      });
    });
}

function signInLinkCommand(): Command {
  return new Command("sign-in-link")
    .description(`A link that signs one person in to the pages, once, within ${inWords(LIMITS.signInLinkSeconds)}.`)
    .argument("<person>", "person:NAME of the configuration in force")
    .option("--public-url <url>", "where people reach the pages (COUNTERSIGN_PUBLIC_URL)")
    .option("--json", "print the link as JSON")
    .addHelpText(
      "after",
      "\nExample:\n  $ countersign credential sign-in-link person:rita --public-url https://approvals.example.com",
    )
    .action(async (person: string, options: { publicUrl?: string; json?: boolean }) => {
      const publicUrl = options.publicUrl ?? process.env.COUNTERSIGN_PUBLIC_URL;
      if (!publicUrl)
        throw usage("Where do people reach the pages?", "Pass --public-url or set COUNTERSIGN_PUBLIC_URL.");
      await withDatabase(async (database) => {
        const id = await knownPrincipal(database, person);
        if (!isPerson(id)) throw usage(`${id} is an agent; only people sign in.`);
        const { url, row } = newSignInLink(publicUrl, id, Date.now());
        await createSignInLink(database, row);
        if (options.json) return sayJson({ url, person: id, expiresAt: new Date(row.expiresAt).toISOString() });
        remark(`For ${id} alone, once, ${fromNow(row.expiresAt, row.createdAt)} it expires:`);
        say(url);
      });
    });
}

/** A credential for a name that nobody has would wait for whoever is given that name later. */
async function knownPrincipal(database: Database, text: string): Promise<PrincipalId> {
  const { directory }: Configuration = await configurationInForce(database);
  const principal = [...directory.people, ...directory.agents].find(({ id }) => id === text);
  if (principal?.active) return principal.id;
  if (principal)
    throw new CommandFailure("refused", "REVIEW_INACTIVE", `${text} is not active in the configuration in force.`);
  throw usage(
    `${text} is not in the configuration in force.`,
    "Write agent:NAME or person:NAME; add new ones with `countersign apply`.",
  );
}

function row(credential: Credential, now: number): string[] {
  const { id, principal, scopes, lastUsedAt } = credential;
  return [
    id,
    principal,
    scopes.join(" ") || "all",
    stateOf(credential, now),
    lastUsedAt === null ? "never" : fromNow(lastUsedAt, now),
  ];
}

function stateOf({ revokedAt, expiresAt }: Credential, now: number): string {
  if (revokedAt !== null) return `revoked ${fromNow(revokedAt, now)}`;
  if (expiresAt === null) return "works";
  return expiresAt <= now ? `expired ${fromNow(expiresAt, now)}` : `works, expires ${fromNow(expiresAt, now)}`;
}

function inTimes(credential: Credential): { [field: string]: unknown } {
  const time = (at: number | null) => (at === null ? null : new Date(at).toISOString());
  const { createdAt, expiresAt, revokedAt, lastUsedAt, ...rest } = credential;
  const times = { createdAt: time(createdAt), expiresAt: time(expiresAt) };
  return { ...rest, ...times, revokedAt: time(revokedAt), lastUsedAt: time(lastUsedAt) };
}
