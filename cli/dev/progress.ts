import { remark, styled } from "../terminal.ts";

/** Says what is being done and how long it took; a start that hangs shows where. */
export type Progress = { step<T>(what: string, work: (note: (text: string) => void) => Promise<T>): Promise<T> };

export function createProgress(): Progress {
  return {
    async step(what, work) {
      const startedAt = Date.now();
      let more = "";
      const result = await work((text) => {
        more = ` · ${text}`;
      }).catch((error: unknown) => {
        remark(`${styled("red", "✗", process.stderr)} ${what}`);
        throw error;
      });
      const seconds = ((Date.now() - startedAt) / 1000).toFixed(1);
      remark(`${styled("green", "✓", process.stderr)} ${what}${more} ${styled("dim", `${seconds} s`, process.stderr)}`);
      return result;
    },
  };
}
