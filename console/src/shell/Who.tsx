import { Trans } from '@lingui/react/macro';
import { Button } from '../components/Button.tsx';
import { signOut, usePerson } from '../session/session.ts';
import styles from './Who.module.css';

/** Who is signed in, and the way out. */
export function Who() {
  const { email } = usePerson();
  return (
    <span className={styles.who}>
      <span className={styles.email}>{email}</span>
      <Button size="s" kind="quiet" onClick={() => void signOut()}>
        <Trans>Sign out</Trans>
      </Button>
    </span>
  );
}
