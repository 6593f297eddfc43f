"use client";

import { createBrowserClient } from "@supabase/ssr";
import { Catalyst } from "content-catalyst-sdk";
import { SESSION } from "./supabase";

/** The API straight from the browser, with the session's token. */
export function browserCatalyst() {
  const supabase = createBrowserClient(process.env.NEXT_PUBLIC_SUPABASE_URL!, process.env.NEXT_PUBLIC_SUPABASE_PUBLISHABLE_KEY!, {
    cookieOptions: SESSION,
  });
  return new Catalyst({
    url: process.env.NEXT_PUBLIC_API_URL!,
    token: async (refused) => {
      const { data } = await (refused ? supabase.auth.refreshSession() : supabase.auth.getSession());
      return data.session?.access_token;
    },
  });
}
