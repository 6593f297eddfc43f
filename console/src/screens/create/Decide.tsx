import { Trans, useLingui } from '@lingui/react/macro';
import { useMutation } from '@tanstack/react-query';
import type { ContentChanges, ContentDetail } from 'content-catalyst-sdk';
import { type FormEvent, useState } from 'react';
import { cache } from '../../api/cache.ts';
import { api, ifVersion } from '../../api/client.ts';
import { Button } from '../../components/Button.tsx';
import { TextArea } from '../../components/Field.tsx';
import { fieldError, ProblemNote } from '../../components/ProblemNote.tsx';
import { toast } from '../../components/toast.ts';
import { Rate } from './Rate.tsx';

/** Approves what was read, bound to its very words, or rejects it with a reason. */
export function Decide({ piece }: { piece: ContentDetail }) {
  const { t } = useLingui();
  const [isRejecting, setIsRejecting] = useState(false);
  const [reason, setReason] = useState('');
  const change = useMutation({
    mutationFn: async (body: ContentChanges) => (await api.updateContent({ path: { id: piece.id }, headers: ifVersion(piece), body })).data,
    onSuccess: async ({ state }) => {
      setIsRejecting(false);
      if (state === 'approved') toast(t`Approved.`);
      if (state === 'rejected') toast(t`Rejected.`);
      await Promise.all([cache.invalidateQueries({ queryKey: ['piece', piece.id] }), cache.invalidateQueries({ queryKey: ['pieces'] })]);
    },
  });
  const isDecidable = ['script', 'description'].includes(piece.kind) && ['draft', 'approved', 'rejected'].includes(piece.state);

  function reject(event: FormEvent) {
    event.preventDefault();
    change.mutate({ decision: 'reject', reason });
  }

  return (
    <div className="stack">
      <ProblemNote error={change.error} shownBeside={['/reason']} />
      <div className="row between">
        {isDecidable && !isRejecting ? (
          <div className="row">
            {piece.state !== 'approved' ? (
              <Button kind="main" busy={change.isPending} onClick={() => change.mutate({ decision: 'approve', content_hash: piece.content_hash })}>
                <Trans>Approve these words</Trans>
              </Button>
            ) : null}
            {piece.state !== 'rejected' ? (
              <Button off={change.isPending} onClick={() => setIsRejecting(true)}>
                <Trans>Reject</Trans>
              </Button>
            ) : null}
          </div>
        ) : (
          <span />
        )}
        <Rate value={piece.rating ?? undefined} choose={(rating) => change.mutate({ rating })} />
      </div>
      {isRejecting ? (
        <form className="card stack" onSubmit={reject} noValidate>
          <TextArea label={t`Why?`} hint={t`The next version is written with this in mind.`} value={reason} maxLength={1000} autoFocus error={fieldError(change.error, '/reason')} onChange={(event) => setReason(event.target.value)} />
          <div className="row">
            <Button type="submit" kind="danger" busy={change.isPending}>
              <Trans>Reject</Trans>
            </Button>
            <Button kind="quiet" onClick={() => setIsRejecting(false)}>
              <Trans>Cancel</Trans>
            </Button>
          </div>
        </form>
      ) : null}
    </div>
  );
}
