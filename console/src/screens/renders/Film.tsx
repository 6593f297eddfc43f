import { Trans, useLingui } from '@lingui/react/macro';
import type { Render, VideoFile } from 'content-catalyst-sdk';
import { useState } from 'react';
import { cache } from '../../api/cache.ts';
import { renderQuery } from '../../api/renders.ts';
import { Button } from '../../components/Button.tsx';
import { formats } from '../../i18n/i18n.ts';
import styles from './Film.module.css';

/** The film itself. Its address holds for ten minutes, so it is asked for anew when it does not play. */
export function Film({ render, file }: { render: Render; file: VideoFile }) {
  const { t } = useLingui();
  const [failed, setFailed] = useState<string>();
  const megabytes = new Intl.NumberFormat(formats(), { style: 'unit', unit: 'megabyte', maximumFractionDigits: 1 }).format(file.size_bytes / 1e6);
  if (!file.preview_url) {
    return (
      <p className="soft">
        <Trans>The film cannot be watched here at the moment.</Trans>
      </p>
    );
  }
  return (
    <figure className={styles.film}>
      {failed === file.preview_url ? (
        <div className="card stack">
          <p>
            <Trans>The film does not play.</Trans>
          </p>
          <Button size="s" onClick={() => void cache.invalidateQueries({ queryKey: renderQuery(render.id).queryKey }).then(() => setFailed(undefined))}>
            <Trans>Fetch it again</Trans>
          </Button>
        </div>
      ) : (
        <video key={file.preview_url} className={styles.video} src={file.preview_url} controls playsInline preload="metadata" aria-label={t`The film`} onError={() => setFailed(file.preview_url ?? '')} />
      )}
      <figcaption className="soft small">{megabytes}</figcaption>
    </figure>
  );
}
