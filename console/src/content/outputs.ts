// The forms that a text can have, told apart by what they hold.

import type { Description, Ideas, Output, Script, Titles } from 'content-catalyst-sdk';

export const isIdeas = (output: Output): output is Ideas => 'ideas' in output;
export const isTitles = (output: Output): output is Titles => 'titles' in output;
export const isScript = (output: Output): output is Script => 'beats' in output;
export const isDescription = (output: Output): output is Description => 'description' in output;

/** A text as lines, to be compared with another version of it. */
export function linesOf(output: Output): string[] {
  if (isIdeas(output)) return output.ideas.flatMap(({ title, angle, why }) => [title, angle, why]);
  if (isTitles(output)) return output.titles.flatMap(({ title, why }) => [title, why]);
  if (isScript(output)) {
    const beats = output.beats.flatMap(({ heading, spoken, visual }) => [heading, spoken, visual]);
    return [output.title, output.hook, ...beats, output.call_to_action];
  }
  if (isDescription(output)) return [...output.description.split('\n'), output.tags.join(', ')];
  return [];
}
