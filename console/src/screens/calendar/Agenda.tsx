import { Trans } from '@lingui/react/macro';
import { Link } from '@tanstack/react-router';
import type { Upload } from 'content-catalyst-sdk';
import type { SeenChannel } from '../../api/channels.ts';
import { buttonLook } from '../../components/Button.tsx';
import { Empty } from '../../components/Empty.tsx';
import { UploadBadge } from '../../components/UploadBadge.tsx';
import { formats } from '../../i18n/i18n.ts';
import { TwoZones } from '../../time/TwoZones.tsx';
import { dayIn } from '../../time/zones.ts';
import styles from './Agenda.module.css';

/** What goes out, day after day. */
export function Agenda({ uploads, channel }: { uploads: Upload[]; channel: SeenChannel }) {
  const zone = channel.time_zone;
  const whole = new Intl.DateTimeFormat(formats(), { weekday: 'long', day: 'numeric', month: 'long', timeZone: 'UTC' });
  const days = grouped(uploads, ({ publish_at }) => dayIn(publish_at, zone).toString());
  if (days.size === 0) {
    return (
      <Empty
        icon="calendar"
        title={<Trans>Nothing goes out in these weeks</Trans>}
        action={
          <Link to="/renders" className={buttonLook('main')}>
            <Trans>Choose a film</Trans>
          </Link>
        }
      >
        <p>
          <Trans>A film that you have watched is scheduled from its own page.</Trans>
        </p>
      </Empty>
    );
  }
  return (
    <ol className="stack">
      {[...days].map(([day, ofDay]) => (
        <li key={day} className={styles.day}>
          <h3>{whole.format(new Date(`${day}T00:00:00Z`))}</h3>
          <ul className="card">
            {ofDay.map((upload) => (
              <li key={upload.id} className={styles.item}>
                <span className="small">
                  <TwoZones at={upload.publish_at} zone={zone} />
                </span>
                <Link to="/calendar" search={(before) => ({ ...before, upload: upload.id })}>
                  {upload.title}
                </Link>
                <UploadBadge upload={upload} />
              </li>
            ))}
          </ul>
        </li>
      ))}
    </ol>
  );
}

function grouped<T>(items: T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}
