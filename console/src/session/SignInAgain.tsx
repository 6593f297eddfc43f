import { Trans, useLingui } from '@lingui/react/macro';
import { type FormEvent, useState } from 'react';
import { Button } from '../components/Button.tsx';
import { TextField } from '../components/Field.tsx';
import { Modal } from '../components/Modal.tsx';
import { Notice } from '../components/Notice.tsx';
import { signOut } from './session.ts';
import { useSignIn } from './useSignIn.ts';

/** The session is over while somebody works: what is on the screen stays, and goes on afterwards. */
export default function SignInAgain({ email }: { email: string }) {
  const { t } = useLingui();
  const [password, setPassword] = useState('');
  const { busy, problems, send } = useSignIn();

  function submit(event: FormEvent) {
    event.preventDefault();
    if (!busy) void send('in', email, password);
  }

  return (
    <Modal title={<Trans>Your session has ended</Trans>}>
      <form className="stack" onSubmit={submit} noValidate>
        <p className="soft">
          <Trans>Sign in again to go on. Nothing that you have typed is lost.</Trans>
        </p>
        {problems.all ? <Notice tone="bad">{problems.all}</Notice> : null}
        <TextField label={<Trans>E-mail</Trans>} type="email" autoComplete="username" value={email} readOnly />
        <TextField label={t`Password`} type="password" autoComplete="current-password" value={password} autoFocus onChange={(event) => setPassword(event.target.value)} />
        <div className="row">
          <Button type="submit" kind="main" busy={busy}>
            <Trans>Sign in</Trans>
          </Button>
          <Button kind="quiet" onClick={() => void signOut()}>
            <Trans>Sign out</Trans>
          </Button>
        </div>
      </form>
    </Modal>
  );
}
