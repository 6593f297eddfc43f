import { Trans, useLingui } from '@lingui/react/macro';
import { useMutation } from '@tanstack/react-query';
import type { ContentDetail } from 'content-catalyst-sdk';
import { cache } from '../../api/cache.ts';
import { api, ifVersion } from '../../api/client.ts';
import { Badge } from '../../components/Badge.tsx';
import { Button } from '../../components/Button.tsx';
import { ProblemNote } from '../../components/ProblemNote.tsx';

/** Takes one proposal of several; what is made of them afterwards begins with it. */
export function Choose({ piece, item, title }: { piece: ContentDetail; item: number; title: string }) {
  const { t } = useLingui();
  const choose = useMutation({
    mutationFn: async () =>
      (await api.updateContent({ path: { id: piece.id }, headers: ifVersion(piece), body: { decision: 'approve', item, content_hash: piece.content_hash } })).data,
    onSuccess: () => Promise.all([cache.invalidateQueries({ queryKey: ['piece', piece.id] }), cache.invalidateQueries({ queryKey: ['pieces'] })]),
  });
  if (piece.state === 'approved' && piece.selected === item) {
    return (
      <Badge tone="good">
        <Trans>Chosen</Trans>
      </Badge>
    );
  }
  if (piece.state !== 'draft' && piece.state !== 'approved') return null;
  return (
    <>
      <ProblemNote error={choose.error} />
      <Button size="s" busy={choose.isPending} aria-label={t`Choose ${title}`} onClick={() => choose.mutate()}>
        <Trans>Choose</Trans>
      </Button>
    </>
  );
}
