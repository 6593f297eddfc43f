// What every function shares: who, how often, errors, headers, one log line for a request.

import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";

import { type Caller, prepare, verify } from "./auth.js";
import { Problem, notFound } from "./problem.js";
import { type Limit, checkRateLimit, isAllowed } from "./rate_limit.js";

export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

export interface Context {
  request: IncomingMessage;
  url: URL;
  caller: Caller;
  requestId: string;
  /** Work that goes on after the answer. */
  background(work: Promise<unknown>): void;
}

export interface Reply {
  status?: number;
  headers?: Record<string, string>;
  body: unknown;
}

export interface Operation {
  id: string;
  method: "GET" | "POST";
  path: RegExp;
  limit: Limit;
  admin?: boolean;
  run(context: Context): Promise<Reply>;
}

const HEADERS = {
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "strict-transport-security": "max-age=63072000; includeSubDomains; preload",
  "referrer-policy": "no-referrer",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
};

export function serve(...operations: Operation[]): Handler {
  void prepare();
  return (request, response) => {
    void answer(operations, request, response);
  };
}

async function answer(operations: Operation[], request: IncomingMessage, response: ServerResponse): Promise<void> {
  const started = performance.now();
  const given = request.headers["x-request-id"];
  const requestId = typeof given === "string" && /^[\w.-]{8,64}$/.test(given) ? given : randomUUID();
  const url = new URL(request.url ?? "/", "http://localhost");
  const operation = operations.find((each) => each.method === request.method && each.path.test(url.pathname));
  let user: string | undefined;
  let reply: Reply;
  let type = "application/json";
  try {
    if (!operation) {
      throw notFound();
    }
    const caller = await verify(request.headers.authorization);
    user = caller.id;
    if (operation.admin && caller.role !== "admin") {
      throw notFound();
    }
    const background = (work: Promise<unknown>) => void work.catch(() => undefined);
    const context: Context = { request, url, caller, requestId, background };
    if (operation.limit === "read" && isAllowed(user)) {
      [, reply] = await Promise.all([checkRateLimit(user, operation.limit), operation.run(context)]);
    } else {
      await checkRateLimit(user, operation.limit);
      reply = await operation.run(context);
    }
  } catch (error) {
    const problem = error instanceof Problem ? error : new Problem(500, "internal", "Something went wrong.");
    reply = { status: problem.status, body: problem.body(requestId) };
    type = "application/problem+json";
  }
  const status = reply.status ?? 200;
  const body = JSON.stringify(reply.body);
  response.writeHead(status, {
    ...HEADERS,
    "content-type": type,
    "content-length": Buffer.byteLength(body),
    "x-request-id": requestId,
    ...reply.headers,
  });
  response.end(body);
  const duration_ms = Math.round(performance.now() - started);
  console.log(
    JSON.stringify({ timestamp: new Date(), level: "INFO", operation: operation?.id, status, duration_ms, requestId, user }),
  );
}

export async function readJson(request: IncomingMessage): Promise<{ text: string; value: unknown }> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    size += piece.length;
    if (size > 65_536) {
      throw new Problem(413, "body_too_large", "The body may have at most 65536 bytes.");
    }
    pieces.push(piece);
  }
  const text = Buffer.concat(pieces).toString("utf8");
  try {
    return { text, value: JSON.parse(text) };
  } catch {
    throw new Problem(400, "invalid_json", "The body must be JSON.");
  }
}
