import { DefaultFailureConverter } from "@temporalio/common";

/**
 * Messages and stack traces of failures go through the payload codec like everything else. Named by
 * path in `dataConverter`, so that client, worker, workflow bundle and replay all load this one.
 */
export const failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true });
