/**
 * A program that is on Temporal already starts the same request itself, signed with its own key.
 * Before: register the public key under `agents[].keys` of countersign.yaml and `countersign apply`.
 *
 *   COUNTERSIGN_PROGRAM_KEY_FILE=key.json COUNTERSIGN_PAYLOAD_KEYRING_FILE=keyring.json \
 *     node examples/program-on-temporal.ts [KEY]
 */
import { readFileSync } from "node:fs";
import { Client, Connection } from "@temporalio/client";
import { ApprovalError, createSigner, encryptedPayloads, startPrivilegedAction } from "../client/temporal.ts";

const env = (name: string, otherwise?: string): string => {
  const value = process.env[name] ?? otherwise;
  if (value === undefined) throw new Error(`Set ${name}.`);
  return value;
};

const connection = await Connection.connect({ address: env("COUNTERSIGN_TEMPORAL_ADDRESS", "127.0.0.1:7233") });
const client = new Client({
  connection,
  namespace: env("COUNTERSIGN_TEMPORAL_NAMESPACE", "countersign"),
  dataConverter: encryptedPayloads(env("COUNTERSIGN_PAYLOAD_KEYRING_FILE")),
});
try {
  const started = await startPrivilegedAction(client, "postgres.export", {
    key: process.argv[2] ?? "customers-for-the-quarterly-report",
    agent: "agent:reporting-bot",
    signer: createSigner(JSON.parse(readFileSync(env("COUNTERSIGN_PROGRAM_KEY_FILE"), "utf8"))),
    target: "crm",
    arguments: {
      statement: "select id, name, email, country, created_at from customers order by id",
      format: "csv",
      maxRows: 50_000,
    },
    justification: "The quarterly report counts customers by country and month.",
  });
  console.log(`${started.requestId}: the policy says ${started.evaluated?.outcome ?? "nothing yet"}.`);
  const executed = await started.result();
  console.log(`Exported, exactly as approved (${executed.digest}):`, executed.result);
} catch (error) {
  if (!(error instanceof ApprovalError)) throw error;
  console.log(error.message);
  process.exitCode = 1;
} finally {
  await connection.close();
}
