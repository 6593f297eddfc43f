import { Trans, useLingui } from '@lingui/react/macro';
import styles from './Rate.module.css';

/** One to five stars. */
export function Rate({ value, choose }: { value?: number; choose: (rating: number) => void }) {
  const { t } = useLingui();
  return (
    <fieldset className={styles.rate}>
      <legend className="unseen">
        <Trans>Your rating</Trans>
      </legend>
      {[1, 2, 3, 4, 5].map((stars) => (
        <label key={stars} className={styles.star} data-on={value !== undefined && stars <= value}>
          <input type="radio" name="rating" className="unseen" checked={value === stars} aria-label={t`${stars} of 5`} onChange={() => choose(stars)} />
          <svg width="22" height="22" viewBox="0 0 24 24" aria-hidden="true">
            <path d="M12 3.5l2.6 5.4 5.9.8-4.3 4.1 1 5.9L12 16.9l-5.2 2.8 1-5.9L3.5 9.7l5.9-.8z" />
          </svg>
        </label>
      ))}
    </fieldset>
  );
}
