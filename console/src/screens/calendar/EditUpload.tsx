import { Trans, useLingui } from '@lingui/react/macro';
import { useMutation } from '@tanstack/react-query';
import type { Upload, UploadChanges } from 'content-catalyst-sdk';
import { type FormEvent, useState } from 'react';
import { changeUpload, Conflict } from '../../api/changeUpload.ts';
import { Button } from '../../components/Button.tsx';
import { Check, TextArea, TextField } from '../../components/Field.tsx';
import { fieldError, ProblemNote } from '../../components/ProblemNote.tsx';
import { toast } from '../../components/toast.ts';
import { tagsOf } from '../../forms/tags.ts';
import { useDraft } from '../../forms/useDraft.ts';
import { Category } from '../../uploads/Category.tsx';
import { ConflictModal } from './ConflictModal.tsx';

interface EditUploadProps {
  upload: Upload;
  zone: string;
  done: () => void;
}

/** Changes the words of a publication while nothing of it was sent. */
export function EditUpload({ upload: newest, zone, done }: EditUploadProps) {
  const { t } = useLingui();
  // Whatever becomes of it meanwhile: this is what was seen.
  const [upload] = useState(newest);
  const [draft, setDraft, forget] = useDraft(`upload ${upload.id}`, {
    title: upload.title,
    description: upload.description,
    tags: upload.tags.join(', '),
    category: upload.category_id,
    notify: upload.notify_subscribers,
  });
  const changed = { title: draft.title, description: draft.description, tags: tagsOf(draft.tags), category_id: draft.category || '22', notify_subscribers: draft.notify };
  const save = useMutation({
    mutationFn: (seen: Upload) => changeUpload(seen, { ...changed, description: changed.description || null } satisfies UploadChanges),
    onSuccess: () => {
      forget();
      toast(t`Saved.`);
      done();
    },
  });
  const change = (part: Partial<typeof draft>) => setDraft({ ...draft, ...part });
  const leave = () => {
    forget();
    done();
  };

  function submit(event: FormEvent) {
    event.preventDefault();
    if (!save.isPending) save.mutate(upload);
  }

  return (
    <form className="stack" onSubmit={submit} noValidate>
      <TextField label={t`Title`} value={draft.title} maxLength={100} autoFocus error={fieldError(save.error, '/title')} onChange={(event) => change({ title: event.target.value })} />
      <TextArea label={t`Description`} value={draft.description} maxLength={5000} error={fieldError(save.error, '/description')} onChange={(event) => change({ description: event.target.value })} />
      <TextField label={t`Tags`} hint={t`Between commas`} value={draft.tags} error={fieldError(save.error, '/tags')} onChange={(event) => change({ tags: event.target.value })} />
      <Category value={draft.category} error={fieldError(save.error, '/category_id')} choose={(category) => change({ category })} />
      <Check label={t`Tell subscribers when it is published`} checked={draft.notify} onChange={(event) => change({ notify: event.target.checked })} />
      {save.error instanceof Conflict ? (
        <ConflictModal mine={{ ...upload, ...changed }} conflict={save.error} zone={zone} keepMine={() => save.mutate((save.error as Conflict).theirs)} takeTheirs={leave} close={() => save.reset()} />
      ) : (
        <ProblemNote error={save.error} shownBeside={['/title', '/description', '/tags', '/category_id']} />
      )}
      <div className="row">
        <Button type="submit" kind="main" busy={save.isPending}>
          <Trans>Save</Trans>
        </Button>
        <Button kind="quiet" onClick={leave}>
          <Trans>Discard the changes</Trans>
        </Button>
      </div>
    </form>
  );
}
