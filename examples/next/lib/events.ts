const kept = globalThis as { received?: Map<string, string> };

/** Events by their `webhook-id`, which comes again when a delivery is repeated. In earnest: a table with a unique column. */
export const received = (kept.received ??= new Map<string, string>());
