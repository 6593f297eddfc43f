import { combineChunks, stringFromBase64URL } from "@supabase/ssr";
import { Catalyst } from "content-catalyst-sdk";
import { cookies } from "next/headers";
import { redirect } from "next/navigation";
import { SESSION, supabase } from "./supabase";

/** Supabase for server components and actions. */
export async function serverSupabase() {
  const store = await cookies();
  return supabase({
    getAll: () => store.getAll(),
    setAll: (changed) => {
      try {
        for (const { name, value, options } of changed) store.set(name, value, options);
      } catch {
        // A server component cannot set cookies; the proxy has.
      }
    },
  });
}

/** The access token of whoever asks, once its signature was checked: a cookie alone proves nothing, and `getSession` believes it. */
export async function accessToken(): Promise<string | undefined> {
  const store = await cookies();
  const cookie = await combineChunks(SESSION.name, (name) => store.get(name)?.value);
  if (!cookie) return undefined;
  const { access_token } = JSON.parse(stringFromBase64URL(cookie.replace(/^base64-/, "")));
  const { data } = await (await serverSupabase()).auth.getClaims(access_token);
  return data ? access_token : undefined;
}

/** The API as whoever asks may use it; who has not signed in is sent to do so. */
export async function catalyst() {
  const token = await accessToken();
  if (!token) redirect("/sign-in");
  return new Catalyst({ url: process.env.NEXT_PUBLIC_API_URL!, token: () => token });
}
