import { accessToken } from "@/lib/session";

/** Pipes the events of a generation on as they come, with the token that only the server reads. */
export async function POST(request: Request, { params }: { params: Promise<{ kind: string }> }) {
  const { kind } = await params;
  const headers = new Headers({ "content-type": "application/json", authorization: `Bearer ${await accessToken()}` });
  const key = request.headers.get("idempotency-key");
  if (key) headers.set("idempotency-key", key);
  const answer = await fetch(`${process.env.NEXT_PUBLIC_API_URL}/api/generate/${encodeURIComponent(kind)}/stream`, {
    method: "POST",
    headers,
    body: await request.text(),
    signal: request.signal,
  });
  return new Response(answer.body, { status: answer.status, headers: { "content-type": answer.headers.get("content-type") ?? "text/plain" } });
}
