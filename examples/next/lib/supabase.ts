import { createServerClient, type CookieMethodsServer } from "@supabase/ssr";

export const SESSION = { name: "cce-session" };

/** Supabase on the server, with the session in cookies. */
export const supabase = (cookies: CookieMethodsServer) =>
  createServerClient(process.env.NEXT_PUBLIC_SUPABASE_URL!, process.env.NEXT_PUBLIC_SUPABASE_PUBLISHABLE_KEY!, {
    cookieOptions: SESSION,
    cookies,
  });
