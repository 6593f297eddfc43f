import { useLingui } from '@lingui/react/macro';
import type { Beat, ContentDetail, Script } from 'content-catalyst-sdk';
import { TextArea, TextField } from '../../components/Field.tsx';
import { fieldError } from '../../components/ProblemNote.tsx';
import { useDraft } from '../../forms/useDraft.ts';
import { EditFrame } from './EditFrame.tsx';

export function EditScript({ piece, script, done }: { piece: ContentDetail; script: Script; done: () => void }) {
  const { t } = useLingui();
  const [draft, setDraft, forget] = useDraft<Script>(`edit ${piece.id}`, script);
  const beat = (n: number, changed: Partial<Beat>) => setDraft({ ...draft, beats: draft.beats.map((each, at) => (at === n ? { ...each, ...changed } : each)) });

  return (
    <EditFrame piece={piece} output={draft} done={done} forget={forget}>
      {(error) => (
        <>
          <TextField label={t`Title`} value={draft.title} error={fieldError(error, '/output/title')} onChange={(event) => setDraft({ ...draft, title: event.target.value })} />
          <TextArea label={t`Hook`} value={draft.hook} error={fieldError(error, '/output/hook')} onChange={(event) => setDraft({ ...draft, hook: event.target.value })} />
          {draft.beats.map((each, n) => (
            // A part has no name but its place, which stays.
            <fieldset key={n} className="stack">
              <TextField label={t`Part ${n + 1}`} value={each.heading} error={fieldError(error, `/output/beats/${n}/heading`)} onChange={(event) => beat(n, { heading: event.target.value })} />
              <TextArea label={t`Spoken in part ${n + 1}`} value={each.spoken} error={fieldError(error, `/output/beats/${n}/spoken`)} onChange={(event) => beat(n, { spoken: event.target.value })} />
              <TextArea label={t`Seen in part ${n + 1}`} value={each.visual} error={fieldError(error, `/output/beats/${n}/visual`)} onChange={(event) => beat(n, { visual: event.target.value })} />
            </fieldset>
          ))}
          <TextArea
            label={t`At the end`}
            value={draft.call_to_action}
            error={fieldError(error, '/output/call_to_action')}
            onChange={(event) => setDraft({ ...draft, call_to_action: event.target.value })}
          />
        </>
      )}
    </EditFrame>
  );
}
