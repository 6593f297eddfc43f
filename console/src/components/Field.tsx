import { type InputHTMLAttributes, type ReactNode, type SelectHTMLAttributes, type TextareaHTMLAttributes, useId } from 'react';
import styles from './Field.module.css';

interface Common {
  label: ReactNode;
  /** What is expected, before anything is wrong. */
  hint?: ReactNode;
  /** What is wrong, in the API's words. */
  error?: ReactNode;
}

/** What ties a control to its label, hint and error. */
function useTies(id: string | undefined, hint: ReactNode, error: ReactNode) {
  const made = useId();
  const own = id ?? made;
  const described = [hint ? `${own}-hint` : '', error ? `${own}-error` : ''].filter(Boolean).join(' ');
  return { own, ties: { id: own, 'aria-describedby': described || undefined, 'aria-invalid': error ? true : undefined } };
}

function Frame({ own, label, hint, error, children }: Common & { own: string; children: ReactNode }) {
  return (
    <div className={styles.field}>
      <label className={styles.label} htmlFor={own}>
        {label}
      </label>
      {children}
      {hint ? (
        <p className={styles.hint} id={`${own}-hint`}>
          {hint}
        </p>
      ) : null}
      {error ? (
        <p className={styles.error} id={`${own}-error`}>
          {error}
        </p>
      ) : null}
    </div>
  );
}

export function TextField({ label, hint, error, id, ...input }: Common & InputHTMLAttributes<HTMLInputElement>) {
  const { own, ties } = useTies(id, hint, error);
  return (
    <Frame own={own} label={label} hint={hint} error={error}>
      <input className={styles.control} {...input} {...ties} />
    </Frame>
  );
}

export function TextArea({ label, hint, error, id, ...area }: Common & TextareaHTMLAttributes<HTMLTextAreaElement>) {
  const { own, ties } = useTies(id, hint, error);
  return (
    <Frame own={own} label={label} hint={hint} error={error}>
      <textarea className={`${styles.control} ${styles.area}`} {...area} {...ties} />
    </Frame>
  );
}

export function SelectField({ label, hint, error, id, children, ...select }: Common & SelectHTMLAttributes<HTMLSelectElement>) {
  const { own, ties } = useTies(id, hint, error);
  return (
    <Frame own={own} label={label} hint={hint} error={error}>
      <select className={styles.control} {...select} {...ties}>
        {children}
      </select>
    </Frame>
  );
}

interface ChoiceProps<T extends string> extends Common {
  name: string;
  value: T | undefined;
  options: { value: T; label: ReactNode; note?: ReactNode }[];
  /** One below the other, also where there is room beside it. */
  isList?: boolean;
  onChoose: (value: T) => void;
}

/** One of a few, all of them in sight. */
export function Choice<T extends string>({ label, hint, error, name, value, options, isList, onChoose }: ChoiceProps<T>) {
  const { own, ties } = useTies(undefined, hint, error);
  return (
    <fieldset role="radiogroup" className={styles.field} aria-describedby={ties['aria-describedby']} aria-invalid={ties['aria-invalid']}>
      <legend className={styles.label}>{label}</legend>
      {hint ? (
        <p className={styles.hint} id={`${own}-hint`}>
          {hint}
        </p>
      ) : null}
      <div className={styles.options} data-list={isList}>
        {options.map((option) => (
          <label key={option.value} className={styles.option}>
            <input type="radio" name={name} value={option.value} checked={value === option.value} onChange={() => onChoose(option.value)} />
            <span>
              {option.label}
              {option.note ? <span className={styles.note}>{option.note}</span> : null}
            </span>
          </label>
        ))}
      </div>
      {error ? (
        <p className={styles.error} id={`${own}-error`}>
          {error}
        </p>
      ) : null}
    </fieldset>
  );
}

export function Check({ label, hint, error, id, ...input }: Common & InputHTMLAttributes<HTMLInputElement>) {
  const { own, ties } = useTies(id, hint, error);
  return (
    <div className={styles.field}>
      <label className={styles.option} htmlFor={own}>
        <input type="checkbox" {...input} {...ties} />
        <span>{label}</span>
      </label>
      {hint ? (
        <p className={styles.hint} id={`${own}-hint`}>
          {hint}
        </p>
      ) : null}
      {error ? (
        <p className={styles.error} id={`${own}-error`}>
          {error}
        </p>
      ) : null}
    </div>
  );
}
