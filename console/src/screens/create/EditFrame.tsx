import { Trans, useLingui } from '@lingui/react/macro';
import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import type { ContentDetail, Output } from 'content-catalyst-sdk';
import type { FormEvent, ReactNode } from 'react';
import { cache } from '../../api/cache.ts';
import { api, ifVersion } from '../../api/client.ts';
import { Button } from '../../components/Button.tsx';
import { ProblemNote } from '../../components/ProblemNote.tsx';
import { toast } from '../../components/toast.ts';

interface EditFrameProps {
  piece: ContentDetail;
  output: Output;
  done: () => void;
  forget: () => void;
  children: (error: unknown) => ReactNode;
}

/** Saves changed words as the next version, and goes to it. */
export function EditFrame({ piece, output, done, forget, children }: EditFrameProps) {
  const { t } = useLingui();
  const navigate = useNavigate();
  const save = useMutation({
    mutationFn: async () => (await api.updateContent({ path: { id: piece.id }, headers: ifVersion(piece), body: { output } })).data,
    onSuccess: async (next) => {
      forget();
      toast(t`Saved as version ${next.revision}.`);
      await Promise.all([cache.invalidateQueries({ queryKey: ['piece'] }), cache.invalidateQueries({ queryKey: ['pieces'] })]);
      done();
      await navigate({ to: '/content/$id', params: { id: next.id } });
    },
  });

  function submit(event: FormEvent) {
    event.preventDefault();
    if (!save.isPending) save.mutate();
  }

  return (
    <form className="card stack" onSubmit={submit} noValidate>
      {children(save.error)}
      <ProblemNote error={save.error} />
      <div className="row">
        <Button type="submit" kind="main" busy={save.isPending}>
          <Trans>Save as the next version</Trans>
        </Button>
        <Button
          kind="quiet"
          onClick={() => {
            forget();
            done();
          }}
        >
          <Trans>Discard the changes</Trans>
        </Button>
      </div>
    </form>
  );
}
