import { Trans, useLingui } from '@lingui/react/macro';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { type FormEvent, useRef, useState } from 'react';
import { Button } from '../../components/Button.tsx';
import { TextField } from '../../components/Field.tsx';
import { Notice } from '../../components/Notice.tsx';
import { type SignInProblems, useSignIn } from '../../session/useSignIn.ts';
import { Entrance } from './Entrance.tsx';

export const SignIn = () => <SignInForm how="in" />;
export const SignUp = () => <SignInForm how="up" />;

function SignInForm({ how }: { how: 'in' | 'up' }) {
  const { t } = useLingui();
  const { next }: { next?: string } = useSearch({ strict: false });
  const navigate = useNavigate();
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const [mailed, setMailed] = useState(false);
  const { busy, problems, setProblems, send } = useSignIn();
  const form = useRef<HTMLFormElement>(null);

  /** Before anything is sent: what is missing. */
  function missing(): SignInProblems {
    if (!email.trim()) return { email: t`Your e-mail address is missing.` };
    if (!password) return { password: t`Your password is missing.` };
    return {};
  }

  async function submit(event: FormEvent) {
    event.preventDefault();
    if (busy) return;
    const found = missing();
    setProblems(found);
    const [first] = Object.keys(found);
    if (first) return form.current?.querySelector<HTMLInputElement>(`[name=${first}]`)?.focus();
    const outcome = await send(how, email.trim(), password);
    if (outcome === 'in') await navigate({ href: next ?? '/dashboard', replace: true });
    if (outcome === 'mail-sent') setMailed(true);
  }

  return (
    <Entrance
      title={how === 'up' ? <Trans>Create your account</Trans> : <Trans>Sign in</Trans>}
      lead={<Trans>See which of your videos did better than usual, and make the next one.</Trans>}
      below={how === 'up' ? <ToSignIn next={next} /> : <ToSignUp next={next} />}
    >
      <form ref={form} className="stack" onSubmit={(event) => void submit(event)} noValidate>
        {mailed ? (
          <Notice tone="good">
            <Trans>Nearly there: open the link in the mail we sent you, then sign in.</Trans>
          </Notice>
        ) : null}
        {problems.all ? <Notice tone="bad">{problems.all}</Notice> : null}
        <TextField label={t`E-mail`} name="email" type="email" autoComplete="username" value={email} error={problems.email} onChange={(event) => setEmail(event.target.value)} />
        <TextField
          label={t`Password`}
          name="password"
          type="password"
          autoComplete={how === 'up' ? 'new-password' : 'current-password'}
          value={password}
          hint={how === 'up' ? t`A long one, with small and capital letters and digits; a password manager makes a good one.` : undefined}
          error={problems.password}
          onChange={(event) => setPassword(event.target.value)}
        />
        <Button type="submit" kind="main" busy={busy}>
          {how === 'up' ? <Trans>Create account</Trans> : <Trans>Sign in</Trans>}
        </Button>
      </form>
    </Entrance>
  );
}

const ToSignIn = ({ next }: { next?: string }) => (
  <p>
    <Trans>
      You have one already? <Link to="/sign-in" search={{ next }}>Sign in</Link>
    </Trans>
  </p>
);

const ToSignUp = ({ next }: { next?: string }) => (
  <>
    <p>
      <Trans>
        New here? <Link to="/sign-up" search={{ next }}>Create an account</Link>
      </Trans>
    </p>
    <p>
      <Link to="/reset">
        <Trans>Forgotten your password?</Trans>
      </Link>
    </p>
  </>
);
