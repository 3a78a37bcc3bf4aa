import { CountersignError } from "../../core/errors.ts";
import type { PersonId } from "../../core/principal.ts";
import { sha256 } from "../../crypto/digest.ts";
import { consumeSignInLink } from "../../db/sessions.ts";
import type { ApiContext } from "../context.ts";

/** A link an operator made for one person (db/sessions.ts). It works once; throws SIGN_IN_REFUSED otherwise. */
export async function useSignInCode(context: ApiContext, code: string): Promise<PersonId> {
  const person = await consumeSignInLink(context.database, sha256(code), context.clock());
  if (person === null) throw new CountersignError("SIGN_IN_REFUSED", "Ask an operator for a new link.");
  return person;
}
