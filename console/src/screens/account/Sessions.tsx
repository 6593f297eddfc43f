import { Trans, useLingui } from '@lingui/react/macro';
import { useMutation } from '@tanstack/react-query';
import { Button } from '../../components/Button.tsx';
import { Notice } from '../../components/Notice.tsx';
import { toast } from '../../components/toast.ts';
import { signOutElsewhere, signOutEverywhere } from '../../session/elsewhere.ts';
import { signOut } from '../../session/session.ts';
import styles from './Account.module.css';

export function Sessions() {
  const { t } = useLingui();
  const elsewhere = useMutation({ mutationFn: signOutElsewhere, onSuccess: () => toast(t`You are signed out everywhere else.`) });
  const everywhere = useMutation({ mutationFn: signOutEverywhere });
  const here = useMutation({ mutationFn: signOut });
  return (
    <section className={`card ${styles.section}`} aria-labelledby="sessions">
      <h2 id="sessions">
        <Trans>Sessions</Trans>
      </h2>
      <p className="soft">
        <Trans>Lost a device, or signed in on a foreign one? End the others; what is open there stops within an hour.</Trans>
      </p>
      {elsewhere.isError || everywhere.isError ? (
        <Notice tone="bad">
          <Trans>The sign-in service did not do it. Try again in a moment.</Trans>
        </Notice>
      ) : null}
      <div className="row">
        <Button busy={here.isPending} onClick={() => here.mutate()}>
          <Trans>Sign out here</Trans>
        </Button>
        <Button busy={elsewhere.isPending} onClick={() => elsewhere.mutate()}>
          <Trans>Sign out everywhere else</Trans>
        </Button>
        <Button busy={everywhere.isPending} onClick={() => everywhere.mutate()}>
          <Trans>Sign out everywhere</Trans>
        </Button>
      </div>
    </section>
  );
}
