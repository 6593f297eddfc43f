function required(name: string): string {
  const value = process.env[name];
  if (!value) {
    throw new Error(`${name} is not set`);
  }
  return value;
}

export const env = {
  supabaseUrl: required("SUPABASE_URL"),
  publishableKey: required("SUPABASE_PUBLISHABLE_KEY"),
  secretKey: required("SUPABASE_SECRET_KEY"),
  appUrl: required("APP_URL"),
  cronSecret: required("CRON_SECRET"),
  rateLimiting: process.env.ENABLE_RATE_LIMITING !== "false",
  requestsPerMinute: Number(process.env.MAX_API_REQUESTS_PER_MINUTE ?? 100),
};
