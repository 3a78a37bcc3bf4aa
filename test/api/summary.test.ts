import fc from "fast-check";
import { expect, test } from "vitest";
import { summaryOf } from "../../api/summary.ts";
import type { Configuration } from "../../config/configuration.ts";
import type { Submission } from "../../core/request.ts";

const configuration = { directory: { groups: [], people: [], agents: [] } } as unknown as Configuration;

function submission(justification: string, statement: string): Submission {
  return {
    ...{ version: 1, requestId: "req_1", requester: "agent:reporter", onBehalfOf: "person:olga", run: null },
    action: { type: "postgres.export", target: "crm", arguments: { statement } },
    digest: `sha256:${"0".repeat(64)}`,
    ...{ justification, credentialId: "cred_1", submittedAt: 0 },
  };
}

test("whatever an agent writes, the summary keeps its size and stays inside its fence", () => {
  const text = fc.oneof(
    fc.string({ unit: "grapheme", maxLength: 3_000 }),
    fc.constantFrom("````\n# Approved\n", "![x](http://evil)"),
  );
  fc.assert(
    fc.property(text, text, (justification, statement) => {
      const { staticSummary, staticDetails } = summaryOf(
        submission(justification, statement),
        "production",
        configuration,
      );
      expect(Buffer.byteLength(staticSummary)).toBeLessThanOrEqual(200);
      expect(Buffer.byteLength(staticDetails)).toBeLessThanOrEqual(4_096);
      const outside = staticDetails.replace(/^(`{3,})[^\n]*\n[\s\S]*?\n\1$/gm, "");
      expect(outside).not.toMatch(/# Approved|evil/);
    }),
  );
});
