import { useState } from 'react';
import { signInService } from './session.ts';
import { wordsOf } from './words.ts';

/** What is wrong beside a field, or with all of it. */
export interface SignInProblems {
  email?: string;
  password?: string;
  all?: string;
}

type Outcome = 'in' | 'mail-sent' | 'refused';

/** Signs in, or up, with an address and a password. */
export function useSignIn() {
  const [busy, setBusy] = useState(false);
  const [problems, setProblems] = useState<SignInProblems>({});

  async function send(how: 'in' | 'up', email: string, password: string): Promise<Outcome> {
    setBusy(true);
    setProblems({});
    try {
      const auth = await signInService();
      const made = { email, password, options: { emailRedirectTo: `${location.origin}/sign-in` } };
      const { data, error } = how === 'up' ? await auth.signUp(made) : await auth.signInWithPassword({ email, password });
      if (error) {
        setProblems(error.code === 'weak_password' ? { password: error.message } : { all: wordsOf(error) });
        return 'refused';
      }
      return data.session ? 'in' : 'mail-sent';
    } finally {
      setBusy(false);
    }
  }

  return { busy, problems, setProblems, send };
}
