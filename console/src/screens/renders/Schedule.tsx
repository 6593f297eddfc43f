import { Trans } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ContentDetail, Render } from 'content-catalyst-sdk';
import { channelsQuery } from '../../api/channels.ts';
import { pieceQuery, piecesQuery } from '../../api/content.ts';
import { uploadsQuery } from '../../api/uploads.ts';
import { Notice } from '../../components/Notice.tsx';
import { Skeleton } from '../../components/Skeleton.tsx';
import { UploadBadge } from '../../components/UploadBadge.tsx';
import { isDescription, isTitles } from '../../content/outputs.ts';
import { ScheduleForm } from './ScheduleForm.tsx';

/** Chooses when a film goes out, with the words that were written for it; or says when it does. */
export function Schedule({ render, script }: { render: Render; script?: ContentDetail }) {
  const channel = useQuery(channelsQuery).data?.find(({ id }) => id === render.channel_id);
  const uploads = useQuery(uploadsQuery(render.channel_id, render.created_at));
  const pieces = useQuery(piecesQuery(render.channel_id));
  const written = pieces.data?.find(({ kind, source_id, state }) => kind === 'description' && source_id === script?.id && (state === 'draft' || state === 'approved'));
  const titled = pieces.data?.find(({ kind, source_id, state }) => kind === 'titles' && source_id === script?.id && state === 'approved');
  const titles = useQuery({ ...pieceQuery(titled?.id ?? ''), enabled: titled !== undefined });
  const description = useQuery({ ...pieceQuery(written?.id ?? ''), enabled: written !== undefined });

  const scheduled = uploads.data?.find(({ render_id, state }) => render_id === render.id && !['cancelled', 'failed'].includes(state));
  if (scheduled) {
    return (
      <Notice tone="good">
        <p>
          <Trans>
            This film is in the <Link to="/calendar" search={{ upload: scheduled.id }}>calendar</Link>.
          </Trans>{' '}
          <UploadBadge upload={scheduled} />
        </p>
      </Notice>
    );
  }
  if (!channel || uploads.isPending || pieces.isPending || (written && description.isPending) || (titled && titles.isPending)) return <Skeleton lines={6} />;
  const output = description.data?.output;
  const words = output && isDescription(output) ? output : { description: '', tags: [] };
  const proposals = titles.data?.output;
  const chosen = proposals && isTitles(proposals) ? proposals.titles[titles.data?.selected ?? 0]?.title : undefined;
  return <ScheduleForm render={render} channel={channel} words={{ title: chosen ?? script?.title ?? '', ...words }} />;
}
