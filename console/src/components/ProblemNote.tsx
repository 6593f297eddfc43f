import { Trans, useLingui } from '@lingui/react/macro';
import { Link } from '@tanstack/react-router';
import { Problem } from 'content-catalyst-sdk';
import { Button } from './Button.tsx';
import { Icon } from './Icon.tsx';
import styles from './ProblemNote.module.css';
import { CURES, TITLES } from './problems.ts';

interface ProblemNoteProps {
  error: unknown;
  /** Asks again; shown where asking again may help. */
  again?: () => void;
  /** Fields whose problems stand beside them already. */
  shownBeside?: readonly string[];
}

/** What went wrong: in a few words, in the API's own sentence, with what helps. */
export function ProblemNote({ error, again, shownBeside = [] }: ProblemNoteProps) {
  const { i18n } = useLingui();
  if (!error) return null;
  if (!(error instanceof Problem)) {
    return (
      <div className={styles.note} role="alert">
        <Icon name="offline" />
        <div className={styles.text}>
          <p className={styles.title}>
            <Trans>The service cannot be reached.</Trans>
          </p>
          <p>
            <Trans>Nothing was lost. Are you online?</Trans>
          </p>
          {again ? <Again again={again} /> : null}
        </div>
      </div>
    );
  }
  const cure = CURES[error.code];
  const elsewhere = error.errors.filter(({ pointer, parameter }) => !shownBeside.includes(pointer ?? parameter ?? ''));
  return (
    <div className={styles.note} role="alert">
      <Icon name="warning" />
      <div className={styles.text}>
        <p className={styles.title}>{i18n._(TITLES[error.code] ?? TITLES.unknown)}</p>
        <p>{error.message}</p>
        {elsewhere.length > 0 ? (
          <ul className={styles.list}>
            {elsewhere.map((each) => (
              <li key={`${each.pointer}${each.parameter}`}>
                <code>{each.pointer ?? each.parameter}</code>: {each.message}
              </li>
            ))}
          </ul>
        ) : null}
        {cure ? <p>{cure.to ? <Link to={cure.to}>{i18n._(cure.words)}</Link> : i18n._(cure.words)}</p> : null}
        {again ? <Again again={again} /> : null}
        {error.requestId && error.status >= 500 ? (
          <p className={styles.id}>
            <Trans>Number of the request:</Trans> <code>{error.requestId}</code>
          </p>
        ) : null}
      </div>
    </div>
  );
}

function Again({ again }: { again: () => void }) {
  return (
    <p>
      <Button size="s" onClick={again}>
        <Trans>Try again</Trans>
      </Button>
    </p>
  );
}

/** What is wrong with one field, in the API's words: `fieldError(error, '/title')`. */
export function fieldError(error: unknown, pointer: string): string | undefined {
  if (!(error instanceof Problem)) return undefined;
  return error.errors.find((each) => each.pointer === pointer || each.parameter === pointer)?.message;
}
