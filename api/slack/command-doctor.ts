import type { CommandAnswer } from "../../channels/command-answer.ts";
import { isOperator, type PersonIdentity } from "../auth/identity.ts";
import { pingTemporal } from "../temporal.ts";
import type { SlackContext } from "./slack-context.ts";

/** What the caller may know of the set-up: their own account; operators what stands behind it as well. */
export async function doctorCommand(slack: SlackContext, identity: PersonIdentity): Promise<CommandAnswer> {
  const { configuration } = await slack.configuration();
  const own = { ok: true, line: `This account is ${identity.name}'s.`, fix: null };
  const decides = configuration.slack?.allowDecisions === true;
  const decisions = {
    ok: decides,
    line: decides ? "Requests can be answered in Slack." : "Requests are not answered in Slack.",
    fix: decides ? null : "Answer on the request page, or set allow_decisions in countersign.yaml.",
  };
  if (!isOperator(identity)) return { kind: "checks", checks: [own, decisions] };
  const problem = slack.problem();
  const temporal = await pingTemporal(slack.api).then(
    () => true,
    () => false,
  );
  return {
    kind: "checks",
    checks: [
      own,
      decisions,
      {
        ok: temporal,
        line: temporal ? "The workflow engine answers." : "The workflow engine does not answer: no click is recorded.",
        fix: temporal ? null : "Look at /readyz of the API.",
      },
      {
        ok: problem === null,
        line: problem === null ? "Slack's deliveries are taken." : `Slack's deliveries are not taken: ${problem}.`,
        fix: problem === null ? null : "Run countersign doctor slack.",
      },
    ],
  };
}
