import { Trans, useLingui } from '@lingui/react/macro';
import { Link, useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { Button } from '../../components/Button.tsx';
import { TextField } from '../../components/Field.tsx';
import { Notice } from '../../components/Notice.tsx';
import { signInService } from '../../session/session.ts';
import { wordsOf } from '../../session/words.ts';
import { Entrance } from './Entrance.tsx';

/** A new password, with six digits that are mailed: typed in, so that nothing secret stands in an address. */
export function Reset() {
  const { t } = useLingui();
  const navigate = useNavigate();
  const [email, setEmail] = useState('');
  const [digits, setDigits] = useState('');
  const [password, setPassword] = useState('');
  const [mailed, setMailed] = useState(false);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();

  async function ask() {
    const { error } = await (await signInService()).resetPasswordForEmail(email.trim());
    if (error) return setProblem(wordsOf(error));
    setMailed(true);
  }

  async function change() {
    const auth = await signInService();
    const verified = await auth.verifyOtp({ email: email.trim(), token: digits.trim(), type: 'recovery' });
    if (verified.error) return setProblem(t`These digits do not hold, or not any more.`);
    const { error } = await auth.updateUser({ password });
    if (error) return setProblem(wordsOf(error));
    await navigate({ to: '/dashboard', replace: true });
  }

  async function submit(event: FormEvent) {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    setProblem(undefined);
    await (mailed ? change() : ask());
    setBusy(false);
  }

  return (
    <Entrance
      title={<Trans>A new password</Trans>}
      below={
        <p>
          <Link to="/sign-in">
            <Trans>Back to the sign-in</Trans>
          </Link>
        </p>
      }
    >
      <form className="stack" onSubmit={(event) => void submit(event)} noValidate>
        {mailed ? (
          <Notice tone="good">
            <Trans>If there is an account with this address, six digits are on their way to it.</Trans>
          </Notice>
        ) : null}
        {problem ? <Notice tone="bad">{problem}</Notice> : null}
        <TextField label={t`E-mail`} type="email" autoComplete="username" value={email} readOnly={mailed} onChange={(event) => setEmail(event.target.value)} />
        {mailed ? (
          <>
            <TextField label={t`Six digits`} inputMode="numeric" autoComplete="one-time-code" autoFocus value={digits} onChange={(event) => setDigits(event.target.value)} />
            <TextField label={t`New password`} type="password" autoComplete="new-password" value={password} onChange={(event) => setPassword(event.target.value)} />
          </>
        ) : null}
        <Button type="submit" kind="main" busy={busy}>
          {mailed ? <Trans>Change the password</Trans> : <Trans>Mail me six digits</Trans>}
        </Button>
      </form>
    </Entrance>
  );
}
