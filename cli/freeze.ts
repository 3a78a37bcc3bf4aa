import { randomUUID } from "node:crypto";
import { Command } from "commander";
import type { FreezeList, FreezeView, FrozenView } from "../api/contract/freeze.ts";
import { literal } from "../privacy/literal.ts";
import { type ConnectionOptions, connectionOf, withConnection } from "./connection.ts";
import { usage } from "./exit-codes.ts";
import { remark, say, sayJson, table } from "./terminal.ts";

type OrderOptions = ConnectionOptions & {
  agent?: string;
  action?: string;
  target?: string;
  everything?: boolean;
  reason: string;
  json?: boolean;
};

export function freezeCommand(): Command {
  return new Command("freeze")
    .description("The switch that lets nothing start: order it, list what is in force, lift it. For operators.")
    .addCommand(orderCommand())
    .addCommand(listFreezesCommand())
    .addCommand(liftCommand())
    .addHelpText("after", "\nExample:\n  $ countersign freeze order --everything --reason 'incident 4711' --as oskar");
}

function orderCommand(): Command {
  const command = new Command("order")
    .description("Let nothing of this scope start, from now on. What runs already is named, not stopped.")
    .option("--agent <id>", "actions this agent asks for")
    .option("--action <type>", "actions of this type")
    .option("--target <name>", "actions on this target")
    .option("--everything", "every action")
    .requiredOption("--reason <text>", "why; everybody refused by it reads this")
    .option("--json", "print the freeze as JSON");
  return withConnection(command)
    .addHelpText("after", "\nExample:\n  $ countersign freeze order --target crm --reason 'incident 4711' --as oskar")
    .action(order);
}

async function order(options: OrderOptions): Promise<void> {
  const { agent, action, target, everything } = options;
  const scoped = agent !== undefined || action !== undefined || target !== undefined;
  if (scoped === (everything === true)) {
    throw usage("Say what to freeze: --agent, --action, --target (together they narrow), or --everything alone.");
  }
  const answer = (await connectionOf(options, "person").transport.insist(
    {
      method: "POST",
      path: "/v1/freezes",
      idempotencyKey: `cli-${randomUUID()}`,
      body: { agent: agent && principalOf(agent), action, target, reason: options.reason },
    },
    soon(),
  )) as FrozenView;
  if (options.json) return sayJson(answer);
  say(`${answer.freeze.id} is in force: ${scopeOf(answer.freeze)}.`);
  if (answer.running.length === 0) return say("Nothing of it is running.");
  say("Running already, and not stopped by it:", ...answer.running.map((id) => `  ${id}`));
  remark("Stop one with: countersign review REQUEST stop");
}

function listFreezesCommand(): Command {
  const command = new Command("list").description("Freezes in force.").option("--json", "print them as JSON");
  return withConnection(command)
    .addHelpText("after", "\nExample:\n  $ countersign freeze list --as oskar")
    .action(async (options: ConnectionOptions & { json?: boolean }) => {
      const { transport } = connectionOf(options, "person");
      const list = (await transport.insist({ method: "GET", path: "/v1/freezes" }, soon())) as FreezeList;
      if (options.json) return sayJson(list);
      if (list.items.length === 0) return remark("No freeze is in force.");
      const rows = list.items.map((freeze) => [
        freeze.id,
        scopeOf(freeze),
        literal(freeze.by.name),
        freeze.at,
        literal(freeze.reason),
      ]);
      say(...table(["FREEZE", "SCOPE", "BY", "SINCE", "REASON"], rows));
    });
}

function liftCommand(): Command {
  const command = new Command("lift")
    .description("End a freeze.")
    .argument("<freeze>", "its id, from `countersign freeze list`")
    .requiredOption("--reason <text>", "why it may end")
    .option("--json", "print the answer as JSON");
  return withConnection(command)
    .addHelpText("after", "\nExample:\n  $ countersign freeze lift frz_7… --reason 'incident closed' --as oskar")
    .action(async (id: string, options: ConnectionOptions & { reason: string; json?: boolean }) => {
      const answer = await connectionOf(options, "person").transport.insist(
        {
          method: "POST",
          path: `/v1/freezes/${encodeURIComponent(id)}/lift`,
          idempotencyKey: `cli-${randomUUID()}`,
          body: { reason: options.reason },
        },
        soon(),
      );
      if (options.json) return sayJson(answer);
      say(`${id} is lifted.`);
    });
}

function scopeOf({ scope }: FreezeView): string {
  const parts = [scope.agent, scope.action, scope.target].filter((part) => part !== null);
  return parts.length === 0 ? "everything" : parts.map((part) => literal(part)).join(" · ");
}

function principalOf(agent: string): string {
  return agent.startsWith("agent:") ? agent : `agent:${agent}`;
}

/** An operator in a hurry wants to know soon that nobody answers. */
function soon(): { giveUpAt: number } {
  return { giveUpAt: Date.now() + 10_000 };
}
