"use server";

import { redirect } from "next/navigation";
import { serverSupabase } from "@/lib/session";

/** Signs in or up; what went wrong, in words. */
export async function enter(_: string | undefined, form: FormData): Promise<string | undefined> {
  const credentials = { email: String(form.get("email")), password: String(form.get("password")) };
  const { auth } = await serverSupabase();
  const { error } = await (form.get("how") === "up" ? auth.signUp(credentials) : auth.signInWithPassword(credentials));
  if (error) return error.message;
  redirect("/");
}
