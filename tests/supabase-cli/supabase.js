import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/** Where the generated types of `public` stand, for front ends that use supabase-js. */
export const committed = here("../../sdk/src/database.types.ts");
export const migrations = here("../../supabase/migrations");

/** Asks the database of DATABASE_URL through the Supabase CLI. Nothing here changes it. */
export function supabase(...words) {
  const target = new URL(process.env.DATABASE_URL);
  target.searchParams.set("sslmode", "disable");
  return execFileSync(
    here("node_modules/@supabase/cli-linux-x64/bin/supabase"),
    [...words, `--remote=${target}`, `--workdir=${here("../..")}`],
    {
      encoding: "utf8",
      env: { ...process.env, SUPABASE_TELEMETRY_DISABLED: "1" },
      stdio: ["ignore", "pipe", "pipe"],
      maxBuffer: 64 * 1024 * 1024,
    },
  );
}

/** The types of `public`, as one who reads it through the Data API needs them. */
export function types() {
  const generated = supabase("gen", "types", "--schema", "public");
  return execFileSync(here("node_modules/.bin/oxfmt"), ["--stdin-filepath", "database.types.ts"], {
    encoding: "utf8",
    input: generated,
  });
}
