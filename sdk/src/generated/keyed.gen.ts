// Made by generate.js.

/** The operations that honour an Idempotency-Key. */
export const keyed: ReadonlySet<string> = new Set([
  'POST /api/admin/failures',
  'POST /api/channels/{id}/sync',
  'POST /api/generate/{kind}',
  'POST /api/generate/{kind}/stream',
  'POST /api/schedule',
  'POST /api/schedule/calendar',
  'POST /api/video/render',
  'POST /api/webhooks/deliveries/{id}/replay',
  'POST /api/webhooks/endpoints',
  'POST /api/webhooks/endpoints/{id}/secret',
  'POST /api/webhooks/endpoints/{id}/test',
]);
