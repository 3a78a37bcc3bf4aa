/**
 * An agent that needs customer rows and does not have them: it asks, waits for people, and says
 * honestly what came of it. Run it beside `npm start`:
 *
 *   node examples/agent-over-http.ts [KEY]
 *
 * The same KEY is the same request: kill it, start it again, and it goes on waiting.
 */
import { readFileSync } from "node:fs";
import { ApprovalError, ApprovalPending, createApprovals } from "../client/index.ts";

const development = () => JSON.parse(readFileSync(".countersign/dev.json", "utf8"));
const approvals = createApprovals({
  url: process.env.COUNTERSIGN_URL ?? development().apiUrl,
  token: process.env.COUNTERSIGN_TOKEN ?? development().tokens.agent,
});

try {
  const executed = await approvals.perform(
    "postgres.export",
    {
      target: "crm",
      arguments: {
        statement: "select id, name, email, country, created_at from customers order by id",
        format: "csv",
        maxRows: 50_000,
      },
    },
    {
      key: process.argv[2] ?? "customers-for-the-quarterly-report",
      justification: "The quarterly report counts customers by country and month.",
      wait: Number(process.env.WAIT_SECONDS ?? 3600),
    },
  );
  console.log(`Exported, exactly as approved (${executed.digest}):`, executed.result);
} catch (error) {
  if (!(error instanceof ApprovalError)) throw error;
  // One sentence per ending: denied with the reviewer's reason, expired, withdrawn, failed, unknown, pending.
  console.log(error.message);
  if (error instanceof ApprovalPending) console.log(`People answer at ${error.request?.reviewUrl}`);
  process.exitCode = 1;
}
