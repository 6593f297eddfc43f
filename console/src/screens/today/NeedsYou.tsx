import { Trans } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { SeenChannel } from '../../api/channels.ts';
import { piecesQuery } from '../../api/content.ts';
import { rendersQuery } from '../../api/renders.ts';
import { uploadsQuery } from '../../api/uploads.ts';
import { buttonLook } from '../../components/Button.tsx';
import { Icon } from '../../components/Icon.tsx';
import { ProblemNote } from '../../components/ProblemNote.tsx';
import { Skeleton } from '../../components/Skeleton.tsx';
import { type Need, needsOf } from './needs.ts';
import styles from './Today.module.css';
import { since } from './window.ts';

/** One list of everything that waits for somebody: what, why, and the one thing to do. */
export function NeedsYou({ channel }: { channel: SeenChannel }) {
  const uploads = useQuery(uploadsQuery(channel.id, since()));
  const renders = useQuery(rendersQuery(channel.id));
  const pieces = useQuery(piecesQuery(channel.id));
  const asked = [uploads, renders, pieces];
  const needs = needsOf(channel, uploads.data ?? [], renders.data ?? [], pieces.data ?? []);
  const failed = asked.find(({ isError, data }) => isError && data === undefined);
  const isWaiting = asked.some(({ isPending }) => isPending);

  return (
    <section className={`card ${styles.section}`} aria-labelledby="needs-you">
      <h2 id="needs-you">
        <Trans>Needs you</Trans>
      </h2>
      {failed ? <ProblemNote error={failed.error} again={() => asked.forEach((each) => void each.refetch())} /> : null}
      {needs.length > 0 ? (
        <ul className={styles.list}>
          {needs.map((need) => (
            <Item key={need.key} need={need} />
          ))}
        </ul>
      ) : isWaiting ? (
        <Skeleton lines={2} />
      ) : failed ? null : (
        <p className={styles.quiet}>
          <Icon name="done" />
          <span>
            <Trans>
              Nothing waits for you. <Link to="/content">Write the next video</Link>?
            </Trans>
          </span>
        </p>
      )}
    </section>
  );
}

function Item({ need }: { need: Need }) {
  return (
    <li className={styles.item}>
      <div className={styles.words}>
        <span className={styles.title}>{need.title}</span>
        <span className="soft small">{need.why}</span>
      </div>
      <Link {...need.link} className={buttonLook(need.isUrgent ? 'main' : 'plain', 's')}>
        {need.action}
      </Link>
    </li>
  );
}
