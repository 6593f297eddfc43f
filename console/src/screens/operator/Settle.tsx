import { Trans, useLingui } from '@lingui/react/macro';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { Action, StepFailure } from 'content-catalyst-sdk';
import { type FormEvent, useState } from 'react';
import { api } from '../../api/client.ts';
import { failuresQuery, metricsQuery } from '../../api/operator.ts';
import { Button } from '../../components/Button.tsx';
import { TextField } from '../../components/Field.tsx';
import { Modal } from '../../components/Modal.tsx';
import { fieldError, ProblemNote } from '../../components/ProblemNote.tsx';
import { toast } from '../../components/toast.ts';

/** Puts a failed step back to work or closes it; who did it and why is written down. */
export function Settle({ failure, action, onClose }: { failure: StepFailure; action: Action; onClose: () => void }) {
  const { t } = useLingui();
  const cache = useQueryClient();
  const [reason, setReason] = useState('');
  const isRetry = action === 'retry';
  const settle = useMutation({
    mutationFn: () => api.resolveFailure({ body: { id: failure.id, action, reason: reason.trim() || undefined } }),
    onSuccess: async () => {
      await Promise.all([failuresQuery, metricsQuery].map(({ queryKey }) => cache.invalidateQueries({ queryKey })));
      toast(isRetry ? t`It is at work again.` : t`It is closed.`);
      onClose();
    },
  });
  function submit(event: FormEvent) {
    event.preventDefault();
    if (!settle.isPending) settle.mutate();
  }
  return (
    <Modal title={isRetry ? <Trans>Put it back to work?</Trans> : <Trans>Close it for good?</Trans>} onClose={onClose}>
      <form className="stack" onSubmit={submit} noValidate>
        <p>
          <code>{failure.kind}</code>
        </p>
        <p>
          {isRetry ? (
            <Trans>It gets all its attempts again. An upload first looks at what YouTube holds, a render for the paid job: neither is done twice.</Trans>
          ) : (
            <Trans>Nothing more is tried. What it was to do stays undone.</Trans>
          )}
        </p>
        <TextField label={<Trans>Why</Trans>} hint={<Trans>Stands in the log, with your name.</Trans>} error={fieldError(settle.error, '/reason')} value={reason} onChange={(event) => setReason(event.target.value)} />
        <ProblemNote error={settle.error} shownBeside={['/reason']} />
        <div className="row">
          <Button type="submit" kind={isRetry ? 'main' : 'danger'} busy={settle.isPending}>
            {isRetry ? <Trans>Put it back to work</Trans> : <Trans>Close it</Trans>}
          </Button>
          <Button kind="quiet" onClick={onClose}>
            <Trans>Cancel</Trans>
          </Button>
        </div>
      </form>
    </Modal>
  );
}
