import type { ContentDetail } from 'content-catalyst-sdk';
import { EditDescription } from './EditDescription.tsx';
import { EditList } from './EditList.tsx';
import { EditScript } from './EditScript.tsx';
import { isDescription, isIdeas, isScript, isTitles } from '../../content/outputs.ts';

/** Changes the words; what was written stays as it is, and the changed words become its next version. */
export function Edit({ piece, done }: { piece: ContentDetail; done: () => void }) {
  const { output } = piece;
  if (!output) return null;
  if (isScript(output)) return <EditScript piece={piece} script={output} done={done} />;
  if (isDescription(output)) return <EditDescription piece={piece} description={output} done={done} />;
  if (isIdeas(output)) return <EditList piece={piece} items={output.ideas} form={(ideas) => ({ ideas })} done={done} />;
  if (isTitles(output)) return <EditList piece={piece} items={output.titles} form={(titles) => ({ titles })} done={done} />;
  return null;
}
