import { randomUUID } from "node:crypto";
import { Argument, Command } from "commander";
import type { ExtendBody, MessageBody, ResolveBody, ReviewBody } from "../api/contract/message.ts";
import type { RequestView } from "../api/contract/request.ts";
import { isSent, sendMessage } from "../client/message.ts";
import { reviewerCodes } from "../core/reason-codes.ts";
import type { Digest } from "../core/request.ts";
import { type Connection, type ConnectionOptions, connectionOf, withConnection } from "./connection.ts";
import { secondsOf } from "./durations.ts";
import { CommandFailure, usage } from "./exit-codes.ts";
import { renderEnd } from "./render-end.ts";
import { renderQuestion } from "./render-request.ts";
import { readRequest } from "./requests.ts";
import { confirmed, remark, say, sayJson, someoneIsThere } from "./terminal.ts";

const ANSWERS = ["approve", "deny", "flag", "withdraw", "stop", "extend", "release", "reject", "resolve"] as const;
type AnswerVerb = (typeof ANSWERS)[number];

type Options = ConnectionOptions & {
  reason?: string;
  note?: string;
  flag?: string;
  flagNote?: string;
  extend?: string;
  outcome?: string;
  digest?: string;
  yes?: boolean;
  json?: boolean;
};

export function reviewCommand(): Command {
  const command = new Command("review")
    .description("Answer a request: shows exactly what will run, then sends your answer for that digest.")
    .argument("<request>", "request id, req_…")
    .addArgument(new Argument("<verb>", "what you say").choices(ANSWERS))
    .option("--reason <code>", `reason code; deny and flag need one: ${reviewerCodes().join(", ")}`)
    .option("--note <text>", "in your own words; some codes need one")
    .option("--flag <code>", "with approve or deny: open a follow-up with this reason code, without a hold")
    .option("--flag-note <text>", "the note of --flag")
    .option("--extend <time>", "with extend: how far to move the deadline, e.g. 2h")
    .option("--outcome <outcome>", "with resolve: succeeded or failed")
    .option("--digest <digest>", "refuse to answer unless the request has this digest")
    .option("-y, --yes", "do not ask again; required where no terminal is attached")
    .option("--json", "print the request after the answer as JSON");
  return withConnection(command)
    .addHelpText(
      "after",
      [
        "",
        "approve, deny, flag: reviewers. release, reject: auditors, of a held request. withdraw, stop:",
        "requester, owner, operator. extend: reviewers. resolve: operators, of an unknown execution.",
        "",
        "Examples:",
        "  $ countersign review req_0k3… approve --as rita",
        "  $ countersign review req_0k3… deny --reason REVIEW_TOO_BROAD --note 'only Q3, please' --yes",
      ].join("\n"),
    )
    .action(review);
}

async function review(requestId: string, verb: AnswerVerb, options: Options): Promise<void> {
  const body = bodyOf(verb, options);
  if (!options.yes && !someoneIsThere())
    throw usage(`Nobody is here to confirm "${verb}".`, "Add --yes to answer unasked.");
  const connection = connectionOf(options, "person");
  const request = await readRequest(connection, requestId);
  if (options.digest !== undefined && options.digest !== request.digest) {
    throw new CommandFailure("refused", "REVIEW_DIGEST_CHANGED", "The request has another digest than --digest.", {
      next: `Read it again: countersign show ${request.id}`,
    });
  }
  // The question goes to standard error, so that --json alone is on standard output.
  remark(...renderQuestion(request, Date.now()), "");
  if (!options.yes && !(await confirmed(`${verb} exactly this?`))) {
    throw new CommandFailure("refused", "NOT_CONFIRMED", "Nothing was sent.");
  }
  const after = await send(connection, request, verb, body);
  if (options.json) sayJson(after);
  else say(`Recorded: ${verb}.`, "", ...renderEnd(after));
}

type Body =
  | { path: "reviews"; make: (shown: RequestView) => ReviewBody }
  | { path: "withdraw" | "stop" | "release" | "reject"; make: (shown: RequestView) => MessageBody }
  | { path: "extend"; make: (shown: RequestView) => ExtendBody }
  | { path: "resolve"; make: () => ResolveBody };

/** The answer, without what only the request that was shown can say: its digests. */
function bodyOf(verb: AnswerVerb, options: Options): Body {
  const said = {
    ...(options.reason === undefined ? {} : { reason: options.reason }),
    ...(options.note === undefined ? {} : { note: options.note }),
  };
  switch (verb) {
    case "approve":
    case "deny":
    case "flag": {
      if (verb !== "approve" && options.reason === undefined) {
        throw usage(
          `${verb} needs --reason.`,
          `One of: ${reviewerCodes().join(", ")}, or a code of your organisation.`,
        );
      }
      const flag = flagOf(verb, options);
      return { path: "reviews", make: (shown) => ({ verb, ...said, ...flag, ...digestsOf(shown) }) };
    }
    case "withdraw":
    case "stop":
    case "release":
    case "reject":
      return { path: verb, make: (shown) => ({ ...said, ...digestsOf(shown) }) };
    case "extend": {
      if (options.extend === undefined) throw usage("extend needs --extend TIME.", "For example: --extend 2h");
      const seconds = secondsOf(options.extend);
      const note = options.note === undefined ? {} : { note: options.note };
      return { path: "extend", make: (shown) => ({ seconds, ...note, digest: shown.digest }) };
    }
    case "resolve": {
      const { outcome, note } = options;
      if (outcome !== "succeeded" && outcome !== "failed") throw usage("resolve needs --outcome succeeded or failed.");
      if (note === undefined) throw usage("resolve needs --note: how do you know?");
      return { path: "resolve", make: () => ({ outcome, note, reason: options.reason ?? "ADMIN_RESOLVED" }) };
    }
    default:
      throw usage(`${verb satisfies never} is not an answer.`);
  }
}

function flagOf(verb: AnswerVerb, options: Options): { flag?: { reason: string; note: string } } {
  if (options.flag === undefined) return {};
  if (verb === "flag") throw usage("--flag goes with approve or deny; the verb flag takes --reason and --note.");
  return { flag: { reason: options.flag, note: options.flagNote ?? "" } };
}

function digestsOf(shown: RequestView): { digest: Digest; factsDigest: Digest | null } {
  return { digest: shown.digest, factsDigest: shown.factsDigest };
}

async function send({ transport }: Connection, shown: RequestView, verb: AnswerVerb, body: Body): Promise<RequestView> {
  const message = { requestId: shown.id, path: body.path, body: body.make(shown), key: `cli-${randomUUID()}` };
  const answer = await sendMessage(transport, message, { giveUpAt: Date.now() + SEND_SECONDS * 1000 });
  if (!isSent(answer)) return answer;
  throw new CommandFailure(
    "pending",
    "NOT_YET_RECORDED",
    `Your ${verb} was sent and is not known to be recorded yet.`,
    {
      next: `Look again: countersign show ${shown.id}`,
    },
  );
}

/** How long a message is repeated when no answer comes; the same key is the same message. */
const SEND_SECONDS = 30;
