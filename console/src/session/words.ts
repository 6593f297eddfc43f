// What the sign-in service refuses, in words.

import { t } from '@lingui/core/macro';
import type { AuthError } from '@supabase/auth-js';

export function wordsOf(error: AuthError): string {
  switch (error.code) {
    case 'invalid_credentials':
      return t`E-mail or password is wrong.`;
    case 'email_not_confirmed':
      return t`Open the link in the mail we sent you first.`;
    case 'user_already_exists':
    case 'email_exists':
      return t`There is an account with this address. Sign in instead.`;
    case 'over_request_rate_limit':
    case 'over_email_send_rate_limit':
      return t`Too many tries. Wait a minute.`;
    default:
      return error.name === 'AuthRetryableFetchError' || !error.message
        ? t`The sign-in service does not answer. Try again in a moment.`
        : error.message;
  }
}
