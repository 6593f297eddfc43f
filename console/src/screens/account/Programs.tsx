import { Plural, Trans } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { agentsQuery } from '../../api/agents.ts';
import { Asked } from '../../components/Asked.tsx';
import { Badge } from '../../components/Badge.tsx';
import { buttonLook } from '../../components/Button.tsx';
import { Money } from '../../components/Money.tsx';
import { Skeleton } from '../../components/Skeleton.tsx';
import styles from './Account.module.css';

/** The programs that act for the person; the page of their own says more and changes it. */
export function Programs() {
  const query = useQuery(agentsQuery);
  return (
    <section className={`card ${styles.section}`} aria-labelledby="programs">
      <div className="row between">
        <h2 id="programs">
          <Trans>Programs that act for you</Trans>
        </h2>
        <a className={buttonLook('plain', 's')} href="/agents">
          <Trans>See and change them</Trans>
        </a>
      </div>
      <Asked query={query} waiting={<Skeleton lines={1} />}>
        {(agents) =>
          agents.length === 0 ? (
            <p className="soft">
              <Trans>None may spend or publish for you.</Trans>
            </p>
          ) : (
            <ul className={styles.list}>
              {agents.map((agent) => (
                <li key={agent.id} className="row">
                  <code className={styles.id}>{agent.id}</code>
                  {agent.may_spend ? (
                    <Badge tone="warn">
                      <Trans>
                        may spend <Money micros={agent.daily_cost_micros} /> a day
                      </Trans>
                    </Badge>
                  ) : null}
                  {agent.may_publish ? (
                    <Badge tone="warn">
                      <Trans>
                        may publish <Plural value={agent.daily_publications} one="# video" other="# videos" /> a day
                      </Trans>
                    </Badge>
                  ) : null}
                  {!agent.may_spend && !agent.may_publish ? (
                    <Badge>
                      <Trans>reads only</Trans>
                    </Badge>
                  ) : null}
                </li>
              ))}
            </ul>
          )
        }
      </Asked>
    </section>
  );
}
