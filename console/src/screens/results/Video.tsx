import { Trans, useLingui } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import type { VideoDetail } from 'content-catalyst-sdk';
import { videoQuery } from '../../api/video.ts';
import { Asked } from '../../components/Asked.tsx';
import { buttonLook } from '../../components/Button.tsx';
import { Icon } from '../../components/Icon.tsx';
import { PageHeader } from '../../components/PageHeader.tsx';
import { ProblemNote } from '../../components/ProblemNote.tsx';
import { Skeleton } from '../../components/Skeleton.tsx';
import { Thumbnail } from '../../components/Thumbnail.tsx';
import { Growth } from './Growth.tsx';
import { FORMAT_WORDS } from './labels.ts';
import { Numbers } from './Numbers.tsx';
import { Origin } from './Origin.tsx';
import { Peers } from './Peers.tsx';
import { Verdict } from './Verdict.tsx';
import styles from './Video.module.css';

/** One video: how it did, why that is said, and what it was compared with. */
export function Video() {
  const { video: id } = useParams({ from: '/shell/results/$video' });
  const query = useQuery(videoQuery(id));
  return (
    <div className="stack">
      <p>
        <Link to="/results" className={styles.back}>
          <Icon name="back" size={16} /> <Trans>All results</Trans>
        </Link>
      </p>
      {query.isError && !query.data ? <PageHeader title={<Trans>Video</Trans>} /> : null}
      <Asked
        query={query}
        waiting={
          <>
            <PageHeader title={<Trans>Video</Trans>} />
            <Skeleton lines={4} tall />
          </>
        }
      >
        {(video) => (
          <>
            {query.isError ? <ProblemNote error={query.error} again={() => void query.refetch()} /> : null}
            <Shown key={video.id} video={video} />
          </>
        )}
      </Asked>
    </div>
  );
}

function Shown({ video }: { video: VideoDetail }) {
  const { i18n } = useLingui();
  return (
    <>
      <div className={styles.top}>
        <Thumbnail src={video.thumbnail_url} />
        <PageHeader title={video.title} lead={video.format ? i18n._(FORMAT_WORDS[video.format]) : <Trans>Format not known yet</Trans>}>
          {video.gone_at ? null : (
            <a className={buttonLook()} href={`https://www.youtube.com/watch?v=${video.youtube_video_id}`} target="_blank" rel="noreferrer">
              <Trans>On YouTube</Trans> <Icon name="external" size={16} />
            </a>
          )}
        </PageHeader>
      </div>
      <div className={styles.columns}>
        <Verdict video={video} />
        <Numbers video={video} />
      </div>
      <Growth video={video} />
      <Peers video={video} />
      <Origin video={video} />
    </>
  );
}
