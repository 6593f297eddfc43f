import { Trans, useLingui } from '@lingui/react/macro';
import { useMutation } from '@tanstack/react-query';
import type { Endpoint } from 'content-catalyst-sdk';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { Button } from '../../components/Button.tsx';
import { Choice } from '../../components/Field.tsx';
import { Modal } from '../../components/Modal.tsx';
import { ProblemNote } from '../../components/ProblemNote.tsx';

/** Makes a new secret; the old one goes on for a day, or ends at once. */
export function Rotate({ endpoint, onSecret, onClose }: { endpoint: Endpoint; onSecret: (secret: string) => void; onClose: () => void }) {
  const { t } = useLingui();
  const [end, setEnd] = useState<'later' | 'now'>('later');
  const rotate = useMutation({
    mutationFn: async () => (await api.rotateSecret({ path: { id: endpoint.id }, body: { end_old: end === 'now' } })).data,
    onSuccess: ({ secret }) => (secret ? onSecret(secret) : onClose()),
  });
  return (
    <Modal title={<Trans>New secret</Trans>} onClose={onClose}>
      <Choice
        label={<Trans>The old one</Trans>}
        name="old"
        value={end}
        onChoose={setEnd}
        options={[
          { value: 'later', label: t`Goes on for a while`, note: t`Deliveries are signed with both, so that nothing is missed.` },
          { value: 'now', label: t`Ends at once`, note: t`Because somebody else knows it.` },
        ]}
      />
      <ProblemNote error={rotate.error} />
      <div className="row">
        <Button kind="main" busy={rotate.isPending} onClick={() => rotate.mutate()}>
          <Trans>Make a new secret</Trans>
        </Button>
        <Button kind="quiet" onClick={onClose}>
          <Trans>Cancel</Trans>
        </Button>
      </div>
    </Modal>
  );
}
