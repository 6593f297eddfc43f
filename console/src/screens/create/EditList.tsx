import { useLingui } from '@lingui/react/macro';
import type { ContentDetail, Idea, Output, Title } from 'content-catalyst-sdk';
import { TextField } from '../../components/Field.tsx';
import { fieldError } from '../../components/ProblemNote.tsx';
import { useDraft } from '../../forms/useDraft.ts';
import { EditFrame } from './EditFrame.tsx';

interface EditListProps<T> {
  piece: ContentDetail;
  items: T[];
  form: (items: T[]) => Output;
  done: () => void;
}

/** The titles of several proposals; what speaks for each stays. */
export function EditList<T extends Idea | Title>({ piece, items, form, done }: EditListProps<T>) {
  const { t } = useLingui();
  const [draft, setDraft, forget] = useDraft(`edit ${piece.id}`, { titles: items.map(({ title }) => title) });
  const output = form(items.map((item, n) => ({ ...item, title: draft.titles[n] ?? item.title })));
  const list = 'ideas' in output ? 'ideas' : 'titles';
  return (
    <EditFrame piece={piece} output={output} done={done} forget={forget}>
      {(error) =>
        items.map((item, n) => (
          <TextField
            key={item.title}
            label={t`Title ${n + 1}`}
            value={draft.titles[n] ?? ''}
            error={fieldError(error, `/output/${list}/${n}/title`)}
            onChange={(event) => setDraft({ titles: draft.titles.map((each, at) => (at === n ? event.target.value : each)) })}
          />
        ))
      }
    </EditFrame>
  );
}
