import { Trans, useLingui } from '@lingui/react/macro';
import { Button } from '../../components/Button.tsx';
import { TextArea } from '../../components/Field.tsx';
import styles from './Channels.module.css';

/** Texts that end every description, word for word. */
export function Links({ blocks, error, change }: { blocks: string[]; error?: string; change: (blocks: string[]) => void }) {
  const { t } = useLingui();
  return (
    <div className={styles.section}>
      {blocks.map((block, n) => (
        // A block has no identity beside its place.
        <div key={n}>
          <TextArea
            label={t`Links that end every description, block ${n + 1}`}
            error={n === blocks.length - 1 ? error : undefined}
            rows={3}
            value={block}
            onChange={(event) => change(blocks.map((each, at) => (at === n ? event.target.value : each)))}
          />
        </div>
      ))}
      <div className="row">
        <Button size="s" onClick={() => change([...blocks, ''])}>
          <Trans>Add a block of links</Trans>
        </Button>
      </div>
    </div>
  );
}
