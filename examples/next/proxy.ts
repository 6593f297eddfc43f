import { NextResponse, type NextRequest } from "next/server";
import { supabase } from "@/lib/supabase";

/** Renews the session's cookies when the access token has expired, before anything reads them. */
export async function proxy(request: NextRequest) {
  let response = NextResponse.next({ request });
  await supabase({
    getAll: () => request.cookies.getAll(),
    setAll: (cookies, headers) => {
      for (const { name, value } of cookies) request.cookies.set(name, value);
      response = NextResponse.next({ request });
      for (const { name, value, options } of cookies) response.cookies.set(name, value, options);
      for (const [name, value] of Object.entries(headers)) response.headers.set(name, value);
    },
  }).auth.getClaims();
  return response;
}

export const config = { matcher: ["/((?!_next/|api/webhooks/|favicon.ico).*)"] };
