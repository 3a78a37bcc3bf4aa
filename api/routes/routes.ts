import type { Api } from "../app.ts";
import type { ApiContext } from "../context.ts";
import { codecRoutes } from "./codec.ts";
import { configurationRoutes } from "./configuration.ts";
import { eventRoutes } from "./events.ts";
import { explanationRoutes } from "./explanation.ts";
import { freezeRoutes } from "./freezes.ts";
import { healthRoutes } from "./health.ts";
import { meRoutes } from "./me.ts";
import { messageRoutes } from "./messages.ts";
import { problemRoutes } from "./problems.ts";
import { renderRoutes } from "./renders.ts";
import { requestRoutes } from "./requests.ts";
import { resolveRoutes } from "./resolve.ts";

/** Every address for programs, one file a concern. */
export function routes(app: Api, context: ApiContext): void {
  requestRoutes(app, context);
  messageRoutes(app, context);
  resolveRoutes(app, context);
  eventRoutes(app, context);
  explanationRoutes(app, context);
  renderRoutes(app, context);
  freezeRoutes(app, context);
  meRoutes(app, context);
  configurationRoutes(app, context);
  problemRoutes(app);
  codecRoutes(app, context);
  healthRoutes(app, context);
}
