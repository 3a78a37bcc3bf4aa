import { record } from "../db/record.ts";
import type { ActivityContext } from "./context.ts";
import type { LocalActivities } from "./types.ts";

/** The only writer of a request's state. */
export function createRecord({ db }: ActivityContext): Pick<LocalActivities, "record"> {
  return { record: (input) => record(db, input) };
}
