import { Trans, useLingui } from '@lingui/react/macro';
import { useMutation } from '@tanstack/react-query';
import type { Render } from 'content-catalyst-sdk';
import { useState } from 'react';
import { cache } from '../../api/cache.ts';
import { api } from '../../api/client.ts';
import { isUnderWay } from '../../api/renders.ts';
import { Button } from '../../components/Button.tsx';
import { Modal } from '../../components/Modal.tsx';
import { ProblemNote } from '../../components/ProblemNote.tsx';
import { toast } from '../../components/toast.ts';

/** Ends a film that is under way; what the provider has begun is paid. */
export function Cancel({ render }: { render: Render }) {
  const { t } = useLingui();
  const [asks, setAsks] = useState(false);
  const cancel = useMutation({
    mutationFn: () => api.cancelRender({ path: { id: render.id } }),
    onSuccess: async () => {
      setAsks(false);
      toast(t`The film is cancelled.`);
      await Promise.all([cache.invalidateQueries({ queryKey: ['render', render.id] }), cache.invalidateQueries({ queryKey: ['renders'] })]);
    },
  });
  if (!isUnderWay(render)) return null;
  return (
    <>
      <Button kind="danger" onClick={() => setAsks(true)}>
        <Trans>Cancel</Trans>
      </Button>
      {asks ? (
        <Modal title={<Trans>Cancel this film?</Trans>} onClose={() => setAsks(false)}>
          <p>
            <Trans>What the provider has begun may be charged all the same.</Trans>
          </p>
          <ProblemNote error={cancel.error} />
          <div className="row">
            <Button kind="danger" busy={cancel.isPending} onClick={() => cancel.mutate()}>
              <Trans>Cancel the film</Trans>
            </Button>
            <Button kind="quiet" onClick={() => setAsks(false)}>
              <Trans>Let it go on</Trans>
            </Button>
          </div>
        </Modal>
      ) : null}
    </>
  );
}
