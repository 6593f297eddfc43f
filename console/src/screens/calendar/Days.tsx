import type { CalendarDate } from '@internationalized/date';
import { Trans } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import type { Upload } from 'content-catalyst-sdk';
import type { SeenChannel } from '../../api/channels.ts';
import { slotsQuery } from '../../api/slots.ts';
import { formats } from '../../i18n/i18n.ts';
import { Moment } from '../../time/Moment.tsx';
import { boundsOf, dayIn } from '../../time/zones.ts';
import { DayList } from './DayList.tsx';
import styles from './Days.module.css';
import { useMove } from './useMove.tsx';

interface DaysProps {
  view: 'week' | 'month';
  days: CalendarDate[];
  /** Days of other months are shown faintly. */
  month: number;
  today: CalendarDate;
  uploads: Upload[];
  channel: SeenChannel;
}

const HOUR = 3_600_000;

/** Whole weeks of days, on each what goes out. A video is dragged to another day and keeps its time; its card offers the same in words. */
export function Days({ view, days, month, today, uploads, channel }: DaysProps) {
  const { move, dialogs } = useMove(channel);
  const zone = channel.time_zone;
  const free = useQuery(slotsQuery(channel.id)).data ?? [];
  const weekday = new Intl.DateTimeFormat(formats(), { weekday: 'short', timeZone: 'UTC' });
  const number = new Intl.DateTimeFormat(formats(), { day: 'numeric', month: view === 'week' ? 'short' : undefined, timeZone: 'UTC' });
  const whole = new Intl.DateTimeFormat(formats(), { dateStyle: 'full', timeZone: 'UTC' });
  return (
    <>
      <ol className={`${styles.days} ${styles[view]}`}>
        {days.map((day) => {
          const [from, to] = boundsOf(day, zone);
          const hours = (to - from) / HOUR;
          const date = day.toDate('UTC');
          return (
            <li key={day.toString()} className={styles.day} data-today={day.compare(today) === 0} data-other={view === 'month' && day.month !== month} data-day={day.toString()}>
              <p className={styles.date} aria-hidden="true">
                <span>{weekday.format(date)}</span> <span className={styles.number}>{number.format(date)}</span>
              </p>
              {hours === 24 ? null : (
                <p className={styles.clock}>
                  <Trans>Clocks change: {hours} hours</Trans>
                </p>
              )}
              <DayList
                name={whole.format(date)}
                day={day}
                zone={zone}
                uploads={uploads.filter(({ publish_at }) => dayIn(publish_at, zone).compare(day) === 0)}
                find={(id) => uploads.find((upload) => upload.id === id)}
                move={move}
              />
              {free.filter(({ publish_at }) => dayIn(publish_at, zone).compare(day) === 0).map(({ publish_at }) => (
                <p key={publish_at} className={styles.free}>
                  <Trans>
                    Free at <Moment at={publish_at} zone={zone} only="time" />
                  </Trans>
                </p>
              ))}
            </li>
          );
        })}
      </ol>
      {dialogs}
    </>
  );
}
