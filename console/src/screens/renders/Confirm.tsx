import { Trans } from '@lingui/react/macro';
import { useMutation } from '@tanstack/react-query';
import type { Render } from 'content-catalyst-sdk';
import { cache } from '../../api/cache.ts';
import { api, ifVersion } from '../../api/client.ts';
import { Button } from '../../components/Button.tsx';
import { Notice } from '../../components/Notice.tsx';
import { ProblemNote } from '../../components/ProblemNote.tsx';

/** A film that was recognised by its time alone may be somebody else's. */
export function Confirm({ render }: { render: Render }) {
  const answer = useMutation({
    mutationFn: async (confirmed: boolean) => (await api.updateRender({ path: { id: render.id }, headers: ifVersion(render), body: { confirmed } })).data,
    onSettled: () => Promise.all([cache.invalidateQueries({ queryKey: ['render', render.id] }), cache.invalidateQueries({ queryKey: ['renders'] })]),
  });
  return (
    <Notice tone="warn">
      <p>
        <Trans>The answer to the order was lost, and this film was recognised by its time alone. Is it yours?</Trans>
      </p>
      <ProblemNote error={answer.error} />
      <div className="row">
        <Button kind="main" busy={answer.isPending && answer.variables} onClick={() => answer.mutate(true)}>
          <Trans>Yes, this is my film</Trans>
        </Button>
        <Button kind="danger" busy={answer.isPending && !answer.variables} onClick={() => answer.mutate(false)}>
          <Trans>No, it is another</Trans>
        </Button>
      </div>
    </Notice>
  );
}
