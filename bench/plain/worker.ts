import { fileURLToPath } from "node:url";
import { NativeConnection, Runtime, Worker } from "@temporalio/worker";
import { parseConfiguration } from "../../config/yaml.ts";
import { createActivities } from "./activities.ts";

/** A process of its own, as somebody would deploy it, so that its CPU can be told from ours. */
const { BENCH_ADDRESS = "", BENCH_NAMESPACE = "", BENCH_EXPORTS = "", BENCH_CONFIGURATION = "" } = process.env;
const [target] = parseConfiguration(BENCH_CONFIGURATION, "countersign.yaml").targets;
if (target === undefined) throw new Error("no target");
Runtime.install({
  shutdownSignals: ["SIGINT", "SIGTERM"],
  telemetryOptions: { logging: { forward: {}, filter: "WARN" } },
});
const connection = await NativeConnection.connect({ address: BENCH_ADDRESS });
const worker = await Worker.create({
  connection,
  namespace: BENCH_NAMESPACE,
  taskQueue: "plain",
  workflowsPath: fileURLToPath(new URL("./workflows.ts", import.meta.url)),
  activities: createActivities(target, BENCH_EXPORTS),
});
process.stdout.write('"ready"\n');
await worker.run();
await connection.close();
