import { Plural, Trans } from '@lingui/react/macro';
import type { RenderCost } from 'content-catalyst-sdk';

/** What a film has cost, or would. */
export function Credits({ cost }: { cost: RenderCost }) {
  if (cost.credits_used != null) return <Plural value={cost.credits_used} one="# credit" other="# credits" />;
  return (
    <Trans>
      about <Plural value={cost.estimated_credits} one="# credit" other="# credits" />
    </Trans>
  );
}
