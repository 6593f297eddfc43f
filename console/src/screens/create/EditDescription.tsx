import { useLingui } from '@lingui/react/macro';
import type { ContentDetail, Description } from 'content-catalyst-sdk';
import { TextArea, TextField } from '../../components/Field.tsx';
import { fieldError } from '../../components/ProblemNote.tsx';
import { tagsOf } from '../../forms/tags.ts';
import { useDraft } from '../../forms/useDraft.ts';
import { EditFrame } from './EditFrame.tsx';

export function EditDescription({ piece, description, done }: { piece: ContentDetail; description: Description; done: () => void }) {
  const { t } = useLingui();
  const [draft, setDraft, forget] = useDraft(`edit ${piece.id}`, { text: description.description, tags: description.tags.join(', ') });
  return (
    <EditFrame piece={piece} output={{ description: draft.text, tags: tagsOf(draft.tags) }} done={done} forget={forget}>
      {(error) => (
        <>
          <TextArea label={t`Description`} value={draft.text} error={fieldError(error, '/output/description')} onChange={(event) => setDraft({ ...draft, text: event.target.value })} />
          <TextField label={t`Tags`} hint={t`Between commas`} value={draft.tags} error={fieldError(error, '/output/tags')} onChange={(event) => setDraft({ ...draft, tags: event.target.value })} />
        </>
      )}
    </EditFrame>
  );
}
