import { Trans } from '@lingui/react/macro';
import { useNavigate } from '@tanstack/react-router';
import type { ContentDetail, ContentKind } from 'content-catalyst-sdk';
import { useGeneration } from '../../api/generate.ts';
import { Button } from '../../components/Button.tsx';
import { ProblemNote } from '../../components/ProblemNote.tsx';
import { Writing } from '../../components/Writing.tsx';

/** What can be written next: of a script its titles and description, of anything another version. */
export function Onward({ piece }: { piece: ContentDetail }) {
  const navigate = useNavigate();
  const { progress, error, write, stop } = useGeneration();
  const isUsable = piece.state === 'draft' || piece.state === 'approved';

  async function go(kind: ContentKind, more: { source_id?: string; regenerate?: string }) {
    const content = await write(kind, { channel_id: piece.channel_id, ...more });
    if (content) await navigate({ to: '/content/$id', params: { id: content.id } });
  }

  if (piece.state === 'generating') return null;
  return (
    <section className="card stack" aria-labelledby="onward">
      <h2 id="onward">
        <Trans>Go on</Trans>
      </h2>
      <ProblemNote error={error} />
      {progress ? (
        <Writing progress={progress} stop={stop} />
      ) : (
        <div className="row">
          {piece.kind === 'script' && isUsable ? (
            <>
              <Button onClick={() => void go('description', { source_id: piece.id })}>
                <Trans>Write the description</Trans>
              </Button>
              <Button onClick={() => void go('titles', { source_id: piece.id })}>
                <Trans>Write titles for it</Trans>
              </Button>
            </>
          ) : null}
          <Button onClick={() => void go(piece.kind, { regenerate: piece.id })}>
            <Trans>Write it all anew</Trans>
          </Button>
        </div>
      )}
    </section>
  );
}
