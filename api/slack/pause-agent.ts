import type { CommandAnswer } from "../../channels/command-answer.ts";
import { named } from "../../channels/line.ts";
import type { HumanMessage } from "../../core/message.ts";
import type { AgentId } from "../../core/principal.ts";
import { allowedVerbs } from "../allowed-verbs.ts";
import { freeze } from "../freezing.ts";
import { readRequest } from "../reading.ts";
import { nameOf } from "../request-view.ts";
import { said } from "./said.ts";
import type { SlackContext } from "./slack-context.ts";
import { answerIfPossible, type Recipient } from "./tell.ts";

/**
 * Freezes everything the agent of a flagged request asks for. It comes after the flag and beside it: only who may
 * flag the request may do it, and whatever becomes of it the flag stands. Never rejects.
 */
export async function pauseAgent(slack: SlackContext, message: HumanMessage, to: Recipient): Promise<void> {
  let told: CommandAnswer;
  try {
    told = await pausedBy(slack, message, to);
  } catch (error) {
    slack.api.log.warn({ err: error, requestId: message.requestId }, "an agent could not be paused");
    told = said("The agent was NOT paused: something did not answer.", ASK);
  }
  await answerIfPossible(slack, to, told);
}

const ASK = "Ask an operator to freeze it.";

async function pausedBy(
  slack: SlackContext,
  { requestId, id, reason, note }: HumanMessage,
  { account }: Recipient,
): Promise<CommandAnswer> {
  const who = await slack.identify(account);
  if (who.kind === "refused") return said("The agent was NOT paused: this account is nobody's here.", ASK);
  const { configuration } = await slack.configuration();
  if (configuration.slack?.allowDecisions !== true)
    return said("The agent was NOT paused: nothing is decided here.", ASK);
  const { identity } = who;
  const record = await readRequest(slack.api, identity, requestId);
  if (!allowedVerbs(record, identity).includes("flag")) {
    return said("The agent was NOT paused: only who may flag its request can do that.", ASK);
  }
  const { requester } = record.submission;
  if (!requester.startsWith("agent:")) return said("Nothing was paused: a person asked for this.", null);
  const scope = { agent: requester as AgentId, actionType: null, target: null };
  const why = `${reason ?? ""} ${note ?? ""} (flagged with ${requestId})`.trim();
  await freeze(slack.api, identity, scope, why, id);
  const { name } = nameOf(requester, configuration);
  return said(`${named(name)} is paused: nothing it asks for starts until an operator lifts it.`);
}
