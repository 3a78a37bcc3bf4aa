/** What the bundle holds. */
export { privilegedAction } from "./privileged-action.ts";
