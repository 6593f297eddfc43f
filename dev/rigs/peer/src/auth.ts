import { createRemoteJWKSet, errors, jwtVerify } from "jose";

import { env } from "./env.js";
import { Problem } from "./problem.js";

const issuer = `${env.supabaseUrl}/auth/v1`;
const keys = createRemoteJWKSet(new URL(`${issuer}/.well-known/jwks.json`));

export interface Caller {
  id: string;
  role?: string;
  token: string;
}

/** Fetches the keys while the process starts, so that the first caller need not wait for them. */
export async function prepare(): Promise<void> {
  await keys.reload().catch(() => undefined);
}

export async function verify(authorization: string | undefined): Promise<Caller> {
  const token = /^bearer\s+(\S+)$/i.exec(authorization ?? "")?.[1];
  if (!token) {
    throw new Problem(401, "token_missing", "Send the header Authorization: Bearer <access token>.");
  }
  try {
    const { payload } = await jwtVerify(token, keys, {
      issuer,
      audience: "authenticated",
      algorithms: ["ES256", "RS256"],
      requiredClaims: ["sub", "exp"],
      clockTolerance: 30,
    });
    if (payload.role !== "authenticated") {
      throw new Problem(401, "token_invalid", "The access token is not valid. Sign in again.");
    }
    const metadata = payload.app_metadata as { role?: string } | undefined;
    return { id: payload.sub as string, role: metadata?.role, token };
  } catch (error) {
    if (error instanceof errors.JWTExpired) {
      throw new Problem(401, "token_expired", "The access token has expired. Refresh the session.");
    }
    throw new Problem(401, "token_invalid", "The access token is not valid. Sign in again.");
  }
}
