// One process serves one function, as a deployment does: `node dist/server.js videos` loads that route's module and
// nothing of the others. HTTP by Node itself: a framework would only make it slower.

import { createServer } from "node:http";

import type { Handler } from "./operation.js";

const name = process.argv[2] ?? "";
const routes: Record<string, () => Promise<{ default: Handler }>> = {
  videos: () => import("./routes/videos.js"),
  video: () => import("./routes/video.js"),
  schedule: () => import("./routes/schedule.js"),
  metrics: () => import("./routes/metrics.js"),
};
const load = routes[name];
if (!load) {
  throw new Error(`give a function: ${Object.keys(routes).join(", ")}`);
}
const { default: handler } = await load();
const server = createServer({ keepAliveTimeout: 60_000, noDelay: true }, handler);
server.listen(Number(process.env.PORT), "127.0.0.1");
process.once("SIGTERM", () => {
  server.closeAllConnections();
  process.exit(0);
});
