// What became of a video, in a word, a tone and a shape: nobody has to tell colours apart.

import type { MessageDescriptor } from '@lingui/core';
import { msg } from '@lingui/core/macro';
import type { Format, Label } from 'content-catalyst-sdk';
import { symbol, symbolCircle, symbolDiamond, symbolSquare, symbolStar, symbolTimes, symbolTriangle, type SymbolType } from 'd3-shape';
import type { Tone } from '../../components/Badge.tsx';

interface Look {
  words: MessageDescriptor;
  tone: Tone;
  shape: SymbolType;
  /** Drawn upside down. */
  down?: boolean;
  hollow?: boolean;
}

export const LOOKS: Record<Label, Look> = {
  outlier: { words: msg`Outlier`, tone: 'good', shape: symbolStar },
  above: { words: msg`Above usual`, tone: 'good', shape: symbolTriangle },
  typical: { words: msg`Usual`, tone: 'calm', shape: symbolCircle },
  below: { words: msg`Below usual`, tone: 'warn', shape: symbolTriangle, down: true },
  provisional: { words: msg`Provisional`, tone: 'plain', shape: symbolDiamond, hollow: true },
  too_recent: { words: msg`Too recent`, tone: 'plain', shape: symbolSquare, hollow: true },
  insufficient_data: { words: msg`Not enough to compare`, tone: 'plain', shape: symbolTimes, hollow: true },
};

/** The outline of a mark around 0, 0; `size` is its area in square pixels. */
export const outline = (label: Label, size: number): string => symbol(LOOKS[label].shape, size)() ?? '';

export const FORMAT_WORDS: Record<Format, MessageDescriptor> = {
  short: msg`Short`,
  long: msg`Long video`,
  live: msg`Live`,
};
