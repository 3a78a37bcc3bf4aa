import { z } from "zod";
import { CountersignError, ERRORS, type ErrorCode } from "../../core/errors.ts";
import { isReasonCode, REASON_CODES } from "../../core/reason-codes.ts";
import type { Api } from "../app.ts";
import { PROBLEMS } from "../contract/answers.ts";
import { CodeView } from "../contract/code.ts";
import { ReasonCodeText } from "../contract/primitives.ts";

/** Where the `type` of a problem leads: public, because it says nothing about anybody. */
export function problemRoutes(app: Api): void {
  app.get("/v1/problems/:code", { schema }, async (req): Promise<CodeView> => {
    const { code } = req.params;
    if (Object.hasOwn(ERRORS, code)) {
      const { status, sentence } = ERRORS[code as ErrorCode];
      return { code, kind: "error", sentence, status, next: null };
    }
    if (!isReasonCode(code)) throw new CountersignError("NOT_FOUND", "");
    const { sentence, status = null, next = null } = REASON_CODES[code];
    return { code, kind: "reason", sentence, status, next };
  });
}

const schema = {
  summary: "What does this code mean?",
  tags: ["problems"],
  params: z.object({ code: ReasonCodeText }),
  response: { 200: CodeView, ...PROBLEMS },
};
