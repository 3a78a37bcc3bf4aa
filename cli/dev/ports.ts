import { createServer } from "node:net";
import { CommandFailure } from "../exit-codes.ts";

export type DevPorts = { api: number; ui: number; temporal: number; postgres: number; slack: number };

export const DEFAULT_PORTS: DevPorts = { api: 8420, ui: 8233, temporal: 7233, postgres: 5439, slack: 8430 };

/** The flag that moves each of them somewhere else. */
export const PORT_FLAGS: { [name in keyof DevPorts]: { flag: string; what: string } } = {
  api: { flag: "--port", what: "the API and its pages" },
  ui: { flag: "--ui-port", what: "Temporal's web interface" },
  temporal: { flag: "--temporal-port", what: "the Temporal server" },
  postgres: { flag: "--postgres-port", what: "PostgreSQL" },
  slack: { flag: "--slack-port", what: "the Slack double" },
};

/** All are asked before anything starts, so that a start that cannot succeed changes nothing. */
export async function requireFreePorts(ports: Partial<DevPorts>): Promise<void> {
  for (const [name, port] of Object.entries(ports) as [keyof DevPorts, number][]) {
    if (await isPortFree(port)) continue;
    const { flag, what } = PORT_FLAGS[name];
    throw new CommandFailure("refused", "PORT_TAKEN", `Port ${port}, meant for ${what}, is taken by another program.`, {
      next: `Stop that program, or choose another port: npm start -- ${flag} ${port + 1}`,
    });
  }
}

/** Can this loopback port be listened on right now? */
export function isPortFree(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EADDRINUSE" || error.code === "EACCES") resolve(false);
      else reject(error);
    });
    server.listen({ port, host: "127.0.0.1", exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/** A loopback port that nobody listens on. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen({ port: 0, host: "127.0.0.1" }, () => {
      const address = server.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}
