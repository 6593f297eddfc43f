import { Trans } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { meQuery } from '../../api/me.ts';
import { Asked } from '../../components/Asked.tsx';
import { Notice } from '../../components/Notice.tsx';
import { PageHeader } from '../../components/PageHeader.tsx';
import { ProblemNote } from '../../components/ProblemNote.tsx';
import { Skeleton } from '../../components/Skeleton.tsx';
import { usePerson } from '../../session/session.ts';
import { Ago } from '../../time/Ago.tsx';
import styles from './Account.module.css';
import { Budgets } from './Budgets.tsx';
import { Data } from './Data.tsx';
import { LanguageChoice } from './LanguageChoice.tsx';
import { Profile } from './Profile.tsx';
import { Programs } from './Programs.tsx';
import { Sessions } from './Sessions.tsx';

export function Account() {
  const query = useQuery(meQuery);
  const { email } = usePerson();
  return (
    <>
      <PageHeader title={<Trans>Account</Trans>} lead={email} />
      <div className="stack">
        <Asked query={query} waiting={<Skeleton lines={5} tall />}>
          {(me) => (
            <>
              {query.isError ? <ProblemNote error={query.error} again={() => void query.refetch()} /> : null}
              {me.erasing_at ? (
                <Notice tone="warn">
                  <Trans>
                    This account is being erased, since <Ago at={me.erasing_at} />. What is left follows by itself.
                  </Trans>
                </Notice>
              ) : null}
              <Budgets me={me} />
              <div className={styles.columns}>
                <Profile me={me} />
                <LanguageChoice />
              </div>
            </>
          )}
        </Asked>
        <Programs />
        <Sessions />
        <Data email={email} />
      </div>
    </>
  );
}
