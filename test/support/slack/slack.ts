import { type FaultProxy, startFaultProxy } from "./fault-proxy.ts";
import { type LocalSlack, startLocalSlack } from "./local-slack.ts";
import { ACCOUNTS, FLAGS, WORKSPACE } from "./workspace.ts";

export type Transport = "http" | "socket";

export type SlackInput = {
  transport: Transport;
  /** Where the app takes what people do; only for `http`. */
  deliverTo: string | null;
  /** Of the faults' chances. */
  seed?: number;
};

/** Everything that plays Slack in a test. `apiUrl` is the proxy's: the double itself nobody calls. */
export type Slack = Omit<LocalSlack, "apiUrl"> & { apiUrl: string; proxy: FaultProxy; transport: Transport };

/** The double with the proxy in front: calls, private answers and deliveries all pass it, in both transports. */
export async function startSlack({ transport, deliverTo, seed }: SlackInput): Promise<Slack> {
  const workspace = WORKSPACE;
  const proxy = await startFaultProxy({ workspace, deliverTo, ...(seed === undefined ? {} : { seed }) });
  const requestUrl = transport === "http" ? proxy.requestUrl : null;
  const double = await startLocalSlack({ workspace, requestUrl, baseHost: proxy.baseHost });
  proxy.stand(double.url);
  for (const [name, flags] of Object.entries(FLAGS)) {
    proxy.strictness.users.set(ACCOUNTS[name as keyof typeof FLAGS], flags);
  }
  return {
    ...double,
    ...{ apiUrl: proxy.apiUrl, proxy, transport },
    async stop() {
      await proxy.stop();
      await double.stop();
    },
  };
}
