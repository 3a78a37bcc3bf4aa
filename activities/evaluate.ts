import type { ActivityContext } from "./context.ts";
import { judge } from "./judge.ts";
import type { LocalActivities } from "./types.ts";

export function createEvaluate(context: ActivityContext): Pick<LocalActivities, "evaluate"> {
  return {
    async evaluate({ submission, description }) {
      const inForce = await context.inForce();
      const judgement = judge(inForce, submission, description, context.now());
      return { ...judgement, configurationVersion: inForce.configuration.version };
    },
  };
}
