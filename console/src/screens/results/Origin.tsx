import { Plural, Trans } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { VideoDetail } from 'content-catalyst-sdk';
import { originQuery } from '../../api/origin.ts';
import styles from './Video.module.css';

/** The words and the prompt behind a video that was made here; nothing for all others. */
export function Origin({ video }: { video: VideoDetail }) {
  const made = useQuery(originQuery(video)).data;
  if (!made) return null;
  const { render, text } = made;
  return (
    <section className={`card ${styles.growth}`} aria-labelledby="origin">
      <h2 id="origin">
        <Trans>Made here</Trans>
      </h2>
      {text ? (
        <>
          {text.brief.topic ? (
            <p>
              <Trans>Asked for: {text.brief.topic}</Trans>
            </p>
          ) : null}
          <p className="soft small">
            <Trans>
              Written with {text.model_answered} and the prompt {text.prompt_version}, after <Plural value={text.inspired_by.length} one="# video" other="# videos" /> of the channel.
            </Trans>
          </p>
        </>
      ) : null}
      <p className="row">
        {text ? (
          <Link to="/content/$id" params={{ id: text.id }}>
            <Trans>The script</Trans>
          </Link>
        ) : null}
        <Link to="/renders/$id" params={{ id: render }}>
          <Trans>The film</Trans>
        </Link>
      </p>
    </section>
  );
}
