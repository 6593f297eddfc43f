import type { CalendarDate } from '@internationalized/date';
import { Trans, useLingui } from '@lingui/react/macro';
import { Link } from '@tanstack/react-router';
import { buttonLook } from '../../components/Button.tsx';
import { Icon } from '../../components/Icon.tsx';
import { formats } from '../../i18n/i18n.ts';
import styles from './Bar.module.css';
import { beside } from './range.ts';
import { VIEWS, type View } from './search.ts';

interface BarProps {
  view: View;
  day: CalendarDate;
  today: CalendarDate;
  first: CalendarDate;
  last: CalendarDate;
  hasViews: boolean;
}

/** What is shown, and the way to what is not. */
export function Bar({ view, day, today, first, last, hasViews }: BarProps) {
  const { t } = useLingui();
  const names: Record<View, string> = { week: t`Week`, month: t`Month`, agenda: t`Agenda` };
  const month = new Intl.DateTimeFormat(formats(), { month: 'long', year: 'numeric', timeZone: 'UTC' });
  const range = new Intl.DateTimeFormat(formats(), { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' });
  const title = view === 'month' ? month.format(day.toDate('UTC')) : range.formatRange(first.toDate('UTC'), last.toDate('UTC'));
  const on = (other: CalendarDate) => ({ to: '/calendar' as const, search: (before: object) => ({ ...before, day: other.toString(), upload: undefined }) });
  return (
    <div className="row between">
      <div className="row">
        <Link {...on(beside(view, day, -1))} className={buttonLook('plain', 's')} aria-label={t`Earlier`}>
          <span className={styles.turned}>
            <Icon name="back" size={16} />
          </span>
        </Link>
        <Link {...on(today)} className={buttonLook('plain', 's')}>
          <Trans>Today</Trans>
        </Link>
        <Link {...on(beside(view, day, 1))} className={buttonLook('plain', 's')} aria-label={t`Later`}>
          <span className={styles.turned}>
            <Icon name="next" size={16} />
          </span>
        </Link>
        <h2 aria-live="polite">{title}</h2>
      </div>
      {hasViews ? (
        <nav aria-label={t`View`} className={styles.views}>
          {VIEWS.map((each) => (
            <Link key={each} to="/calendar" search={(before) => ({ ...before, view: each })} className={styles.view} aria-current={each === view ? 'true' : undefined}>
              {names[each]}
            </Link>
          ))}
        </nav>
      ) : null}
    </div>
  );
}
