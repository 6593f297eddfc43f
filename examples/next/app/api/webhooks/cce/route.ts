import { Webhook } from "standardwebhooks";
import { received } from "@/lib/events";

/** Takes an event when its signature is good: over the raw body, before it is parsed. */
export async function POST(request: Request) {
  const body = await request.text();
  try {
    const event = new Webhook(process.env.CCE_WEBHOOK_SECRET!).verify(body, Object.fromEntries(request.headers)) as { type: string };
    received.set(request.headers.get("webhook-id")!, event.type);
    return new Response(null, { status: 204 });
  } catch {
    return new Response(null, { status: 401 });
  }
}
