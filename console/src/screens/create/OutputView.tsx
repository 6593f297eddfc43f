import type { ContentDetail, Output } from 'content-catalyst-sdk';
import { isDescription, isIdeas, isScript, isTitles } from '../../content/outputs.ts';
import { DescriptionView } from './DescriptionView.tsx';
import { Proposals } from './Proposals.tsx';
import { ScriptView } from './ScriptView.tsx';

export function OutputView({ piece, output }: { piece: ContentDetail; output: Output }) {
  if (isIdeas(output)) return <Proposals piece={piece} items={output.ideas} />;
  if (isTitles(output)) return <Proposals piece={piece} items={output.titles} />;
  if (isScript(output)) return <ScriptView piece={piece} script={output} />;
  if (isDescription(output)) return <DescriptionView description={output} />;
  return null;
}
