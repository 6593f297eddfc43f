import { useLingui } from '@lingui/react/macro';
import { Link } from '@tanstack/react-router';
import type { Upload } from 'content-catalyst-sdk';
import { Button } from 'react-aria-components';
import { needsSomebody } from '../../api/uploads.ts';
import { UploadBadge } from '../../components/UploadBadge.tsx';
import { Moment } from '../../time/Moment.tsx';
import { hereZone, sameClock } from '../../time/zones.ts';
import styles from './Card.module.css';
import { isMovable } from './movable.ts';

/** A publication in the calendar: when, what, and how far it is. */
export function Card({ upload, zone }: { upload: Upload; zone: string }) {
  const { t } = useLingui();
  const here = hereZone();
  return (
    <div className={styles.card} data-urgent={needsSomebody(upload)}>
      <div className={styles.head}>
        <span className={styles.time}>
          <Moment at={upload.publish_at} zone={zone} only="time" />
          {sameClock(upload.publish_at, zone, here) ? null : (
            <span className={styles.here}>
              <Moment at={upload.publish_at} zone={here} only="time" /> {t`here`}
            </span>
          )}
        </span>
        {isMovable(upload) ? (
          <Button slot="drag" className={styles.handle} aria-label={t`Drag ${upload.title}`}>
            ⠿
          </Button>
        ) : null}
      </div>
      <Link to="/calendar" search={(before) => ({ ...before, upload: upload.id })} className={styles.title}>
        {upload.title}
      </Link>
      <UploadBadge upload={upload} />
    </div>
  );
}
