import { Plural, Trans } from '@lingui/react/macro';
import type { Progress } from '../api/generate.ts';
import { Button } from './Button.tsx';
import styles from './Writing.module.css';

/** How far the model is. */
export function Writing({ progress, stop }: { progress: Progress; stop: () => void }) {
  return (
    <div className={styles.writing}>
      <div role="status" className={styles.words}>
        <span className={styles.stage}>
          {progress.stage === 'started' ? <Trans>Reading what worked on your channel…</Trans> : null}
          {progress.stage === 'writing' ? <Trans>Writing…</Trans> : null}
          {progress.stage === 'repairing' ? <Trans>Putting it into form…</Trans> : null}
          {progress.stage === 'checking' ? <Trans>Checking it against your rules…</Trans> : null}
        </span>
        {progress.characters > 0 ? (
          <span className="soft small number" aria-hidden="true">
            <Plural value={progress.characters} one="# character" other="# characters" />
          </span>
        ) : null}
      </div>
      <div className={styles.bar} aria-hidden="true" />
      <Button size="s" kind="quiet" onClick={stop}>
        <Trans>Stop</Trans>
      </Button>
    </div>
  );
}
