import { Trans } from '@lingui/react/macro';
import { type ReactNode, useEffect, useState } from 'react';
import { Button } from './Button.tsx';

interface CopyButtonProps {
  /** What is copied; asked for when it is wanted. */
  text: string | (() => string | Promise<string>);
  children: ReactNode;
  kind?: 'main' | 'plain' | 'quiet';
}

/** Puts a text into the clipboard, and says so. */
export function CopyButton({ text, children, kind = 'plain' }: CopyButtonProps) {
  const [outcome, setOutcome] = useState<'done' | 'refused'>();
  useEffect(() => {
    if (!outcome) return;
    const timer = setTimeout(() => setOutcome(undefined), 3000);
    return () => clearTimeout(timer);
  }, [outcome]);
  async function copy() {
    try {
      await navigator.clipboard.writeText(typeof text === 'string' ? text : await text());
      setOutcome('done');
    } catch {
      setOutcome('refused');
    }
  }
  return (
    <Button size="s" kind={kind} onClick={() => void copy()}>
      {children}
      <span role="status">
        {outcome === 'done' ? <Trans>: copied</Trans> : null}
        {outcome === 'refused' ? <Trans>: the browser refused</Trans> : null}
      </span>
    </Button>
  );
}
